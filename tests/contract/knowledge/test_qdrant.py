"""Qdrant's own side of the search index: what is stored there, what is left there, and what happens while it is away."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from qdrant_client import models

from atende.core.kernel import Invalid, Unavailable
from atende.core.knowledge.document import Document
from atende.core.knowledge.model import Embedded, Usage
from atende.core.knowledge.ports import Passages
from atende.outbound.hashed import vector
from atende.outbound.qdrant.errors import OtherModel
from atende.outbound.qdrant.passages import QdrantPassages
from atende.outbound.qdrant.points import TenantPoints
from atende.outbound.qdrant.shapes import Point, point_id
from atende.outbound.qdrant.sparse import of_passage
from tests.contract.knowledge.test_documents import make_chunks, make_document
from tests.vector_stores import POSTGRES, STORES, Store, behind, open_store
from tests.world import DIMENSION, MODEL, Tenant, World

SHIPPING = "O frete para a região Sul custa quinze reais e chega em três dias úteis."
HOURS = "A loja abre de segunda a sábado, das nove às dezoito horas."
RETURNS = "A devolução é aceita em até trinta dias, com a nota fiscal."
SOURCES = Path(__file__).parents[3] / "src" / "atende"


@pytest_asyncio.fixture(params=[kind for kind in STORES if kind != POSTGRES])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def points(store: Store) -> TenantPoints:
    return store.points()


@pytest.fixture
def passages(world: World, points: TenantPoints) -> Passages:
    return QdrantPassages(world.pool, points, model=MODEL, dimension=DIMENSION)


async def publish(
    world: World, passages: Passages, tenant: Tenant, *texts: str, document: Document | None = None, **more: Any
) -> Document:
    document = document or make_document(world, tenant, **more)
    is_new = document.processed_at is None
    document.process()
    chunks = make_chunks(world, document, *texts)
    embedded = Embedded(tuple(vector(text) for text in texts), Usage())
    async with world.begin(tenant.scope) as at:
        if is_new:
            await at.documents.add(document)
        document.was_read(cut=len(chunks), language=document.language, details={})
        await at.documents.save(document, chunks)
    await passages.index(tenant.owner, document, chunks, embedded)
    async with world.begin(tenant.scope) as at:
        document.publish(world.now())
        await at.documents.prune(document)
        await at.documents.save(document)
    return document


async def stored(points: TenantPoints) -> list[models.Record]:
    records, _ = await behind(points).scroll(points.collection, limit=1_000, with_payload=True, with_vectors=True)
    return list(records)


async def test_a_point_says_whose_it_is_and_what_it_stands_for(
    world: World, shop: Tenant, points: TenantPoints, passages: Passages
) -> None:
    document = await publish(world, passages, shop, SHIPPING, HOURS)
    records = {record.payload["chunk_index"]: record for record in await stored(points) if record.payload}
    assert {record.id for record in records.values()} == {point_id(document.id, 1, 0), point_id(document.id, 1, 1)}
    payload = records[0].payload
    assert payload is not None
    assert payload | {"chunk_id": "any"} == {
        "chunk_id": "any",
        "organization_id": str(shop.owner.organization_id),
        "tenant_id": "shop",
        "project_id": str(shop.owner.project_id),
        "document_id": str(document.id),
        "version": 1,
        "edition": 1,
        "chunk_index": 0,
        "content": SHIPPING,
        "filename": "frete.md",
        "page_number": 1,
        "document_type": "md",
        "is_active": True,
        "created_at": document.created_at.isoformat(),
    }
    vectors = records[0].vector
    assert isinstance(vectors, dict)
    assert isinstance(vectors["dense"], list)
    assert len(vectors["dense"]) == DIMENSION
    assert set(vectors) == {"dense", "words"}


async def test_the_collection_says_of_which_embedding_it_is(store: Store, points: TenantPoints) -> None:
    await points.ready()
    info = await behind(points).get_collection(points.collection)
    assert info.config.metadata == {"model": MODEL, "dimension": DIMENSION}
    if store.url != ":memory:":  # the client's own store has no payload indexes
        assert info.payload_schema["tenant_id"].params.is_tenant  # type: ignore[union-attr]


@pytest.mark.parametrize(("model", "dimension"), [("another", DIMENSION), (MODEL, 8)])
async def test_vectors_of_another_embedding_are_refused_at_the_start(
    store: Store, points: TenantPoints, model: str, dimension: int
) -> None:
    await points.ready()
    other = TenantPoints(behind(points), collection=points.collection, model=model, dimension=dimension)
    with pytest.raises(OtherModel, match=f"{points.collection} holds vectors of {MODEL} with {DIMENSION} dimensions"):
        await other.ready()


async def test_vectors_of_another_size_are_refused_when_they_come(
    world: World, shop: Tenant, points: TenantPoints
) -> None:
    point = Point(world.ids.new(), 1, 0, (1.0, 0.0), of_passage("a", "pt"), {})
    with pytest.raises(OtherModel, match=f"{DIMENSION} dimensions only"):
        await points.put(shop.scope, [point])
    assert await stored(points) == []


async def test_g52_a_document_again_leaves_each_point_once_and_none_over(
    world: World, shop: Tenant, points: TenantPoints, passages: Passages
) -> None:
    document = await publish(world, passages, shop, SHIPPING, HOURS, RETURNS)
    for texts in ((SHIPPING, HOURS, RETURNS), (RETURNS,), (HOURS, SHIPPING)):
        await publish(world, passages, shop, *texts, document=document)
        await passages.sweep()
        records = sorted(await stored(points), key=lambda record: record.payload["chunk_index"])  # type: ignore[index]
        assert [record.payload["content"] for record in records] == list(texts)  # type: ignore[index]
    document.version = 2
    await publish(world, passages, shop, RETURNS, document=document)
    await passages.sweep()
    assert [(one.payload["version"], one.payload["content"]) for one in await stored(points)] == [(2, RETURNS)]  # type: ignore[index]


async def test_g53_a_removed_document_leaves_no_point(
    world: World, shop: Tenant, stranger: Tenant, points: TenantPoints, passages: Passages
) -> None:
    document, kept = (await publish(world, passages, shop, SHIPPING), await publish(world, passages, stranger, HOURS))
    await passages.remove(stranger.scope, document.id)
    assert len(await stored(points)) == 2, "a document of another tenant cannot be removed"
    await passages.remove(shop.scope, document.id)
    assert [record.payload["document_id"] for record in await stored(points)] == [str(kept.id)]  # type: ignore[index]


async def test_g53_points_without_a_row_are_not_found_and_are_swept_away(
    world: World, shop: Tenant, stranger: Tenant, points: TenantPoints, passages: Passages
) -> None:
    """Whatever removed the row: here a purge, and a document that was deleted while Qdrant was away."""
    gone = await publish(world, passages, shop, SHIPPING, HOURS)
    await publish(world, passages, shop, RETURNS)
    await publish(world, passages, stranger, SHIPPING)
    await world.admin.execute("DELETE FROM passage WHERE document_id = $1", gone.id)
    await world.admin.execute("DELETE FROM passage WHERE tenant_id = 'stranger'")
    found = await passages.search(shop.scope, text="frete", vector=vector(SHIPPING), limit=5)
    assert [passage.content for passage in found] == [RETURNS]
    assert await passages.sweep() == 3
    assert [record.payload["content"] for record in await stored(points)] == [RETURNS]  # type: ignore[index]
    assert await passages.sweep() == 0


async def test_what_is_read_again_has_points_of_its_own(
    world: World, shop: Tenant, points: TenantPoints, passages: Passages
) -> None:
    """Those of the edition before stay until the new one is complete, and a sweep takes none but them."""
    document = await publish(world, passages, shop, SHIPPING)
    (before,) = await stored(points)
    await publish(world, passages, shop, SHIPPING, document=document)
    assert {record.id for record in await stored(points)} == {point_id(document.id, n, 0) for n in (1, 2)}
    assert before.payload is not None
    await points.drop(shop.scope, [UUID(before.payload["chunk_id"])])
    assert [record.id for record in await stored(points)] == [point_id(document.id, 2, 0)]


async def test_a_payload_cannot_pretend_another_owner(
    world: World, shop: Tenant, stranger: Tenant, points: TenantPoints
) -> None:
    forged = {
        "tenant_id": "stranger",
        "organization_id": str(stranger.owner.organization_id),
        "chunk_id": str(world.ids.new()),
    }
    await points.put(shop.scope, [Point(world.ids.new(), 1, 0, vector("a"), of_passage("a", "pt"), forged)])
    (record,) = await stored(points)
    assert record.payload is not None
    assert (record.payload["tenant_id"], record.payload["organization_id"]) == ("shop", str(shop.owner.organization_id))


async def test_nothing_is_asked_for_a_whole_organization(shop: Tenant, points: TenantPoints) -> None:
    for scope in (shop.whole, replace(shop.scope, tenant_id="")):
        with pytest.raises(Invalid):
            await points.search(scope, vector=vector("a"), words=of_passage("a", "pt"), limit=5)
        with pytest.raises(Invalid):
            await points.remove(scope, shop.owner.project_id)


def test_only_one_file_reaches_the_client() -> None:
    naming = re.compile(r"^\s*(from|import) qdrant_client\b", re.MULTILINE)
    found = {str(file.relative_to(SOURCES)) for file in SOURCES.rglob("*.py") if naming.search(file.read_text())}
    assert found == {"outbound/qdrant/points.py", "outbound/qdrant/errors.py"}
    assert "AsyncQdrantClient" not in (SOURCES / "outbound/qdrant/errors.py").read_text()


class Away:
    """A Qdrant that can be switched off: it hangs, refuses, or answers with an error."""

    def __init__(self) -> None:
        self.answer: int | None = None
        self.asked = 0
        self._over = asyncio.Event()
        self._calls = set[asyncio.Task[None] | None]()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        self._calls.add(asyncio.current_task())
        try:
            await reader.readuntil(b"\r\n\r\n")
            if self.answer is None:
                await self._over.wait()
            writer.write(f"HTTP/1.1 {self.answer} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):  # who asked has given up
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def end(self) -> None:
        """No call is under way after it."""
        self._over.set()
        await asyncio.gather(*filter(None, self._calls))


@pytest.mark.guarantee(79)
@pytest.mark.parametrize("answer", [None, 500, 401, "refused"])
async def test_g79_while_qdrant_is_away_words_find_the_passage_and_say_so(
    world: World, shop: Tenant, stranger: Tenant, answer: int | str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atende.outbound.qdrant.points.PATIENCE", 0.2)
    monkeypatch.setattr("atende.outbound.qdrant.points.PATIENCE_WRITING", 0.2)
    for tenant in (shop, stranger):
        await publish(world, world.passages, tenant, SHIPPING, HOURS)
    away = Away()
    away.answer = answer if isinstance(answer, int) else None
    server = await asyncio.start_server(away, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    if answer == "refused":
        server.close()
    points = TenantPoints.connect(url, collection="any", model="text-embedding-3-large", dimension=DIMENSION)
    passages = QdrantPassages(world.pool, points, model="text-embedding-3-large", dimension=DIMENSION)
    try:
        for _ in range(5):
            found = await passages.search(shop.scope, text="Quanto custa o frete?", vector=vector("x"), limit=5)
            assert found.degraded
            assert found[0].content == SHIPPING
            assert found[0].score >= 0.7, "an answer is not withheld because the scale is that of words"
        assert away.asked <= 2, "after two failures it is left alone"
        with pytest.raises(Unavailable):
            await publish(world, passages, shop, RETURNS)
    finally:
        await points.close()
        server.close()
        await away.end()


async def test_g79_it_is_asked_again_when_it_is_back(world: World, shop: Tenant, points: TenantPoints) -> None:
    passages = QdrantPassages(world.pool, points, model=MODEL, dimension=DIMENSION)
    await publish(world, passages, shop, SHIPPING)
    client, down = behind(points), httpx.ConnectError("down")
    real = client.query_batch_points

    async def broken(*_: Any, **__: Any) -> Any:
        raise down

    client.query_batch_points = broken  # type: ignore[method-assign]
    for _ in range(3):
        assert (await passages.search(shop.scope, text="frete", vector=vector("frete"), limit=5)).degraded
    client.query_batch_points = real  # type: ignore[method-assign]
    points._breaker._until = 0.0
    found = await passages.search(shop.scope, text="frete", vector=vector("frete"), limit=5)
    assert found
    assert not found.degraded
