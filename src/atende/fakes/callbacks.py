"""Sends a provider's callbacks: in order per conversation unless a fault changes that, and with the provider's retries."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import aiohttp
import msgspec

from atende.fakes.faults import Faults
from atende.fakes.log import Log

Retry = Callable[[int, str], float | None]
"""Called with the number of the failed attempt (from 1) and its cause (a status, `connect` or `read`). Returns the seconds to wait,
or None to give up.
"""


_GOOD = range(200, 300)
_AT_ONCE = 32
"""Callbacks that are sent at the same time."""


class PendingCallback(msgspec.Struct, kw_only=True):
    """One callback. Callbacks with the same `lane` are sent in order; `about` is logged; a 2xx acknowledges the `ids`.

    `otherwise` is called with the cause when this callback is given up, and returns another one to send instead.
    """

    lane: str
    url: str
    body: bytes
    headers: dict[str, str]
    retry: Retry
    about: dict[str, Any] = {}
    ids: tuple[str, ...] = ()
    timeout: float = 15.0
    otherwise: "Callable[[str], PendingCallback | None] | None" = None


class _Lane:
    def __init__(self) -> None:
        self.last: asyncio.Event | None = None
        self.overtaken: list[asyncio.Event] = []


class CallbackSender:
    def __init__(self, log: Log, faults: Faults) -> None:
        self._log = log
        self._faults = faults
        self._lanes: dict[str, _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: aiohttp.ClientSession | None = None
        self._room = asyncio.Semaphore(_AT_ONCE)
        self.acknowledged: set[str] = set()

    @property
    def busy(self) -> bool:
        return bool(self._tasks)

    def deliver(self, pending: PendingCallback) -> None:
        """Starts the delivery and returns at once."""
        struck = self._faults.strike("callback", pending.url)
        modes = {fault.mode: fault for fault in struck}
        if "drop" in modes:
            self._log.add("dropped", url=pending.url, **pending.about)
            return
        late = sum(fault.seconds for fault in struck if fault.mode == "delay")
        lane = self._lanes.setdefault(pending.lane, _Lane())
        if held := modes.get("reorder"):
            passed = asyncio.Event()
            lane.overtaken.append(passed)
            self._start(self._held(pending, passed, held.seconds, late))
        else:
            before, tried = lane.last, asyncio.Event()
            then, lane.last, lane.overtaken = [tried, *lane.overtaken], tried, []
            self._start(self._in_turn(pending, before, then, late))
        for _ in range(sum(fault.copies for fault in struck if fault.mode == "dup")):
            self._start(self._attempts(pending, late))

    async def close(self) -> None:
        """Cancels all deliveries."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.close()
            self._client = None

    def _start(self, delivery: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(delivery)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._log.add("broken", error=repr(error))
        self._log.touch()

    async def _in_turn(
        self, pending: PendingCallback, before: asyncio.Event | None, then: list[asyncio.Event], late: float
    ) -> None:
        try:
            if before is not None:
                await before.wait()
            await self._attempts(pending, late, then)
        finally:
            _set(then)

    async def _held(self, pending: PendingCallback, passed: asyncio.Event, seconds: float, late: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(passed.wait(), seconds)
        await self._attempts(pending, late)

    async def _attempts(self, pending: PendingCallback, late: float, then: Iterable[asyncio.Event] = ()) -> None:
        """Sends until a 2xx or until the provider gives up; sets `then` after the first attempt."""
        if late:
            await asyncio.sleep(late)
        attempt = 1
        while (why := await self._attempt(pending, attempt)) is not None:
            _set(then)
            wait = pending.retry(attempt, why)
            if wait is None:
                if pending.otherwise and (other := pending.otherwise(why)):
                    await self._attempts(other, 0)
                return
            await asyncio.sleep(wait)
            attempt += 1
        self.acknowledged.update(pending.ids)

    async def _attempt(self, pending: PendingCallback, attempt: int) -> str | None:
        """Sends once. Returns the cause of a failure, or None."""
        if self._client is None:
            self._client = aiohttp.ClientSession(connector=aiohttp.TCPConnector(keepalive_timeout=1))
        try:
            async with (
                self._room,
                self._client.post(
                    pending.url,
                    data=pending.body,
                    headers=pending.headers,
                    timeout=aiohttp.ClientTimeout(total=pending.timeout, connect=pending.timeout),
                    allow_redirects=False,
                ) as response,
            ):
                await response.read()
            why = None if response.status in _GOOD else str(response.status)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL):
            why = "connect"
        except (aiohttp.ClientError, TimeoutError, OSError):
            why = "read"
        self._log.add("callback", url=pending.url, attempt=attempt, failed=why, **pending.about)
        return why


def _set(events: Iterable[asyncio.Event]) -> None:
    for event in events:
        event.set()
