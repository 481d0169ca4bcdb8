"""Keeping to how often a provider may be called. Each process keeps its own count: with several, give each its share."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable


class Throttle:
    """At most `most` calls in any stretch of `seconds`."""

    def __init__(
        self,
        most: int,
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._most, self._seconds, self._clock, self._sleep = most, seconds, clock, sleep
        self._calls: deque[float] = deque()
        self._queue = asyncio.Lock()

    def left(self) -> float:
        """Seconds until the next call may be made; 0 when it may be made now."""
        now = self._clock()
        while self._calls and self._calls[0] <= now - self._seconds:
            self._calls.popleft()
        return 0.0 if len(self._calls) < self._most else self._calls[0] + self._seconds - now

    def take(self) -> bool:
        """Counts a call if it may be made now."""
        if self.left() > 0:
            return False
        self._calls.append(self._clock())
        return True

    async def turn(self) -> None:
        """Waits until a call may be made, first come first served, and counts it."""
        async with self._queue:
            while not self.take():
                await self._sleep(self.left())
