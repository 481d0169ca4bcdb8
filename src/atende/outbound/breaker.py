"""Circuit breakers: a system that is down is left alone for a while, so that callers do not wait for it and it can recover."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import structlog

from atende.core.kernel import Unavailable
from atende.core.limits.model import Limit, Verdict
from atende.core.limits.ports import LimitsWatch, RateLimits

log = structlog.get_logger(__name__)
_PROBE = [Limit("probe", "probe", 1, 60)]


class Open(Unavailable):
    """This system did not respond just now: it is not called for a moment."""


class Breaker:
    """After `failures` in a row, no call passes for `rest` seconds. Then one call tries it, and the others follow if it succeeds.

    An exception counts as a failure if `counts` says so; any other one proves that the system responds.
    """

    def __init__(
        self,
        *,
        failures: int = 1,
        rest: float = 1.0,
        counts: Callable[[Exception], bool] = lambda error: isinstance(error, Unavailable),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures, self._rest, self._counts, self._monotonic = failures, rest, counts, monotonic
        self._failed, self._until, self._probing = 0, 0.0, False

    @property
    def is_open(self) -> bool:
        return self._failed >= self._failures

    @contextmanager
    def call(self) -> Iterator[None]:
        """One call. Raises Open instead of letting it pass."""
        probe = self.is_open
        if probe:
            left = self._until - self._monotonic()
            if self._probing or left > 0:
                raise Open(retry_after=left if left > 0 else self._rest)
            self._probing = True
        try:
            yield
        except Exception as error:
            if self._counts(error):
                self._failed, self._until = self._failed + 1, self._monotonic() + self._rest
            else:
                self._failed = 0
            raise
        else:
            self._failed = 0
        finally:
            if probe:
                self._probing = False


class BreakerRateLimits(RateLimits, LimitsWatch):
    """A store of rate limits behind a breaker that opens at the first failure."""

    def __init__(
        self, store: RateLimits, *, name: str, rest: float = 1.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._rest = store, rest
        self._breaker = Breaker(rest=rest, monotonic=monotonic)
        self.store, self.refused = name, 0

    async def hit(self, limits: Sequence[Limit], *, cost: int = 1) -> Verdict:
        was_open = self._breaker.is_open
        try:
            with self._breaker.call():
                verdict = await self._store.hit(limits, cost=cost)
        except Unavailable as error:
            self.refused += 1
            if not was_open:
                log.warning("rate_limits.store_down", store=self.store, error=error.detail)
            raise Unavailable(
                "calls cannot be counted at the moment: try again in a moment", retry_after=self._rest
            ) from error
        if was_open:
            log.warning("rate_limits.store_back", store=self.store)
        return verdict

    async def look(self) -> bool:
        try:
            await self.hit(_PROBE, cost=0)
        except Unavailable:
            return False
        return True
