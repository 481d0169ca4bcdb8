"""A circuit breaker for a store of rate limits."""

import time
from collections.abc import Callable, Sequence

import structlog

from atende.core.kernel import Unavailable
from atende.core.limits.model import Limit, Verdict
from atende.core.limits.ports import LimitsWatch, RateLimits

log = structlog.get_logger(__name__)
_PROBE = [Limit("probe", "probe", 1, 60)]


class BreakerRateLimits(RateLimits, LimitsWatch):
    """After a failure, no call reaches the store for `rest` seconds. Then one call tries it, and the others follow if it succeeds.

    So calls do not wait for an unavailable store, and a store that recovers is not flooded.
    """

    def __init__(
        self, store: RateLimits, *, name: str, rest: float = 1.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._rest, self._monotonic = store, rest, monotonic
        self._until: float | None = None
        self._probing = False
        self.store, self.refused = name, 0

    async def hit(self, limits: Sequence[Limit], *, cost: int = 1) -> Verdict:
        probe = self._until is not None
        if self._until is not None:
            if self._probing or self._monotonic() < self._until:
                self.refused += 1
                raise self._away()
            self._probing = True
        try:
            verdict = await self._store.hit(limits, cost=cost)
        except Unavailable as error:
            self._trip(error)
            raise self._away() from error
        finally:
            if probe:
                self._probing = False
        self._mend()
        return verdict

    async def look(self) -> bool:
        try:
            await self.hit(_PROBE, cost=0)
        except Unavailable:
            return False
        return True

    def _away(self) -> Unavailable:
        return Unavailable("calls cannot be counted at the moment: try again in a moment", retry_after=self._rest)

    def _trip(self, error: Unavailable) -> None:
        if self._until is None:
            log.warning("rate_limits.store_down", store=self.store, error=error.detail)
        self.refused += 1
        self._until = self._monotonic() + self._rest

    def _mend(self) -> None:
        if self._until is not None:
            log.warning("rate_limits.store_back", store=self.store)
        self._until = None
