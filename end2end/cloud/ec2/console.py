"""What instances write to their consoles and show on their screens. MiniStack has neither."""

from __future__ import annotations

import base64
import struct
from datetime import datetime

from cloud.ec2.instance import Instance

_WIDTH, _HEIGHT = 640, 400


def output_of(instance: Instance, now: datetime) -> str:
    """The console's text in base64, broken into lines as AWS does."""
    host = instance.id[2:10]
    lines = [
        f"[    0.000000] demo kernel 6.12 on {instance.type}",
        "[    0.412071] console [ttyS0] enabled",
        "[    1.903316] nvme0n1: p1 p128",
        "[\x1b[0;32m  OK  \x1b[0m] Reached the target of local file systems.",
        "[\x1b[0;32m  OK  \x1b[0m] Started the network.",
        # Whoever runs programs there chooses what stands here.
        "\x1b]0;a title\x07<script>alert('console')</script> \x1b[2J\u202ereversed\u202c \x00",
        f"{now:%Y-%m-%d %H:%M:%S} demo-{host} login: ",
    ]
    return base64.encodebytes("\r\n".join(lines).encode()).decode()


def screenshot() -> str:
    """A picture in base64: a dark screen, written as the plainest JPEG there is."""
    return base64.b64encode(_dark_jpeg()).decode()


def _dark_jpeg() -> bytes:
    """One grey for all. The first block tells its brightness, and the others that nothing changes."""
    # Brightness 20 of 255: (20 - 128) * 8 / 8 = -108, which takes seven bits.
    first = "10" + format(127 - 108, "07b") + "0"
    bits = first + "00" * (_WIDTH // 8 * (_HEIGHT // 8) - 1)
    bits += "1" * (-len(bits) % 8)
    data = bytes(int(bits[n : n + 8], 2) for n in range(0, len(bits), 8)).replace(b"\xff", b"\xff\x00")
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xDB, b"\x00" + bytes([8]) + bytes([1]) * 63),
            _segment(0xC0, struct.pack(">BHHB", 8, _HEIGHT, _WIDTH, 1) + b"\x01\x11\x00"),
            # Differences of brightness: none ("0"), or one of seven bits ("10").
            _segment(0xC4, b"\x00" + bytes([1, 1]) + bytes(14) + b"\x00\x07"),
            # Details: none to the end of the block ("0").
            _segment(0xC4, b"\x10" + bytes([1]) + bytes(15) + b"\x00"),
            _segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            data,
            b"\xff\xd9",
        )
    )


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content
