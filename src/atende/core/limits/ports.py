"""Where calls are counted."""

from collections.abc import Sequence
from typing import Protocol

from atende.core.limits.model import Limit, Verdict


class RateLimits(Protocol):
    """Fixed windows, cut where the time divides by their length. What is refused is counted too."""

    async def hit(self, limits: Sequence[Limit], *, cost: int = 1) -> Verdict:
        """Counts the call; with `cost` 0 it only looks. Raises Unavailable when the store does not answer."""


class LimitsWatch(Protocol):
    """How the store of counts is. `store`: redis, postgres or memory; `refused`: hits that it did not count, since the start."""

    store: str
    refused: int

    async def look(self) -> bool:
        """Whether it answers."""
