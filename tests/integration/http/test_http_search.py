"""Qdrant behind the API: while it is away, questions and customers are answered by words, and it is said."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from dishka import Provider, Scope, provide

from atende.core.kernel import Unavailable
from atende.core.knowledge.ports import Embedding, Passages
from atende.main.commands.doctor.external import look
from atende.main.commands.doctor.part import Part, State
from atende.main.processes.periodic import keep_sweeping
from atende.main.providers.container import Pool, make_container
from atende.main.providers.search import check_vectors
from atende.main.settings import Settings, SettingsError
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.qdrant.passages import QdrantPassages
from atende.outbound.qdrant.points import TenantPoints
from tests.vector_stores import IN_PROCESS, Store, behind, open_store
from tests.world import DIMENSION, MODEL
from tests.world.http import GUIDE, HttpWorld, make_world

QUESTION = "Qual o prazo de devolução?"


class InProcess(Provider):
    """Qdrant's client with a store of its own."""

    def __init__(self, points: TenantPoints) -> None:
        super().__init__()
        self._points = points

    @provide(scope=Scope.APP, override=True)
    def passages(self, pool: Pool, embedding: Embedding) -> Passages:
        return QdrantPassages(pool, self._points, model=embedding.model, dimension=embedding.dimension)


@dataclass(slots=True)
class Shop:
    world: HttpWorld
    points: TenantPoints
    admin: "asyncpg.Connection[asyncpg.Record]"

    def go_away(self) -> None:
        async def broken(*_: Any, **__: Any) -> Any:
            raise httpx.ConnectError("down")

        behind(self.points).query_batch_points = broken  # type: ignore[method-assign]


@pytest_asyncio.fixture
async def shop(database: Urls, tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_store(IN_PROCESS, tmp_path) as store:
        points, admin = store.points(), await asyncpg.connect(database.admin)
        async with make_world(database, tmp_path, providers=[InProcess(points)]) as world:
            yield Shop(world, points, admin)
        await admin.close()


@pytest.mark.guarantee(79)
async def test_g79_an_answer_says_that_the_search_was_degraded(shop: Shop) -> None:
    tenant = await shop.world.tenant("loja")
    await shop.world.upload(tenant, "# Devolução\n\nO prazo de devolução é de trinta dias corridos.\n")
    assert (await behind(shop.points).count(shop.points.collection)).count == 1
    async with shop.world.caller(tenant.api_key) as caller:
        whole = (await caller.post("/api/v1/rag/query", json={"query": QUESTION})).json()
        assert (whole["outcome"], whole["degraded"]) == ("answered", False)
        shop.go_away()
        for _ in range(3):
            answer = await caller.post("/api/v1/rag/query", json={"query": QUESTION})
            assert answer.status_code == 200
            assert (answer.json()["answer"], answer.json()["degraded"]) == (whole["answer"], True)
    stored = await shop.admin.fetch("SELECT degraded FROM answer ORDER BY created_at, id")
    assert [row["degraded"] for row in stored] == [False, True, True, True]


@pytest.mark.guarantee(79)
async def test_g79_a_customer_is_answered_by_words(shop: Shop) -> None:
    tenant = await shop.world.tenant("loja")
    await shop.world.upload(tenant, "# Devolução\n\nO prazo de devolução é de trinta dias corridos.\n")
    shop.go_away()
    await shop.world.write(tenant, QUESTION)
    await shop.world.work()
    (row,) = await shop.admin.fetch("SELECT outcome, degraded FROM answer")
    assert (row["outcome"], row["degraded"]) == ("answered", True)


@pytest.mark.guarantee(52)
async def test_g52_a_document_waits_for_qdrant_and_nothing_is_paid_meanwhile(shop: Shop) -> None:
    tenant = await shop.world.tenant("loja")
    await shop.points.ready()
    client = behind(shop.points)
    real = client.collection_exists

    async def broken(*_: Any, **__: Any) -> Any:
        raise httpx.ConnectError("down")

    client.collection_exists = broken  # type: ignore[method-assign]
    async with shop.world.caller(tenant.api_key) as caller:
        made = await caller.post("/api/v1/documents/upload", files={"file": ("guia.md", GUIDE.encode())})
        document = f"/api/v1/documents/{made.json()['id']}"
        assert await shop.world.work() == 1, "it is read all the same"
        with pytest.raises(Unavailable, match="Qdrant does not answer") as caught:
            await shop.world.work()
        assert caught.value.retry_after == 60
        assert (await caller.get(document)).json()["status"] == "processing"
        assert await shop.admin.fetchval("SELECT count(*) FROM model_call") == 0
        client.collection_exists = real  # type: ignore[method-assign]
        await shop.admin.execute("UPDATE job SET status = 'queued', lease_until = NULL WHERE status = 'running'")
        await shop.world.work()
        assert (await caller.get(document)).json()["status"] == "processed"
    assert await shop.admin.fetchval("SELECT count(*) FROM model_call") == 1
    stored = (await client.count(shop.points.collection)).count
    assert stored == await shop.admin.fetchval("SELECT count(*) FROM chunk") > 0


async def test_what_is_read_again_leaves_no_point_of_the_edition_before(shop: Shop) -> None:
    tenant = await shop.world.tenant("loja")
    document = await shop.world.upload(tenant, GUIDE)
    client, collection = behind(shop.points), shop.points.collection
    before = (await client.count(collection)).count
    async with shop.world.caller(tenant.api_key) as caller:
        await caller.post(f"/api/v1/documents/{document}/process")
    while await shop.world.work():
        pass
    assert (await client.count(collection)).count == before == await shop.admin.fetchval("SELECT count(*) FROM chunk")


async def test_the_worker_sweeps_what_is_left_over(shop: Shop) -> None:
    tenant = await shop.world.tenant("loja")
    await shop.world.upload(tenant, GUIDE)
    await shop.admin.execute("DELETE FROM passage")
    client, collection = behind(shop.points), shop.points.collection
    assert (await client.count(collection)).count > 0
    task = asyncio.create_task(keep_sweeping(shop.world.container, every=0.01))
    async with asyncio.timeout(10):
        while (await client.count(collection)).count:
            await asyncio.sleep(0.01)
    task.cancel()


@pytest.fixture
def nowhere() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def _settings(database: Urls, folder: Path, url: str) -> Settings:
    return Settings(
        app_env="test", database_url=database.app, encryption_key="ab" * 32, data_dir=folder, qdrant_url=url
    )


async def test_a_process_starts_while_qdrant_is_away_but_not_on_vectors_of_another_embedding(
    database: Urls, tmp_path: Path, nowhere: str
) -> None:
    settings = _settings(database, tmp_path, nowhere)
    container = make_container(settings)
    assert isinstance(await container.get(Passages), QdrantPassages)
    await check_vectors(container, settings)
    await container.close()

    store = Store(":memory:")
    points = store.points()
    await points.ready()
    other = TenantPoints(behind(points), collection=points.collection, model="another", dimension=DIMENSION)
    container = make_container(settings, InProcess(other))
    with pytest.raises(SettingsError, match=f"QDRANT_URL: .* vectors of {MODEL} with {DIMENSION} dimensions"):
        await check_vectors(container, settings)
    await container.close()
    await store.close()


async def test_the_doctor_says_where_vectors_are(database: Urls, tmp_path: Path, nowhere: str) -> None:
    async def part(url: str) -> Part:
        return next(one for one in await look(_settings(database, tmp_path, url)) if one.name == "qdrant")

    assert (await part("")).state is State.OFF
    away = await part(nowhere)
    assert away.state is State.WRONG
    assert away.detail.startswith("QDRANT_URL: Qdrant does not answer")
