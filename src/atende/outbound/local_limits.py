"""Counting calls in the memory of this process."""

from collections.abc import Sequence

from atende.core.kernel import Clock
from atende.core.limits.model import Limit, Verdict
from atende.core.limits.ports import RateLimits
from atende.core.limits.windows import Window, judge, windows

_Count = tuple[int, int]


class LocalRateLimits(RateLimits):
    """Keeps at most `most` counters per type and drops the oldest ones beyond that, so that a flood of one type does not push out
    counters of another.
    """

    def __init__(self, clock: Clock, *, most: int = 100_000) -> None:
        self._clock, self._most = clock, most
        self._counts: dict[str, dict[tuple[str, int], _Count]] = {}

    async def hit(self, limits: Sequence[Limit], *, cost: int = 1) -> Verdict:
        asked = windows(limits, self._clock.now())
        return judge(asked, [self._add(window, cost) for window in asked], cost=cost)

    def _add(self, window: Window, cost: int) -> int:
        kind, *who, seconds = window.counter
        counts, key = self._counts.setdefault(kind, {}), (str(who[0]), seconds)
        number, used = counts.get(key, (window.number, 0))
        if number != window.number:
            used = 0
            counts.pop(key, None)  # to be inserted again at the end, with the newest
        if cost:
            counts[key] = (window.number, used + cost)
            if len(counts) > self._most:
                del counts[next(iter(counts))]
        return used + cost
