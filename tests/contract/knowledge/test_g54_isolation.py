"""The same vectors and the same words in two tenants: no query, however it is made, finds anything of the other one.

Each wall is tried alone: the filter of the store without row-level security, and row-level security without the filter. A search
without both finds the other tenant's passages, and the same checks notice it.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from qdrant_client import models

from atende.core.kernel import TenantScope
from atende.core.knowledge.model import Embedded, Usage
from atende.core.knowledge.ports import Passages
from atende.outbound import passage_rows, pgvector
from atende.outbound.hashed import vector
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.qdrant import points as qdrant_points
from atende.outbound.qdrant.passages import QdrantPassages
from atende.outbound.qdrant.points import TenantPoints
from atende.outbound.qdrant.sparse import of_question
from tests.contract.knowledge.test_documents import make_chunks, make_document
from tests.vector_stores import IN_PROCESS, POSTGRES, SERVER, STORES, behind, open_store
from tests.world import DIMENSION, MODEL, Tenant, World

QUERIES, FEW = 10_000, 60
WORDS = [
    "frete",
    "sul",
    "quinze",
    "reais",
    "loja",
    "sábado",
    "devolução",
    "nota",
    "fiscal",
    "garantia",
    "canário",
    "segredo",
    "entrega",
    "prazo",
    "troca",
]
MINE = "p.organization_id = $1 AND p.tenant_id = $2 AND "
pytestmark = pytest.mark.guarantee(54)


@dataclass(slots=True)
class Two:
    """Two tenants with equal passages, and the store that both are in."""

    world: World
    passages: Passages
    mine: Tenant
    theirs: Tenant
    foreign: frozenset[UUID]
    own: frozenset[UUID]
    points: TenantPoints | None

    def over(self, pool: "asyncpg.Pool[asyncpg.Record]") -> Passages:
        """The same search over other connections."""
        if self.points is None:
            return pgvector.PgvectorPassages(pool, model=MODEL, dimension=DIMENSION)
        return QdrantPassages(pool, self.points, model=MODEL, dimension=DIMENSION)


async def _fill(world: World, passages: Passages, tenant: Tenant) -> frozenset[UUID]:
    texts = [" ".join(random.Random(n).choices(WORDS, k=8)) for n in range(40)]
    document = make_document(world, tenant)
    chunks = make_chunks(world, document, *texts)
    async with world.begin(tenant.scope) as at:
        await at.documents.add(document)
        document.process()
        document.was_read(cut=len(chunks), language="pt", details={})
        document.publish(world.now())
        await at.documents.save(document, chunks)
    await passages.index(tenant.owner, document, chunks, Embedded(tuple(map(vector, texts)), Usage()))
    return frozenset(chunk.id for chunk in chunks)


@pytest_asyncio.fixture(params=STORES)
async def two(
    request: pytest.FixtureRequest, world: World, shop: Tenant, stranger: Tenant, tmp_path: Path
) -> AsyncIterator[Two]:
    if request.param == POSTGRES:
        yield await _two(world, world.passages, shop, stranger, None)
        return
    async with open_store(request.param, tmp_path) as store:
        points = store.points()
        passages = QdrantPassages(world.pool, points, model=MODEL, dimension=DIMENSION)
        yield await _two(world, passages, shop, stranger, points)


async def _two(world: World, passages: Passages, mine: Tenant, theirs: Tenant, points: TenantPoints | None) -> Two:
    own, foreign = await _fill(world, passages, mine), await _fill(world, passages, theirs)
    return Two(world, passages, mine, theirs, foreign, own, points)


def queries(two: Two, count: int) -> Iterator[dict[str, Any]]:
    """At random: words, vectors, limits, and scopes that are our own or forged of ours and theirs."""
    chosen, foreign = random.Random(54), sorted(two.foreign)
    ours, others = two.mine.scope, two.theirs.scope
    names = [
        "",
        "*",
        "stranger'--",
        "stranger",
        "STRANGER",
        "shop' OR '1'='1",
        "shop,stranger",
        "%",
        "null",
        '{"any": 1}',
    ]
    for _ in range(count):
        text = " ".join(chosen.choices([*WORDS, str(chosen.choice(foreign)), "tenant_id:stranger", "*"], k=5))
        scope = ours
        if chosen.random() < 0.4:
            organization = chosen.choice(
                [ours.organization_id, ours.organization_id, UUID(int=0), others.organization_id]
            )
            # Of another organization's scopes only those are forged that are not its own.
            tenant = chosen.choice(["shop", *names])
            scope = TenantScope(organization, tenant if organization != others.organization_id else "shop")
        yield {
            "scope": scope,
            "text": text,
            "vector": vector(" ".join(chosen.choices(WORDS, k=8))) if chosen.random() < 0.8 else _any(chosen),
            "limit": chosen.choice([1, 5, 20, 200]),
            "agent_id": None if chosen.random() < 0.8 else chosen.choice(foreign),
        }


def _any(chosen: random.Random) -> tuple[float, ...]:
    made = [chosen.gauss(0, 1) for _ in range(DIMENSION)]
    length = sum(value * value for value in made) ** 0.5
    return tuple(value / length for value in made)


async def check(two: Two, passages: Passages, count: int) -> int:
    """Fails when anything of the other tenant is found; returns how much of the own was."""
    found, turns = 0, asyncio.Semaphore(8)

    async def ask(query: dict[str, Any]) -> set[UUID]:
        async with turns:
            return {passage.chunk_id for passage in await passages.search(query.pop("scope"), **query)}

    for ids in await asyncio.gather(*(ask(query) for query in queries(two, count))):
        assert not ids & two.foreign
        found += len(ids & two.own)
    return found


@pytest.mark.starts_first
async def test_g54_ten_thousand_queries_find_nothing_foreign(two: Two) -> None:
    assert await check(two, two.passages, QUERIES) > QUERIES


@pytest_asyncio.fixture
async def unguarded(database: Urls) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """Connections that row-level security does not hold."""
    async with asyncpg.create_pool(database.admin, min_size=0, max_size=4) as pool:
        yield pool


def without_filter(monkeypatch: pytest.MonkeyPatch, two: Two) -> None:
    """Takes the tenant out of every statement and every request of the search."""
    for module, name in ((pgvector, "_NEAR"), (pgvector, "_FOUND"), (passage_rows, "_FOUND")):
        text = getattr(module, name)
        mine = MINE if MINE in text else MINE.replace("p.", "v.")
        assert mine in text
        monkeypatch.setattr(module, name, text.replace(mine, "$1::uuid IS NOT NULL AND $2::text IS NOT NULL AND "))
    monkeypatch.setattr(qdrant_points, "_within", lambda _, *more, **__: models.Filter(must=list(more)))


async def test_g54_the_filter_alone_holds(two: Two, unguarded: "asyncpg.Pool[asyncpg.Record]") -> None:
    assert await check(two, two.over(unguarded), 500) > 500


async def test_g54_row_level_security_alone_holds(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    without_filter(monkeypatch, two)
    assert await check(two, two.over(two.world.pool), 500) > 0


async def test_g54_without_both_the_checks_fail(
    two: Two, unguarded: "asyncpg.Pool[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mutation: what the tests above would not notice, they would not guard."""
    without_filter(monkeypatch, two)
    with pytest.raises(AssertionError):
        await check(two, two.over(unguarded), FEW)


async def _raw(points: TenantPoints, two: Two, count: int) -> None:
    """What the store itself gives, before PostgreSQL has seen it."""
    for query in queries(two, count):
        scope = query["scope"]
        if scope.tenant_id in {"", "*"}:
            continue
        hits = await points.search(
            scope,
            vector=query["vector"],
            words=of_question(query["text"]),
            limit=query["limit"],
            agent_id=query["agent_id"],
        )
        assert not (set(hits.near) | set(hits.worded)) & two.foreign
        named = await points.cosines(scope, vector=query["vector"], chunk_ids=sorted(two.foreign)[:5])
        assert not named


@pytest.mark.parametrize("two", [kind for kind in (IN_PROCESS, SERVER) if kind in STORES], indirect=True)
async def test_g54_nothing_foreign_leaves_qdrant(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    assert two.points is not None
    await _raw(two.points, two, 1_000)
    before = (await behind(two.points).count(two.points.collection)).count
    await two.points.drop(two.mine.scope, sorted(two.foreign))
    assert (await behind(two.points).count(two.points.collection)).count == before, "nor can it be removed"
    monkeypatch.setattr(qdrant_points, "_within", lambda _, *more, **__: models.Filter(must=list(more)))
    with pytest.raises(AssertionError):
        await _raw(two.points, two, FEW)
