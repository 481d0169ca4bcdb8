"""Makes a provider's callbacks: in order for each conversation unless a fault says otherwise, retried as the provider does."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import httpx
import msgspec

from atende.fakes.faults import Faults
from atende.fakes.log import Log

Retry = Callable[[int, str], float | None]
"""Seconds to wait after the n-th failed attempt (from 1); None gives up. Why it failed: a status, `connect` or `read`."""


_AT_ONCE = 32
"""Callbacks under way together: the provider is large, the client that plays it is not."""


class PendingCallback(msgspec.Struct, kw_only=True):
    """One callback. `lane` is what it is ordered within; `about` goes to the log; `ids` count as acknowledged by a 2xx.

    `otherwise` gives what is delivered instead, once this one is given up for the reason given.
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
        self._client: httpx.AsyncClient | None = None
        self._room = asyncio.Semaphore(_AT_ONCE)
        self.acknowledged: set[str] = set()

    @property
    def busy(self) -> bool:
        return bool(self._tasks)

    def deliver(self, parcel: PendingCallback) -> None:
        """Begins the delivery and returns."""
        struck = self._faults.strike("callback", parcel.url)
        modes = {fault.mode: fault for fault in struck}
        if "drop" in modes:
            self._log.add("dropped", url=parcel.url, **parcel.about)
            return
        late = sum(fault.seconds for fault in struck if fault.mode == "delay")
        lane = self._lanes.setdefault(parcel.lane, _Lane())
        if held := modes.get("reorder"):
            passed = asyncio.Event()
            lane.overtaken.append(passed)
            self._start(self._held(parcel, passed, held.seconds, late))
        else:
            before, tried = lane.last, asyncio.Event()
            then, lane.last, lane.overtaken = [tried, *lane.overtaken], tried, []
            self._start(self._in_turn(parcel, before, then, late))
        for _ in range(sum(fault.copies for fault in struck if fault.mode == "dup")):
            self._start(self._attempts(parcel, late))

    async def close(self) -> None:
        """Ends every delivery, done or not."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
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
        self, parcel: PendingCallback, before: asyncio.Event | None, then: list[asyncio.Event], late: float
    ) -> None:
        try:
            if before is not None:
                await before.wait()
            await self._attempts(parcel, late, then)
        finally:
            _set(then)

    async def _held(self, parcel: PendingCallback, passed: asyncio.Event, seconds: float, late: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(passed.wait(), seconds)
        await self._attempts(parcel, late)

    async def _attempts(self, parcel: PendingCallback, late: float, then: Iterable[asyncio.Event] = ()) -> None:
        """Until a 2xx or the provider gives up; `then` is set after the first attempt."""
        if late:
            await asyncio.sleep(late)
        attempt = 1
        while (why := await self._attempt(parcel, attempt)) is not None:
            _set(then)
            wait = parcel.retry(attempt, why)
            if wait is None:
                if parcel.otherwise and (other := parcel.otherwise(why)):
                    await self._attempts(other, 0)
                return
            await asyncio.sleep(wait)
            attempt += 1
        self.acknowledged.update(parcel.ids)

    async def _attempt(self, parcel: PendingCallback, attempt: int) -> str | None:
        """Why it failed, or None."""
        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False, limits=httpx.Limits(keepalive_expiry=1))
        try:
            async with self._room:
                response = await self._client.post(
                    parcel.url, content=parcel.body, headers=parcel.headers, timeout=parcel.timeout
                )
            why = None if response.is_success else str(response.status_code)
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.InvalidURL,
            httpx.UnsupportedProtocol,
        ):
            why = "connect"
        except httpx.HTTPError:
            why = "read"
        self._log.add("callback", url=parcel.url, attempt=attempt, failed=why, **parcel.about)
        return why


def _set(events: Iterable[asyncio.Event]) -> None:
    for event in events:
        event.set()
