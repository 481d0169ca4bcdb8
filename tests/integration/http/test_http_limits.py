"""Rate limits over the real API: who is counted as whom, what a plan changes, and a store that goes away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from dishka import AsyncContainer, Provider, Scope, provide

from atende.core.identity.keys.issue_api_key import IssueApiKey
from atende.core.identity.permissions import Permission
from atende.core.kernel import Clock, TenantScope
from atende.core.limits.policy import PlanRates, RatePolicy
from atende.core.limits.ports import LimitsWatch
from atende.fakes.ports.clock import FakeClock
from atende.inbound.http.app import WebOptions, make_app
from atende.main.processes.lifecycle import bind, serving
from atende.main.processes.web import make_web
from atende.main.providers.container import Pool, make_container
from atende.main.providers.rate_limits import forget_old_counts
from atende.main.seeding import Tenant, seed_tenant
from atende.main.settings import Settings
from atende.outbound.postgres.embedded.launcher import Urls
from tests.bench.redis_process import find_redis, redis_server
from tests.world.http import HttpWorld
from tests.world.people import MovedClock, PeopleWorld

BALANCE, DOCUMENTS = "/api/v1/billing/credits", "/api/v1/documents"
HEADERS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
REDIS = find_redis()


class Still(Provider):
    """Time moves when it is told to."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    @provide(scope=Scope.APP, override=True)
    def clock(self) -> Clock:
        return self._clock


class StillPeopleClock(MovedClock):
    """It stands at the moment of its making: the database compares sessions with its own time."""

    def __init__(self) -> None:
        super().__init__()
        self._made = datetime.now(UTC)

    def now(self) -> datetime:
        return self._made + self.ahead


def settings(folder: Path, **given: Any) -> Settings:
    return Settings(app_env="test", encryption_key="ab" * 32, data_dir=folder, password_cost=4, **given)


def over(database: Urls, folder: Path, clock: Clock) -> AsyncContainer:
    chosen = settings(folder, database_url=database.app, rate_limit_store="memory")
    return make_container(chosen, Still(clock))


@asynccontextmanager
async def world(container: AsyncContainer, **options: Any) -> AsyncIterator[HttpWorld]:
    async with AsyncExitStack() as stack:
        stack.push_async_callback(container.close)
        made = HttpWorld(container, make_app(container, WebOptions(aliases=False, **options)), None)  # type: ignore[arg-type]
        yield made


async def limited_key(at: HttpWorld, shop: Tenant, per_minute: int | None = None, per_day: int | None = None) -> str:
    async with at.container() as unit:
        issue = await unit.get(IssueApiKey)
        whole = TenantScope(shop.owner.organization_id)
        return (await issue(whole, scopes=["*"], per_minute=per_minute, per_day=per_day)).text


def counted(answer: httpx.Response) -> tuple[int, ...]:
    return tuple(int(answer.headers[name]) for name in HEADERS)


async def test_a_key_is_counted_by_itself_wherever_it_calls_from(database: Urls, tmp_path: Path) -> None:
    clock = FakeClock()
    noon = int(clock.now().timestamp())
    async with world(over(database, tmp_path, clock)) as at:
        shop = await seed_tenant(at.container, name="Shop", slug="shop", agent="Ana")
        slow = await limited_key(at, shop, per_minute=2, per_day=3)
        async with at.caller(slow) as caller, at.caller(shop.api_key) as other, at.caller() as stranger:
            assert counted(await caller.get(BALANCE)) == (2, 1, noon + 60)
            nowhere = await caller.get(f"{DOCUMENTS}/{uuid4()}")
            assert (nowhere.status_code, counted(nowhere)) == (404, (2, 0, noon + 60))
            refused = await caller.get(BALANCE)
            assert (refused.status_code, refused.json()["error"]) == (429, "Too many requests")
            assert (refused.json()["retryAfter"], counted(refused)) == (60, (2, 0, noon + 60))
            assert counted(await other.get(BALANCE)) == (1_000, 999, noon + 60)
            assert counted(await stranger.get(BALANCE)) == (100, 99, noon + 60)
            clock.advance(timedelta(minutes=1))
            day = await caller.get(BALANCE)
            assert (day.status_code, counted(day)) == (429, (3, 0, noon + 15 * 3600)), "what was refused counts too"
            assert day.json()["retryAfter"] == 15 * 3600 - 60


async def test_what_a_key_may_not_do_counts_too(database: Urls, tmp_path: Path) -> None:
    async with world(over(database, tmp_path, FakeClock())) as at:
        shop = await seed_tenant(at.container, name="Shop", slug="shop", agent="Ana")
        reader = await at.key(shop, Permission.DOCUMENTS_READ)
        async with at.caller(reader) as caller:
            answers = [await caller.get(path) for path in (BALANCE, DOCUMENTS)]
        assert [(answer.status_code, counted(answer)[1]) for answer in answers] == [(403, 999), (200, 998)]


async def test_g70_guessing_keys_stops_the_guesser_and_nobody_who_was_there_before(
    database: Urls, tmp_path: Path
) -> None:
    clock, few = FakeClock(), RatePolicy(strangers=5)
    async with world(over(database, tmp_path, clock), rates=few) as at:
        shop = await seed_tenant(at.container, name="Shop", slug="shop", agent="Ana")
        unused = await limited_key(at, shop)
        async with at.caller(shop.api_key) as known, at.caller() as guesser, at.caller(unused) as lucky:
            assert (await known.get(BALANCE)).status_code == 200
            wrong = [f"{shop.api_key[:-1]}{last}" for last in "ABCDEFGHI" if last != shop.api_key[-1]][:8]
            tries = [await guesser.get(BALANCE, headers={"X-API-Key": guess}) for guess in wrong]
            assert [answer.status_code for answer in tries] == [401] * 5 + [429] * 3
            assert (await known.get(BALANCE)).status_code == 200
            late = await lucky.get(BALANCE)
            assert (late.status_code, late.json()["code"]) == (429, "RATE_LIMIT_EXCEEDED"), (
                "a right guess looks the same"
            )
            clock.advance(timedelta(seconds=60))
            assert (await lucky.get(BALANCE)).status_code == 200


@pytest.mark.parametrize(("plans", "limits"), [(PlanRates.AI, (20, 19, 18)), (PlanRates.ALL, (10, 9, 8))])
async def test_a_person_is_counted_by_themselves_and_by_the_plan_of_their_organization(
    database: Urls, tmp_path: Path, plans: PlanRates, limits: tuple[int, int, int]
) -> None:
    clock = StillPeopleClock()
    container = over(database, tmp_path, clock)
    options = WebOptions(credential_cache_seconds=0, aliases=False, rates=RatePolicy(people=20, plans=plans))
    people = PeopleWorld(container, make_app(container, options), clock)
    owner = await people.person("ana")
    await people.organization(owner)
    seen = [counted(await owner.get("/users/me")) for _ in range(2)]
    assert (seen[0][0], seen[0][1], seen[1][1]) == limits
    alone = await people.person("bia")
    assert counted(await alone.get("/users/me"))[:2] == (20, 19)
    await container.close()


async def test_a_plan_may_bind_all_keys_of_an_organization_together(database: Urls, tmp_path: Path) -> None:
    async with world(over(database, tmp_path, FakeClock()), rates=RatePolicy(plans=PlanRates.ALL)) as at:
        shop = await seed_tenant(at.container, name="Shop", slug="shop", agent="Ana")
        other = await seed_tenant(at.container, name="Other", slug="other", agent="Ana")
        async with at.caller(shop.api_key) as first, at.caller(await limited_key(at, shop)) as second:
            statuses = [(await caller.get(BALANCE)).status_code for caller in (first, second) for _ in range(3)]
        assert statuses == [200] * 5 + [429], "5 a minute on the free plan"
        async with at.caller(other.api_key) as stranger:
            assert (await stranger.get(BALANCE)).status_code == 200


async def test_calls_are_counted_in_the_database_when_there_is_no_redis(database: Urls, tmp_path: Path) -> None:
    """Two web processes over one database."""
    clock, chosen = FakeClock(), settings(tmp_path, database_url=database.app, database_pool_size=4)
    few = RatePolicy(strangers=3)
    async with (
        world(make_container(chosen, Still(clock)), rates=few) as one,
        world(make_container(chosen, Still(clock)), rates=few) as two,
        one.caller() as here,
        two.caller() as there,
    ):
        assert [(await caller.get(BALANCE)).status_code for caller in (here, there, here, there)] == [
            401,
            401,
            401,
            429,
        ]
        pool = await one.container.get(Pool)
        assert await pool.fetchval("SELECT request_count FROM rate_limit") == 4
        clock.advance(timedelta(days=2))
        forgetting = forget_old_counts(one.container, chosen, every=0)
        running = asyncio.create_task(forgetting)
        async with asyncio.timeout(60):
            while await pool.fetchval("SELECT count(*) FROM rate_limit"):
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_g70_the_web_server_believes_no_header_either(database: Urls, tmp_path: Path) -> None:
    """Over real sockets: the server that we start must not take the address from X-Forwarded-For by itself."""
    container = over(database, tmp_path, FakeClock())
    door = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    options = WebOptions(aliases=False, rates=RatePolicy(strangers=3), body_timeout=0.2)
    async with world(container) as at, serving(make_app(at.container, options), door), httpx.AsyncClient() as client:
        statuses = [
            (await client.get(f"{url}/nowhere", headers={"X-Forwarded-For": f"203.0.113.{n}"})).status_code
            for n in range(5)
        ]
    assert statuses == [404, 404, 404, 429, 429]


async def test_g75_a_slow_body_ends_with_408_and_the_connection(database: Urls, tmp_path: Path) -> None:
    container = over(database, tmp_path, FakeClock())
    door = bind("127.0.0.1", 0)
    options = WebOptions(aliases=False, body_timeout=0.2)
    async with world(container) as at, serving(make_app(at.container, options), door):
        reader, writer = await asyncio.open_connection(*door.getsockname())
        head = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
        writer.write(head + b'{"email"')
        async with asyncio.timeout(60):
            answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"REQUEST_TIMEOUT"' in answer


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 4",
        "Content-Length: 4\r\nTransfer-Encoding: xchunked",
        "Content-Length: 4\r\nTransfer-Encoding : chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Content-Length: 4\r\nContent-Length: 99",
    ],
)
async def test_g75_a_body_with_two_ends_is_refused_with_its_connection(
    database: Urls, tmp_path: Path, framing: str
) -> None:
    """A proxy in front may believe the other one: what follows would be somebody else's request."""
    container = over(database, tmp_path, FakeClock())
    door = bind("127.0.0.1", 0)
    async with world(container) as at, serving(make_app(at.container, WebOptions(aliases=False)), door):
        reader, writer = await asyncio.open_connection(*door.getsockname())
        head = f"POST /health/live HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n"
        writer.write(head.encode() + b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(60):
            answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.skipif(not REDIS, reason="there is no redis-server here")
async def test_g80_redis_goes_away_and_comes_back(database: Urls, tmp_path: Path) -> None:
    """Its counts are shared; without it sign-in waits, the rest goes on under a share; with it back all is as before."""
    assert REDIS is not None
    chosen = settings(tmp_path, database_url=database.app, database_pool_size=4)
    async with AsyncExitStack() as stack:
        async with redis_server(REDIS) as url:
            chosen = replace(chosen, redis_url=url)
            container = make_container(chosen, Still(FakeClock()))
            stack.push_async_callback(container.close)
            app = await make_web(container, chosen)
            at = HttpWorld(container, app, None)  # type: ignore[arg-type]
            caller = await stack.enter_async_context(at.caller())
            assert counted(await caller.get("/nowhere"))[:2] == (100, 99)
            assert (await caller.get("/health")).json()["services"]["redis"] == "ok"
        assert (await caller.get("/health/ready")).json()["degraded"] == ["redis"]
        assert counted(await caller.get("/nowhere"))[:2] == (25, 24)
        signing_in = await caller.post("/api/v1/auth/login", json={"email": "a@b.example", "password": "x"})
        assert (signing_in.status_code, signing_in.json()["code"]) == (503, "UNAVAILABLE")
        assert signing_in.headers["retry-after"] == "1"
        metrics = dict(line.split(" ") for line in (await caller.get("/metrics")).text.splitlines() if line[0] != "#")
        assert float(metrics["atende_rate_limits_store_missed_total"]) >= 3
        async with redis_server(REDIS, port=int(url.rpartition(":")[2])):
            await _until_back(container)
            assert counted(await caller.get("/nowhere"))[:2] == (100, 99)


async def _until_back(container: AsyncContainer) -> None:
    watch: LimitsWatch = await container.get(LimitsWatch)
    async with asyncio.timeout(60):
        while not await watch.look():
            await asyncio.sleep(0.05)
