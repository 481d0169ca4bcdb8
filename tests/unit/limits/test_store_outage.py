"""The store of rate limits fails and comes back."""

import asyncio
from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from atende.core.kernel import Unavailable
from atende.core.limits.count_call import CountCall
from atende.core.limits.model import Limit, Verdict
from atende.core.limits.ports import RateLimits
from atende.fakes.ports.clock import FakeClock
from atende.outbound.breaker import BreakerRateLimits
from atende.outbound.local_limits import LocalRateLimits

LIMIT = Limit("address", "203.0.113.7", 100, 60)


class Store(RateLimits):
    """One that can be switched off, and held up."""

    def __init__(self) -> None:
        self.inner = LocalRateLimits(FakeClock())
        self.there, self.asked = True, 0
        self.open = asyncio.Event()
        self.open.set()

    async def hit(self, limits: Sequence[Limit], *, cost: int = 1) -> Verdict:
        self.asked += 1
        await self.open.wait()
        if not self.there:
            raise Unavailable("Redis does not answer")
        return await self.inner.hit(limits, cost=cost)


class Watch:
    """A clock for pauses."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def built() -> tuple[Store, Watch, BreakerRateLimits, CountCall]:
    store, watch = Store(), Watch()
    breaker = BreakerRateLimits(store, name="redis", rest=1.0, monotonic=watch)
    return store, watch, breaker, CountCall(shared=breaker, local=LocalRateLimits(FakeClock()))


async def test_g80_sign_in_waits_for_the_store_and_everything_else_goes_on_under_a_share() -> None:
    store, _, _, count_call = built()
    assert (await count_call([LIMIT], strict=True)).remaining == 99
    store.there = False
    with pytest.raises(Unavailable) as caught:
        await count_call([LIMIT], strict=True)
    assert caught.value.retry_after == 1.0
    verdicts = [await count_call([LIMIT]) for _ in range(30)]
    assert sum(verdict.allowed for verdict in verdicts) == 25
    assert verdicts[0].limit == 25
    tiny = [await count_call([Limit("key", "k", most, 60)]) for most in (0, 1, 2)]
    assert [verdict.limit for verdict in tiny] == [0, 1, 1], "a share is never nothing, and nothing stays nothing"


async def test_g80_a_store_that_is_away_is_left_alone_and_said_once() -> None:
    store, watch, breaker, _ = built()
    store.there = False
    with capture_logs() as logs:
        for _ in range(50):
            with pytest.raises(Unavailable):
                await breaker.hit([LIMIT])
        assert store.asked == 1
        for _ in range(3):
            watch.time += 1.0
            with pytest.raises(Unavailable):
                await breaker.hit([LIMIT])
        assert store.asked == 4
    assert [(line["event"], line["store"]) for line in logs] == [("rate_limits.store_down", "redis")]
    assert breaker.refused == 53


async def test_g80_a_store_that_is_back_is_asked_by_one_first() -> None:
    store, watch, breaker, _ = built()
    store.there = False
    with pytest.raises(Unavailable):
        await breaker.hit([LIMIT])
    watch.time, store.there, store.asked = 1.0, True, 0
    store.open.clear()
    with capture_logs() as logs:
        calls = [asyncio.create_task(breaker.hit([LIMIT])) for _ in range(100)]
        for _ in range(5):
            await asyncio.sleep(0)
        assert store.asked == 1, "the others wait for nobody"
        store.open.set()
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert sum(isinstance(answer, Verdict) for answer in answers) == 1
        assert (await breaker.hit([LIMIT])).allowed
    assert [line["event"] for line in logs] == ["rate_limits.store_back"]
    assert store.asked == 2


async def test_a_probe_that_is_given_up_lets_another_one_through() -> None:
    store, watch, breaker, _ = built()
    store.there = False
    assert not await breaker.look()
    watch.time, store.there = 1.0, True
    store.open.clear()
    probe = asyncio.create_task(breaker.hit([LIMIT]))
    await asyncio.sleep(0)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    store.open.set()
    assert await breaker.look()
    assert (await store.inner.hit([LIMIT], cost=0)).remaining == 100, "looking counts nothing"
