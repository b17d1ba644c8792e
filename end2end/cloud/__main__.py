"""``python -m cloud serve``: the demo cloud from the command line."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from datetime import date
from pathlib import Path

from cloud.server import Settings, serve


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and run."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="cloud: %(levelname)s %(message)s")
    settings = Settings(
        port=options.port,
        ministack_port=options.ministack_port,
        size=options.size,
        state_dir=options.state_dir,
        seed_date=options.seed_date,
        transition_seconds=options.transition_seconds,
        heartbeat=options.heartbeat,
    )
    return asyncio.run(serve(settings))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m cloud", description="A local AWS to build and test nephoscope on."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "serve",
        help="start MiniStack, seed it and serve the front on 127.0.0.1",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    command.add_argument("--port", type=_port, default=8466, help="port of the front: the AWS endpoint")
    command.add_argument("--ministack-port", type=_port, default=8467, help="port of MiniStack behind it")
    command.add_argument("--size", choices=("demo", "bench"), default="demo", help="40 or 5,000 instances")
    command.add_argument(
        "--state-dir", type=Path, required=True, help="scratch folder; emptied at each start"
    )
    command.add_argument(
        "--seed-date", type=date.fromisoformat, help="pin the estate's and the bills' calendar (YYYY-MM-DD)"
    )
    command.add_argument(
        "--transition-seconds", type=float, default=3.0, help="how long pending, stopping and the like last"
    )
    command.add_argument(
        "--heartbeat",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="go on writing logs and metrics",
    )
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{port} is not a port")
    return port


if __name__ == "__main__":
    sys.exit(main())
