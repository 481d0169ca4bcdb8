"""The one cache with a time to live."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class TtlCache(Generic[K, V]):
    """Values for `seconds` from the moment they were asked for; callers who ask for the same key meanwhile share one load.

    A load that raises is not kept. With 0 seconds nothing is. The key that was loaded longest ago goes when there are more than
    `size`. `clock`: seconds that only move forward, such as `time.monotonic`.
    """

    def __init__(self, seconds: float, clock: Callable[[], float], *, size: int = 10_000) -> None:
        self._seconds, self._clock, self._size = seconds, clock, size
        self._entries: OrderedDict[K, tuple[float, asyncio.Future[V]]] = OrderedDict()

    async def get(self, key: K, load: Callable[[], Awaitable[V]]) -> V:
        """The value of the key, loaded if there is none or it is too old. Raises what `load` raises."""
        if self._seconds <= 0:
            return await load()
        now = self._clock()
        asked_at, value = self._entries.get(key, (0.0, None))
        if value is None or now >= asked_at + self._seconds:
            value = self._start(key, load, now)
        if value.done():
            return value.result()
        # Not cancelled together with one of those who wait: the others need it too.
        return await asyncio.shield(value)

    def peek(self, key: K) -> V | None:
        """The value of the key if it was loaded, however old."""
        _, value = self._entries.get(key, (0.0, None))
        return value.result() if value is not None and value.done() and not value.cancelled() else None

    def forget(self, key: K) -> None:
        """The next call loads it again."""
        self._entries.pop(key, None)

    def _start(self, key: K, load: Callable[[], Awaitable[V]], now: float) -> "asyncio.Future[V]":
        value = asyncio.ensure_future(load())
        self._entries[key] = (now, value)
        self._entries.move_to_end(key)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)
        value.add_done_callback(lambda done: self._drop_failed(key, done))
        return value

    def _drop_failed(self, key: K, done: "asyncio.Future[V]") -> None:
        if done.cancelled() or done.exception() is not None:
            _, value = self._entries.get(key, (0.0, None))
            if value is done:
                del self._entries[key]
