"""MiniStack as a child process: started, watched, and stopped with everything it started.

It gets its own session, and so its own process group: the Lambda workers it spawns are in that
group too, and one signal to the group ends them all, even if MiniStack itself has already died.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from pathlib import Path

import aiohttp

#: MiniStack answers within half a second on an idle machine; a busy one gets time.
START_TIMEOUT = 60.0
STOP_TIMEOUT = 5.0


class MinistackFailed(RuntimeError):
    """MiniStack did not start, or ended by itself."""


class Ministack:
    """One MiniStack process on a loopback port, with its state under ``state_dir``."""

    def __init__(self, port: int, state_dir: Path) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log_path = state_dir / "ministack.log"
        self._state = state_dir / "ministack"
        self._process: asyncio.subprocess.Process | None = None

    def prepare(self) -> Path:
        """Empty the state directory and return the folder for the state files it loads at start."""
        shutil.rmtree(self._state, ignore_errors=True)
        services = self._state / "services"
        services.mkdir(parents=True)
        (self._state / "tmp").mkdir()
        return services

    async def start(self) -> None:
        """Start the process and wait until it answers."""
        with self.log_path.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "cloud.child",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment(),
                start_new_session=True,
            )
        deadline = asyncio.get_running_loop().time() + START_TIMEOUT
        async with aiohttp.ClientSession() as session:
            while not await self._answers(session):
                if self._process.returncode is not None:
                    raise MinistackFailed(self._obituary())
                if asyncio.get_running_loop().time() > deadline:
                    raise MinistackFailed(f"MiniStack did not answer within {START_TIMEOUT:.0f} s")
                await asyncio.sleep(0.05)

    @property
    def pid(self) -> int | None:
        """The process id, once started."""
        return self._process.pid if self._process else None

    async def wait(self) -> str:
        """Wait until the process ends, and say how it did."""
        assert self._process is not None, "wait() needs a started process"
        await self._process.wait()
        return self._obituary()

    async def stop(self) -> None:
        """End the process and whatever it started."""
        process = self._process
        if process is None:
            return
        self._signal_group(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT)
        # Lambda workers may outlive their parent; the group's id stays valid while one lives.
        self._signal_group(signal.SIGKILL)
        await process.wait()

    def _signal_group(self, signum: signal.Signals) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signum)

    async def _answers(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/_ministack/health") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    def _obituary(self) -> str:
        assert self._process is not None
        tail = self.log_path.read_text(errors="replace").splitlines()[-5:]
        return f"MiniStack ended with code {self._process.returncode}\n" + "\n".join(tail)

    def _environment(self) -> dict[str, str]:
        """The child's environment: loopback only, no Docker, state where we put it.

        PERSIST_STATE makes it load the state files that ``seed/state.py`` writes. DOCKER_HOST
        points nowhere, or ECS tasks would become real containers on a machine that has Docker.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return kept | {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._state / "services"),
            "S3_DATA_DIR": str(self._state / "s3"),
            "TMPDIR": str(self._state / "tmp"),
            "DOCKER_HOST": "unix:///nonexistent/docker.sock",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "LOG_LEVEL": kept.get("MINISTACK_LOG_LEVEL", "WARNING"),
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(Path(__file__).parent.parent),
        }
