"""Ports for counting calls."""

from collections.abc import Sequence
from typing import Protocol

from atende.core.limits.model import Limit, Verdict


class RateLimits(Protocol):
    """Counts calls in fixed windows that start at multiples of their length. Refused calls are counted too."""

    async def hit(self, limits: Sequence[Limit], *, cost: int = 1) -> Verdict:
        """Counts a call; with `cost` 0, only checks the limits. Raises Unavailable if the store does not respond."""


class LimitsWatch(Protocol):
    """State of the store of counts. `store`: redis, postgres or memory; `refused`: calls not counted since the start."""

    store: str
    refused: int

    async def look(self) -> bool:
        """Whether it responds."""
