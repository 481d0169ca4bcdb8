"""Where calls are counted: Redis, the database, or this process."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import structlog
from dishka import AsyncContainer, Provider, Scope, provide

from atende.core.kernel import Clock, DomainError
from atende.core.limits.count_call import CountCall
from atende.core.limits.policy import PlanRates, RatePolicy
from atende.core.limits.ports import LimitsWatch, RateLimits
from atende.main.settings import Settings
from atende.outbound.breaker import BreakerRateLimits
from atende.outbound.local_limits import LocalRateLimits
from atende.outbound.postgres.limits import PostgresRateLimits

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Store:
    """Where the counts are, as it is."""

    limits: RateLimits


class RateLimitProvider(Provider):
    """What asks for `RateLimits` is kept from waiting for a store that is away."""

    scope = Scope.APP

    def __init__(self, name: str) -> None:
        super().__init__()
        self._store = name

    @provide
    def breaker(self, store: Store) -> BreakerRateLimits:
        return BreakerRateLimits(store.limits, name=self._store)

    @provide
    def limits(self, breaker: BreakerRateLimits) -> RateLimits:
        return breaker

    @provide
    def watch(self, breaker: BreakerRateLimits) -> LimitsWatch:
        return breaker

    @provide
    def count_call(self, limits: RateLimits, clock: Clock) -> CountCall:
        return CountCall(shared=limits, local=LocalRateLimits(clock))


class InMemory(Provider):
    @provide(scope=Scope.APP)
    def store(self, clock: Clock) -> Store:
        return Store(LocalRateLimits(clock))


class InPostgres(Provider):
    @provide(scope=Scope.APP)
    def store(self, counts: PostgresRateLimits) -> Store:
        return Store(counts)


class InRedis(Provider):
    @provide(scope=Scope.APP)
    async def store(self, settings: Settings, clock: Clock) -> AsyncIterator[Store]:
        from atende.outbound.redis_limits import RedisRateLimits

        made = RedisRateLimits(settings.redis_url, clock)
        yield Store(made)
        await made.close()


def rate_limit_providers(settings: Settings) -> tuple[Provider, ...]:
    """The providers for what these settings say."""
    stores: dict[str, type[Provider]] = {"memory": InMemory, "postgres": InPostgres, "redis": InRedis}
    return RateLimitProvider(settings.limits_store), stores[settings.limits_store]()


async def forget_old_counts(container: AsyncContainer, settings: Settings, *, every: float = 3600.0) -> None:
    """Until cancelled, where counts are rows: those of windows that ended a day ago are removed."""
    if settings.limits_store != "postgres":
        return
    store = await container.get(PostgresRateLimits)
    while True:
        try:
            await store.forget_old()
        except DomainError as error:
            log.warning("rate_limits.kept", error=error.detail)
        await asyncio.sleep(every)


def rate_policy(settings: Settings) -> RatePolicy:
    return RatePolicy(
        strangers=settings.rate_limit_max,
        stranger_seconds=settings.rate_limit_ttl,
        keys=settings.api_key_rate_limit,
        people=settings.user_rate_limit,
        plans=PlanRates(settings.plan_rates),
    )
