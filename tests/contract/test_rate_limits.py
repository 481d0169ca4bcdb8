"""Counting calls: fixed windows, exact under any concurrency, the same in memory, in PostgreSQL and in Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
import pytest_asyncio

from atende.core.kernel import Unavailable
from atende.core.limits.model import Limit, Verdict
from atende.core.limits.ports import RateLimits
from atende.fakes.ports.clock import FakeClock
from atende.outbound.local_limits import LocalRateLimits
from atende.outbound.postgres.limits import PostgresRateLimits
from atende.outbound.redis_limits import RedisRateLimits
from tests.bench.redis_process import find_redis, redis_server
from tests.databases import Databases

REDIS = find_redis()
STORES = ["memory", "postgres", *(["redis"] if REDIS else [])]
NOON = datetime(2026, 3, 1, 12, 0, 20, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Store:
    name: str
    limits: RateLimits
    clock: FakeClock
    counters: Callable[[], Awaitable[int]]


@pytest_asyncio.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, databases: Databases) -> AsyncIterator[Store]:
    clock = FakeClock(NOON)
    async with AsyncExitStack() as stack:
        if request.param == "memory":
            yield _in_memory(clock)
        elif request.param == "postgres":
            urls = await stack.enter_async_context(databases.one())
            pool = await stack.enter_async_context(asyncpg.create_pool(urls.app, min_size=0, max_size=10))
            yield _in_postgres(pool, clock)
        else:
            assert REDIS is not None
            url = await stack.enter_async_context(redis_server(REDIS))
            made = RedisRateLimits(url, clock, patience=10.0)
            stack.push_async_callback(made.close)
            yield _in_redis(made, clock, url)


def _in_memory(clock: FakeClock) -> Store:
    made = LocalRateLimits(clock)

    async def counters() -> int:
        return sum(map(len, made._counts.values()))

    return Store("memory", made, clock, counters)


def _in_postgres(pool: "asyncpg.Pool[asyncpg.Record]", clock: FakeClock) -> Store:
    async def counters() -> int:
        return int(await pool.fetchval("SELECT count(*) FROM rate_limit") or 0)

    return Store("postgres", PostgresRateLimits(pool, clock, patience=10.0), clock, counters)


def _in_redis(made: RedisRateLimits, clock: FakeClock, url: str) -> Store:
    async def counters() -> int:
        return int(await made._redis.dbsize())

    return Store("redis", made, clock, counters)


def address(most: int = 3, seconds: int = 60, who: str = "203.0.113.7") -> Limit:
    return Limit("address", who, most, seconds)


async def test_so_many_calls_and_no_more(store: Store) -> None:
    verdicts = [await store.limits.hit([address()]) for _ in range(5)]
    assert [(v.allowed, v.limit, v.remaining) for v in verdicts] == [
        (True, 3, 2),
        (True, 3, 1),
        (True, 3, 0),
        (False, 3, 0),
        (False, 3, 0),
    ]
    assert {(v.reset_after, v.type) for v in verdicts} == {(40.0, "address")}


async def test_windows_are_cut_where_the_time_divides_by_their_length(store: Store) -> None:
    assert not (await _used_up(store, address(1))).allowed
    store.clock.advance(timedelta(seconds=39.999))
    late = await store.limits.hit([address(1)])
    assert not late.allowed
    assert late.reset_after == pytest.approx(0.001)
    store.clock.advance(timedelta(seconds=0.001))
    fresh = await store.limits.hit([address(1)])
    assert fresh.allowed
    assert fresh.reset_after == 60.0


async def test_a_window_of_another_length_is_another_counter(store: Store) -> None:
    await store.limits.hit([address(5, 60)])
    assert (await store.limits.hit([address(5, 3600)])).remaining == 4
    assert (await store.limits.hit([address(5, 60)])).remaining == 3
    store.clock.advance(timedelta(minutes=5))
    assert (await store.limits.hit([address(5, 3600)])).remaining == 3
    assert (await store.limits.hit([address(5, 60)])).remaining == 4


async def test_everybody_is_counted_apart(store: Store) -> None:
    await _used_up(store, address(1))
    for other in (address(1, who="203.0.113.8"), Limit("key", "203.0.113.7", 1, 60)):
        assert (await store.limits.hit([other])).allowed


async def test_all_limits_of_a_call_are_counted_and_the_tightest_speaks(store: Store) -> None:
    minute, day = Limit("key", "k", 3, 60), Limit("key", "k", 4, 86_400)
    assert (await store.limits.hit([day, minute])).remaining == 2
    last = [await store.limits.hit([minute, day]) for _ in range(3)][-1]
    assert (last.allowed, last.limit, last.reset_after) == (False, 3, 40.0)
    both = await store.limits.hit([minute, day])
    assert (both.allowed, both.limit) == (False, 4), "what lasts longest is told"
    assert both.reset_after == 12 * 3600 - 20


async def test_what_is_refused_is_counted_too(store: Store) -> None:
    for _ in range(5):
        await store.limits.hit([address(3)])
    assert (await store.limits.hit([address(6)])).remaining == 0


async def test_looking_counts_nothing(store: Store) -> None:
    for _ in range(3):
        assert (await store.limits.hit([address(1)], cost=0)).allowed
    assert await store.counters() == 0
    await store.limits.hit([address(1)])
    seen = await store.limits.hit([address(1)], cost=0)
    assert (seen.allowed, seen.remaining) == (False, 0)


async def test_a_call_may_cost_more(store: Store) -> None:
    assert (await store.limits.hit([address(5)], cost=4)).remaining == 1
    assert not (await store.limits.hit([address(5)], cost=2)).allowed


async def test_a_limit_that_stands_twice_is_counted_once_by_the_lower(store: Store) -> None:
    seen = [await store.limits.hit(limits) for limits in ([address(5), address(2)], [address(2), address(5)])]
    assert [(verdict.limit, verdict.remaining) for verdict in seen] == [(2, 1), (2, 0)]
    assert await store.counters() == 1


async def test_no_limits_allow_everything(store: Store) -> None:
    assert (await store.limits.hit([])).allowed
    assert not (await store.limits.hit([address(0)])).allowed


async def test_any_text_can_be_counted(store: Store) -> None:
    for who in ("", "\0", "\ud800", "a" * 5_000, "joão@loja.example", "a b\r\nSET x 1", "{x}"):
        verdicts = [await store.limits.hit([address(1, who=who)]) for _ in range(2)]
        assert [verdict.allowed for verdict in verdicts] == [True, False], who


async def test_g70_exactly_as_many_as_allowed_whoever_comes_at_once(store: Store) -> None:
    """50 callers try 20 times each against 100, with limits in common in either order."""
    shared, day = address(100), Limit("organization", "o", 5_000, 86_400)

    async def caller(number: int) -> int:
        limits = [shared, day] if number % 2 else [day, shared]
        return sum([(await store.limits.hit(limits)).allowed for _ in range(20)])

    assert sum(await asyncio.gather(*(caller(number) for number in range(50)))) == 100
    assert (await store.limits.hit([day], cost=0)).remaining == 4_000


async def _used_up(store: Store, limit: Limit) -> Verdict:
    """By one call more than there may be."""
    return [await store.limits.hit([limit]) for _ in range(limit.most + 1)][-1]


async def test_memory_is_bounded_and_a_flood_of_one_type_forgets_no_other() -> None:
    clock = FakeClock(NOON)
    limits = LocalRateLimits(clock, most=100)
    account = Limit("account", "victim", 1, 60)
    await limits.hit([account])
    for number in range(1_000):
        await limits.hit([address(1, who=f"a{number}")])
    assert {kind: len(counts) for kind, counts in limits._counts.items()} == {"account": 1, "address": 100}
    assert not (await limits.hit([account])).allowed
    assert not (await limits.hit([address(1, who="a999")])).allowed


async def test_the_database_forgets_what_is_older_than_a_day(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    clock = FakeClock(NOON)
    limits = PostgresRateLimits(pool, clock)
    await limits.hit([address(5), Limit("key", "k", 9, 86_400)])
    clock.advance(timedelta(hours=24))
    await limits.hit([address(5)])
    await limits.forget_old()
    assert await pool.fetchval("SELECT count(*) FROM rate_limit") == 3, "a minute of 24 hours ago is just not old"
    clock.advance(timedelta(minutes=1))
    await limits.forget_old()
    rows = await pool.fetch("SELECT identifier_type, window_start FROM rate_limit ORDER BY window_start")
    assert [row["identifier_type"] for row in rows] == ["key", "address"]
    row = await pool.fetchrow("SELECT * FROM rate_limit WHERE identifier_type = 'key'")
    assert row is not None
    assert dict(row) == {
        "identifier_type": "key",
        "identifier": "k",
        "window_start": NOON.replace(hour=0, second=0),
        "window_size_seconds": 86_400,
        "request_count": 1,
        "max_requests": 9,
    }


async def test_a_database_that_is_away_is_said_to_be(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    limits = PostgresRateLimits(pool, FakeClock(NOON), patience=0.05)
    async with AsyncExitStack() as stack:
        for _ in range(10):
            await stack.enter_async_context(pool.acquire())
        with pytest.raises(Unavailable):
            await limits.hit([address()])
    await pool.close()
    with pytest.raises(Unavailable):
        await limits.hit([address()])


@pytest.mark.skipif(not REDIS, reason="there is no redis-server here")
async def test_redis_forgets_a_counter_after_one_window() -> None:
    assert REDIS is not None
    async with redis_server(REDIS) as url:
        limits = RedisRateLimits(url, FakeClock(NOON), patience=10.0)
        for _ in range(3):
            await limits.hit([address(5), Limit("key", "k", 9, 86_400)])
        keys = {key.decode(): await limits._redis.ttl(key) for key in await limits._redis.keys("*")}
        minute, day = (next(name for name in keys if f"/{length}/" in name) for length in (60, 86_400))
        assert minute == f"t/platform/limits/address/203.0.113.7/60/{int(NOON.timestamp()) // 60}"
        assert 55 <= keys[minute] <= 60
        assert 86_395 <= keys[day] <= 86_400
        await limits._redis.script_flush()
        assert (await limits.hit([address(5)])).remaining == 1, "a script that Redis forgot is shown to it again"
        await limits.close()


@pytest.mark.skipif(not REDIS, reason="there is no redis-server here")
async def test_g80_a_redis_that_is_away_is_said_to_be_and_used_again_when_it_is_back() -> None:
    assert REDIS is not None
    async with redis_server(REDIS) as url:
        limits = RedisRateLimits(url, FakeClock(NOON), patience=2.0)
        assert (await limits.hit([address()])).remaining == 2
    with pytest.raises(Unavailable, match="Redis does not answer"):
        await limits.hit([address()])
    async with redis_server(REDIS, port=int(url.rpartition(":")[2])):
        assert (await limits.hit([address()])).remaining == 2
    await limits.close()


async def test_a_redis_that_hangs_is_given_up() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        limits = RedisRateLimits(f"redis://127.0.0.1:{port}", FakeClock(NOON), patience=0.05)
        with pytest.raises(Unavailable):
            await limits.hit([address()])
        await limits.close()
