"""When the worker looks for jobs: at a wake-up, when a job falls due, when a slot is free, and once a second anyway."""

import asyncio
import contextlib
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from atende.core.kernel import DomainError, Unavailable
from atende.core.work.ports import JobWatch
from atende.inbound.jobs.worker import Worker, end

log = structlog.get_logger(__name__)
Line = Callable[[Sequence[int]], Awaitable[None]]


@dataclass(slots=True)
class WorkLoop:
    """Drives one worker. With a `line` (arq on Redis) due jobs are announced there, and it falls back to its own claims
    whenever the line is down; without one it claims by itself, woken by `wake`.
    """

    worker: Worker
    watch: JobWatch
    poll: float = 1.0
    line: Line | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until cancelled."""
        self.worker.on_idle = self.wake.set
        heart = asyncio.create_task(self.worker.beat())
        try:
            while True:
                self.wake.clear()
                try:
                    pause = await self._look()
                except Unavailable as error:
                    log.warning("jobs.unreachable", error=error.detail, cause=repr(error.__cause__))
                    pause = self.poll
                except Exception:  # a worker that looks no more would be there and do nothing
                    log.exception("jobs.look_failed")
                    pause = self.poll
                if pause > 0:
                    with contextlib.suppress(
                        TimeoutError
                    ):  # not wait_for, which in Python 3.11 can swallow a cancellation
                        async with asyncio.timeout(pause):
                            await self.wake.wait()
        finally:
            await end(heart)

    async def _look(self) -> float:
        """Seconds until the next look."""
        if self.line is not None and not self.worker.starved and await self._announce(self.line):
            return await self._until_due()
        if self.worker.free <= 0:
            return self.poll
        started = await self.worker.take()
        if self.worker.free <= 0:  # the next job to end wakes us
            return self.poll
        return 0 if started else await self._until_due()

    async def _announce(self, line: Line) -> bool:
        """False when the line is down: then the worker helps itself."""
        due = await self.watch.due(200)
        if not due:
            return True
        try:
            await line(due)
        except (OSError, TimeoutError, DomainError) as error:
            log.warning("line.down", error=str(error))
            return False
        return True

    async def _until_due(self) -> float:
        due = await self.watch.next_due()
        if due is None or due <= 0:
            return self.poll if due is None else min(self.poll, 0.25)
        return min(self.poll, due)


async def repeat(name: str, work: Callable[[], Awaitable[object]], *, every: float) -> None:
    """Until cancelled: `work` every so many seconds, whatever became of the last time."""
    while True:
        await asyncio.sleep(every)
        try:
            await work()
        except Exception:
            log.exception("repeated_work.failed", work=name)


class Watchdog:
    """Tells when the event loop is held up: its stack after `warn` seconds, the end of the process after `fatal`.

    A worker that cannot beat loses its leases; it must not wake up later and go on as if it had them.
    """

    def __init__(self, *, warn: float = 2.0, fatal: float | None, leave: Callable[[], None]) -> None:
        self._warn, self._fatal, self._leave = warn, fatal, leave
        self._beat, self._warned, self._stop = time.monotonic(), False, threading.Event()
        self.lags: list[float] = []

    async def run(self) -> None:
        """Until cancelled."""
        loop_thread = threading.get_ident()
        thread = threading.Thread(target=self._observe, args=(loop_thread,), name="watchdog", daemon=True)
        thread.start()
        try:
            while True:
                self._beat = time.monotonic()
                await asyncio.sleep(min(0.2, self._warn / 4))
        finally:
            self._stop.set()
            thread.join(1.0)

    def _observe(self, loop_thread: int) -> None:
        while not self._stop.wait(self._warn / 4):
            lag = time.monotonic() - self._beat
            if lag < self._warn:
                self._warned = False
            elif not self._warned:
                self._warned = True
                self.lags.append(lag)
                frame = sys._current_frames().get(loop_thread)  # noqa: SLF001  the one way to see where the loop hangs
                stack = "".join(traceback.format_stack(frame)) if frame else ""
                log.error("loop.blocked", seconds=round(lag, 1), stack=stack)
            if self._fatal is not None and lag > self._fatal:
                log.critical("loop.blocked_too_long", seconds=round(lag, 1))
                self._leave()
                return
