"""Limiting how often a provider is called. Each process counts separately: with several, give each a share of the limit."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable


class Throttle:
    """At most `most` calls in any period of `seconds`."""

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
        """Seconds until the next call is allowed; 0 if it is allowed now."""
        now = self._clock()
        while self._calls and self._calls[0] <= now - self._seconds:
            self._calls.popleft()
        return 0.0 if len(self._calls) < self._most else self._calls[0] + self._seconds - now

    def take(self) -> bool:
        """Counts a call if it is allowed now."""
        if self.left() > 0:
            return False
        self._calls.append(self._clock())
        return True

    async def turn(self) -> None:
        """Waits until a call is allowed, first come first served, and counts it."""
        async with self._queue:
            while not self.take():
                await self._sleep(self.left())
