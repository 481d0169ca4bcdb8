"""Guarantee 68: a key is told from a guess without asking, and a known one without asking again."""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from dishka import Provider, Scope, provide
from litestar import get
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from atende.core.identity.api_key import api_key_hash, api_key_text
from atende.core.identity.permissions import Permission
from atende.core.identity.ports import ApiKeys
from atende.core.kernel import TenantScope, Transaction, Unauthenticated
from atende.core.limits.policy import RatePolicy
from atende.inbound.http.app import WebOptions, make_app
from atende.inbound.http.security.credentials import CredentialCache
from atende.main.providers.container import Pool
from atende.main.settings import Settings
from tests.databases import Databases
from tests.figures import LONG_RUN, figure
from tests.world.browser import Browser
from tests.world.people import PeopleWorld, make_people_world


class CountedPool:
    """A pool of connections that counts what it is asked."""

    def __init__(self, pool: Any) -> None:
        self._pool, self.asked = pool, 0

    def __getattr__(self, name: str) -> Any:
        if name in {"fetch", "fetchrow", "fetchval", "execute", "executemany", "acquire"}:
            self.asked += 1
        return getattr(self._pool, name)


class Counted(Provider):
    """The pool as a part of the product gets it."""

    @provide(scope=Scope.APP, override=True)
    async def pool(self, settings: Settings) -> AsyncIterator[Pool]:

        async with asyncpg.create_pool(settings.database_url, min_size=1, max_size=5) as pool:
            yield CountedPool(pool)  # type: ignore[misc]


@get("/quiet", permission=Permission.DOCUMENTS_READ)
async def quiet() -> None:
    """Asks nothing itself."""


@get("/own", permission=Permission.SELF)
async def own() -> None:
    """Asks nothing itself."""


@dataclass
class Counter:
    """Statements of the whole product."""

    world: PeopleWorld
    pool: CountedPool
    through_engine: list[str] = field(default_factory=list)

    @property
    def asked(self) -> int:
        return self.pool.asked + len(self.through_engine)

    async def cost(self, path: str, **credentials: str) -> tuple[int, int]:
        """Status of a call, and the statements that it took."""
        before = self.asked
        answer = await self.world.call("GET", f"http://atende.test{path}", **credentials)
        return answer.status_code, self.asked - before


@pytest_asyncio.fixture
async def counter(databases: Databases, tmp_path: Path) -> AsyncIterator[Counter]:
    async with databases.one() as urls, make_people_world(urls, tmp_path, Counted()) as world:
        options = WebOptions(aliases=False, credential_cache_seconds=4.0, rates=RatePolicy(strangers=1_000_000))
        world.app = make_app(world.container, options, extra_handlers=[quiet, own])
        found = Counter(world, await world.container.get(Pool))
        engine = await world.container.get(AsyncEngine)

        def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
            found.through_engine.append(statement)

        event.listen(engine.sync_engine, "before_cursor_execute", note)
        yield found


@pytest.mark.guarantee(68)
async def test_g68_a_key_costs_one_question_and_then_none(counter: Counter) -> None:
    browser = Browser(counter.world)
    await browser.register()
    key = (await browser.post("/auth/api-keys", {})).json()["apiKey"]
    assert await counter.cost("/quiet", key=key) == (200, 1)
    for _ in range(3):
        assert await counter.cost("/quiet", key=key) == (200, 0)
        assert await counter.cost("/quiet", token=key) == (200, 0)


@pytest.mark.guarantee(68)
async def test_g68_a_person_costs_one_question_and_then_none(counter: Counter) -> None:
    browser = Browser(counter.world)
    await browser.register()
    assert await counter.cost("/own", token=browser.access) == (200, 1)
    assert await counter.cost("/own", token=browser.access) == (200, 0)
    assert await counter.cost("/quiet", token=browser.access) == (200, 0)


@pytest.mark.guarantee(68)
async def test_g68_a_typo_and_a_forged_token_cost_nothing(counter: Counter) -> None:
    browser = Browser(counter.world)
    await browser.register()
    key = (await browser.post("/auth/api-keys", {})).json()["apiKey"]
    letter = "a" if key[40] != "a" else "b"
    for typo in (f"{key[:40]}{letter}{key[41:]}", key[:-1], f"{key}x", key.upper(), "org_", "org_x_y", "nonsense"):
        assert await counter.cost("/quiet", key=typo) == (401, 0)
    assert await counter.cost("/quiet", token=f"{browser.access[:-3]}abc") == (401, 0)


@pytest.mark.guarantee(68)
async def test_g68_a_wrong_key_is_asked_for_each_time(counter: Counter) -> None:
    stranger = api_key_text(UUID(int=7), random.getrandbits(160))
    for _ in range(2):  # a key that is made the next moment works at once
        assert await counter.cost("/quiet", key=stranger) == (401, 1)


@LONG_RUN
@pytest.mark.guarantee(68)
async def test_g68_thousands_of_guesses_hit_nothing(counter: Counter) -> None:
    browser, dice = Browser(counter.world), random.Random(68)
    made = await browser.register()
    key = (await browser.post("/auth/api-keys", {})).json()["apiKey"]
    organization_id = UUID(made["organization"]["id"])
    guesses = [api_key_text(organization_id, dice.getrandbits(160)) for _ in range(figure(10_000, full=100_000))]
    hashes = [api_key_hash(guess) for guess in guesses]
    assert len(set(hashes)) == len(hashes)
    pool = await counter.world.container.get(Pool)
    statement = "SELECT count(*) FROM unnest($1::bytea[]) AS one(hash), LATERAL find_api_key(one.hash)"
    assert await pool.fetchval(statement, [*hashes, api_key_hash(key)]) == 1  # the real one is found
    before, passed = counter.asked, 0
    for guess in guesses:
        at = dice.randrange(len(guess) - 1)
        typo = guess[:at] + guess[at + 1] + guess[at] + guess[at + 2 :]
        try:
            api_key_hash(typo)
            passed += typo != guess
        except Unauthenticated:
            pass
    assert (passed, counter.asked - before) == (0, 0)


@pytest.mark.guarantee(68)
async def test_g68_nothing_that_is_stored_is_a_key(counter: Counter) -> None:
    browser = Browser(counter.world)
    await browser.register()
    key = (await browser.post("/auth/api-keys", {})).json()["apiKey"]
    pool = await counter.world.container.get(Pool)
    stored = str(await pool.fetch("SELECT * FROM find_api_key($1)", api_key_hash(key)))
    assert key not in stored
    assert key[37:63] not in stored


@pytest.mark.guarantee(68)
async def test_g68_when_a_key_was_last_used_is_noted_now_and_then(counter: Counter) -> None:
    browser = Browser(counter.world)
    made = await browser.register()
    issued = (await browser.post("/auth/api-keys", {})).json()
    book: CredentialCache = counter.world.app.state.credential_cache
    assert await counter.cost("/quiet", key=issued["apiKey"]) == (200, 1)
    await book.store_uses()
    scope = TenantScope(UUID(made["organization"]["id"]))
    async with counter.world.container() as unit:
        keys, transaction = await unit.get(ApiKeys), await unit.get(Transaction)
        async with transaction(scope):
            found = await keys.get(scope, UUID(issued["id"]))
    assert found.last_used_at is not None
    before = counter.asked
    await book.store_uses()  # nothing new to note
    assert counter.asked == before
