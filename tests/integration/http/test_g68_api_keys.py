"""Guarantee 68: API keys are shown once, known as ours when they leak, cheap to refuse, and dead when they are revoked."""

import random
import secrets
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from dishka import Provider, Scope, provide
from sqlalchemy.ext.asyncio import AsyncSession

from atende.core.identity.api_key import ApiKey, Brand, api_key_text
from atende.core.identity.keys.issue_api_key import Authenticate
from atende.core.identity.ports import ApiKeys
from atende.core.kernel import Page, TenantScope, Unauthenticated
from atende.core.limits.policy import RatePolicy
from atende.main.providers.container import Pool
from atende.outbound.postgres.identity.api_keys import PostgresApiKeys
from atende.outbound.system import SystemClock
from tests.databases import Databases
from tests.figures import LONG_RUN, figure
from tests.integration.database_dump import everything
from tests.world.http import HttpWorld, make_world
from tests.world.people import make_people_world

ORGANIZATION = UUID(int=68)
DICE = random.Random(68)


class Reads:
    """How often the database was asked for a key."""

    def __init__(self) -> None:
        self.count = 0


class CountingKeys(PostgresApiKeys):
    def __init__(self, session: AsyncSession, pool: Pool, reads: Reads) -> None:
        super().__init__(session, pool)
        self._reads = reads

    async def by_hash(self, secret_hash: bytes) -> ApiKey | None:
        self._reads.count += 1
        return await super().by_hash(secret_hash)


class Counted(Provider):
    def __init__(self, reads: Reads) -> None:
        super().__init__()
        self._reads = reads

    @provide(scope=Scope.REQUEST, override=True)
    def api_keys(self, session: AsyncSession, pool: Pool) -> ApiKeys:
        return CountingKeys(session, pool, self._reads)


class NoKeys(ApiKeys):
    """An organization without keys."""

    def __init__(self) -> None:
        self.reads = 0

    async def by_hash(self, secret_hash: bytes) -> ApiKey | None:
        self.reads += 1
        return None

    async def add(self, key: ApiKey) -> None:
        raise NotImplementedError

    async def get(self, scope: TenantScope, key_id: UUID) -> ApiKey:
        raise NotImplementedError

    async def save(self, key: ApiKey) -> None:
        raise NotImplementedError

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[ApiKey]:
        raise NotImplementedError

    async def revoke_made_by(self, scope: TenantScope, user_id: UUID, now: datetime) -> int:
        raise NotImplementedError

    async def revoke_everywhere(self, scope: TenantScope, now: datetime) -> int:
        raise NotImplementedError

    async def touch(self, used: Mapping[UUID, datetime]) -> None:
        raise NotImplementedError


@pytest.fixture
def reads() -> Reads:
    return Reads()


@pytest_asyncio.fixture
async def world(databases: Databases, tmp_path: Path, reads: Reads) -> AsyncIterator[HttpWorld]:
    rates = RatePolicy(strangers=100_000)
    async with (
        databases.one() as urls,
        make_world(urls, tmp_path, providers=[Counted(reads)], rates=rates, credential_cache_seconds=0) as made,
    ):
        yield made


async def _status(world: HttpWorld, text: str) -> int:
    async with world.caller(text) as caller:
        return (await caller.get("/api/v1/documents")).status_code


@LONG_RUN
async def test_g68_thousands_of_keys_with_a_wrong_checksum_ask_nobody() -> None:
    keys = NoKeys()
    authenticate = Authenticate(keys=keys, clock=SystemClock())
    for _ in range(figure(10_000, full=100_000)):
        text = api_key_text(ORGANIZATION, DICE.getrandbits(160))
        place = DICE.randrange(37, len(text))
        wrong = text[:place] + DICE.choice([c for c in "0aZ9" if c != text[place]]) + text[place + 1 :]
        with pytest.raises(Unauthenticated):
            await authenticate(wrong)
    assert keys.reads == 0
    with pytest.raises(Unauthenticated):
        await authenticate(api_key_text(ORGANIZATION, DICE.getrandbits(160)))
    assert keys.reads == 1


async def test_g68_a_typo_costs_no_query_and_a_guess_finds_nothing(world: HttpWorld, reads: Reads) -> None:
    tenant = await world.tenant("shop")
    text = tenant.api_key
    wrong = [text[:n] + ("x" if text[n] != "x" else "y") + text[n + 1 :] for n in range(len(text))]
    wrong += [text[:-1], text + "0", text.replace("org_", "ORG_"), text[4:], "org_", "org__", text[:37], text.upper()]
    wrong += ["base" + text[3:], api_key_text(UUID(tenant.organization_id), 1, brand=Brand("base"))]
    assert {await _status(world, one) for one in wrong} == {401}
    assert reads.count == 0
    guesses = [api_key_text(UUID(tenant.organization_id), secrets.randbits(160)) for _ in range(20)]
    assert {await _status(world, one) for one in guesses} == {401}
    assert reads.count == 20
    assert await _status(world, text) == 200


async def test_g68_what_is_told_to_whoever_has_a_wrong_key_is_always_the_same(world: HttpWorld) -> None:
    tenant = await world.tenant("shop")
    narrow = await world.key(tenant, "rag:run")
    unknown = api_key_text(UUID(tenant.organization_id), secrets.randbits(160))
    strange = api_key_text(UUID(int=7), secrets.randbits(160))
    told = set()
    for text in (unknown, strange):
        async with world.caller(text) as caller:
            answer = await caller.get("/api/v1/documents")
        assert text not in answer.text
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        told.add((answer.status_code, answer.text))
    assert len(told) == 1
    assert await _status(world, narrow) == 403


async def test_g68_a_key_in_the_address_is_no_key(world: HttpWorld) -> None:
    tenant = await world.tenant("shop")
    async with world.caller() as caller:
        for name in ("api_key", "apiKey", "X-API-Key", "access_token", "key"):
            answer = await caller.get("/api/v1/documents", params={name: tenant.api_key})
            assert answer.status_code in {400, 401}
            assert tenant.api_key not in answer.text


async def test_g68_the_database_holds_no_usable_key(databases: Databases, tmp_path: Path) -> None:
    async with databases.one() as urls:
        async with make_people_world(urls, tmp_path) as people:
            ana = await people.person("ana")
            await people.organization(ana)
            once, again = {"Idempotency-Key": "make-one"}, {"Idempotency-Key": "rotate-it"}
            made = (await ana.post("/auth/api-keys", {"name": "till"}, headers=once)).json()
            repeated = await ana.post("/auth/api-keys", {"name": "till"}, headers=once)
            assert (repeated.status_code, repeated.json()["id"]) == (201, made["id"])
            rotated = (await ana.post(f"/auth/api-keys/{made['id']}/rotate", headers=again)).json()
            assert (await people.call("GET", "/documents", key=rotated["apiKey"])).status_code == 200
            texts = [made["apiKey"], rotated["apiKey"]]
            assert made["apiKey"] not in repeated.text
        stored = await everything(urls)
    assert made["id"] in stored
    for text in texts:
        secret = text.rpartition("_")[2]
        for part in (secret, secret[:26], secret[:26].encode().hex(), text.encode().hex()):
            assert part not in stored
