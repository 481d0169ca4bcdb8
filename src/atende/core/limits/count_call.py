"""Counting a call, also while the shared store is unavailable."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from atende.core.kernel import Unavailable
from atende.core.limits.model import Limit, Verdict
from atende.core.limits.ports import RateLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class CountCall:
    """Counts a call in the store that all processes share.

    While that store is unavailable, `strict` calls (signing in) are refused. All other calls are counted in this process only,
    with a `share` of each limit.
    """

    shared: RateLimits
    local: RateLimits
    share: float = 0.25

    async def __call__(self, limits: Sequence[Limit], *, strict: bool = False, cost: int = 1) -> Verdict:
        """Raises Unavailable for a strict call that cannot be counted."""
        try:
            return await self.shared.hit(limits, cost=cost)
        except Unavailable:
            if strict:
                raise
        return await self.local.hit([self._part(limit) for limit in limits], cost=cost)

    def _part(self, limit: Limit) -> Limit:
        return replace(limit, most=min(limit.most, max(1, int(limit.most * self.share))))
