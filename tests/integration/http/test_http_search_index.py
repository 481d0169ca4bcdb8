"""A project's index is changed to another embedding over HTTP: searched is always one whole index, and there is a way back."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from dishka import Provider, Scope, provide

from atende.core.kernel import Unavailable
from atende.core.knowledge import build_index
from atende.core.knowledge.model import Embedded, Usage
from atende.core.knowledge.ports import Embedding, Embeddings, Passages
from atende.main.providers.container import Pool
from atende.main.seeding import Tenant
from atende.outbound.embeddings import OfferedEmbeddings
from atende.outbound.hashed import HashedEmbedding, vector
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.qdrant.passages import QdrantPassages
from atende.outbound.qdrant.points import TenantPoints
from tests.vector_stores import POSTGRES, STORES, Store, behind, open_store
from tests.world.http import HttpWorld, make_world
from tests.world.time import pass_time

RULE = "O prazo de devolução é de {} dias corridos, com a nota fiscal e a embalagem original."
QUESTION = "Qual o prazo de devolução?"
PRICE = 1_000
BIG: dict[str, Any] = {"model": "big", "dimension": 512}
SMALL: dict[str, Any] = {"model": "hashed-384", "dimension": 384}


class Big(HashedEmbedding):
    """Vectors of another size. Wrong ones, if `bad`; fails as `failures` say."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failures: list[Exception] = []
        self.bad = False

    @property
    def model(self) -> str:
        return str(BIG["model"])

    @property
    def dimension(self) -> int:
        return 512

    async def embed(self, texts: Sequence[str], *, asking: bool = False) -> Embedded:
        if self.failures:
            raise self.failures.pop(0)
        self.asked += texts
        made = [self._bad(text) if self.bad else (*vector(text), *[0.0] * 128) for text in texts]
        return Embedded(tuple(made), Usage(tokens_in=10 * len(texts)))

    def _bad(self, text: str) -> tuple[float, ...]:
        """All the same, but for the passage that answers."""
        place = int("trinta dias corridos" in text)
        return tuple(float(at == place) for at in range(512))


class Two(Provider):
    def __init__(self, big: Big, points: TenantPoints | None) -> None:
        super().__init__()
        self.big, self.points, self.has_small = big, points, True

    @provide(scope=Scope.APP, override=True)
    def embeddings(self, default: Embedding) -> Embeddings:
        return OfferedEmbeddings(default, self.big)

    @provide(scope=Scope.APP, override=True)
    def passages(self, pool: Pool, embedding: Embedding) -> Passages:
        from atende.outbound.pgvector import PgvectorPassages

        if self.points is None:
            return PgvectorPassages(pool, model=embedding.model, dimension=embedding.dimension)
        return QdrantPassages(pool, self.points, model=embedding.model, dimension=embedding.dimension)


@dataclass(slots=True)
class Shop:
    world: HttpWorld
    tenant: Tenant
    caller: httpx.AsyncClient
    admin: "asyncpg.Connection[asyncpg.Record]"
    big: Big
    store: Store | None
    points: TenantPoints | None

    async def work(self) -> None:
        while await self.world.work():
            pass

    async def index(self) -> dict[str, Any]:
        return (await self.caller.get("/api/v1/search-index")).json()  # type: ignore[no-any-return]

    async def change(self, **more: Any) -> httpx.Response:
        return await self.caller.post("/api/v1/search-index/change", json=BIG | more)

    async def switch(self) -> dict[str, Any]:
        answer = await self.caller.post("/api/v1/search-index/switch")
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def upload(self, name: str, text: str) -> None:
        await self.world.upload(self.tenant, text, filename=name)

    async def ask(self, question: str = QUESTION) -> dict[str, Any]:
        answer = await self.caller.post("/api/v1/rag/query", json={"query": question, "minScore": 0.0})
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def sources(self, question: str = QUESTION) -> list[tuple[str, float]]:
        return [(one["chunkId"], one["score"]) for one in (await self.ask(question))["sources"]]

    async def vectors(self) -> dict[str, int]:
        rows = await self.admin.fetch("SELECT model, count(*) AS n FROM passage_vector GROUP BY 1")
        marked = {row["model"]: row["n"] for row in rows}
        if self.points is not None:
            client, name = behind(self.points), self.points.collection
            for model, collection in ("hashed-384", name), ("big", f"{name}_big_512"):
                there = (await client.count(collection)).count if await client.collection_exists(collection) else 0
                assert there == marked.get(model, 0), model
        return marked

    async def paid(self) -> int:
        return int(
            await self.admin.fetchval(
                "SELECT coalesce(sum(captured), 0) FROM credit_hold WHERE reference LIKE 'index:%'"
            )
        )

    async def contents(self) -> list[str]:
        return [row["content"] for row in await self.admin.fetch("SELECT content FROM chunk")]

    async def make_due(self) -> None:
        """What waits for documents, but not for days."""
        await self.admin.execute(
            "UPDATE job SET run_at = now() WHERE status = 'queued' AND run_at < now() + interval '1 hour'"
        )


@pytest_asyncio.fixture(params=STORES)
async def shop(request: pytest.FixtureRequest, database: Urls, tmp_path: Path) -> AsyncIterator[Shop]:
    admin, big = await asyncpg.connect(database.admin), Big()
    async with open_store("qdrant-in-process" if request.param == POSTGRES else request.param, tmp_path) as store:
        points = None if request.param == POSTGRES else store.points()
        async with make_world(database, tmp_path, providers=[Two(big, points)]) as world:
            tenant = await world.tenant("loja")
            await admin.execute(
                "INSERT INTO price SELECT (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'model', 'big',"
                " 'credits_per_unit', $1::bigint))).* FROM price p WHERE model = 'hashed-384' AND operation = 'embed'",
                PRICE,
            )
            async with world.caller(tenant.api_key) as caller:
                made = Shop(world, tenant, caller, admin, big, store, points)
                await made.upload("guia.md", RULE.format("trinta"))
                await made.upload("loja.md", "A loja abre de segunda a sábado, das nove às dezoito horas.")
                yield made
    await admin.close()


async def test_the_index_is_of_the_embedding_that_it_was_begun_with(shop: Shop) -> None:
    assert await shop.index() | {"changedAt": None} == {"embedding": SMALL, "changedAt": None, "beside": None}
    (estimate,) = (await shop.caller.get("/api/v1/search-index/embeddings")).json()["data"]
    assert (estimate["embedding"], estimate["passages"], estimate["total"]) == (BIG, 2, 2)
    assert estimate["cost"] == pytest.approx(PRICE / 1_000_000)


async def test_it_is_built_beside_compared_and_switched_to_by_itself_and_back(shop: Shop) -> None:
    await shop.ask()
    before = await shop.sources()
    begun = await shop.change()
    assert begun.status_code == 202, begun.text
    assert begun.json()["beside"]["state"] == "building"
    assert await shop.sources() == before, "nothing changes for questions meanwhile"
    await shop.work()
    after = await shop.index()
    assert after["embedding"] == BIG
    assert (after["beside"]["state"], after["beside"]["embedding"]) == ("kept", SMALL)
    figures = after["beside"]["comparison"]
    assert (figures["passed"], figures["questions"], figures["agreement"], figures["own"]) == (True, 1, 1.0, False)
    assert after["beside"]["spent"] == pytest.approx(2 * PRICE / 1_000_000), "a batch, and the questions"
    assert await shop.paid() == 2 * PRICE
    shop.big.asked.clear()
    found = await shop.ask()
    assert shop.big.asked == [QUESTION]
    assert (found["outcome"], found["degraded"]) == ("answered", False)
    back = await shop.switch()
    assert (back["embedding"], back["beside"]["state"], back["beside"]["embedding"]) == (SMALL, "kept", BIG)
    assert await shop.sources() == before, "exactly what was searched before"
    assert await shop.vectors() == {"hashed-384": 2, "big": 2}


async def test_what_is_published_meanwhile_gets_into_both(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_index, "BATCH", 1)
    await shop.change(then="ask")
    await shop.world.work()  # one batch
    await shop.upload("novo.md", "O estacionamento é gratuito para clientes.")
    await shop.make_due()
    await shop.work()
    await shop.make_due()
    await shop.work()
    ready = (await shop.index())["beside"]
    assert (ready["state"], ready["done"], ready["total"]) == ("ready", 3, 3)
    await shop.upload("outro.md", "Aceitamos Pix e cartão de crédito.")
    assert await shop.vectors() == {"hashed-384": 4, "big": 3}
    late = await shop.switch()
    assert (late["embedding"], late["beside"]["state"]) == (SMALL, "building"), "not before it is whole"
    await shop.work()
    await shop.make_due()
    await shop.work()
    assert (await shop.index())["embedding"] == BIG
    assert await shop.vectors() == {"hashed-384": 4, "big": 4}
    await shop.upload("mais.md", "A garantia é de um ano.")
    assert await shop.vectors() == {"hashed-384": 4, "big": 5}
    assert (await shop.switch())["beside"]["state"] == "building", "the way back takes in what is new"
    await shop.work()
    await shop.make_due()
    await shop.work()
    assert (await shop.index())["embedding"] == SMALL
    assert await shop.vectors() == {"hashed-384": 5, "big": 5}


async def test_below_the_gate_it_waits_for_a_person(shop: Shop) -> None:
    shop.big.bad = True
    for n in range(12):
        await shop.upload(f"{n}.md", RULE.format(f"{n} mil") + f" Regra da filial {n}.")
    quote = RULE.format("trinta")
    questions = [
        {"question": "devolução em trinta dias com a nota", "quote": quote},
        {"question": "xyzzy", "quote": "nowhere"},
    ]
    await shop.change(questions=questions)
    while (await shop.index())["beside"]["state"] == "building":
        await shop.make_due()
        await shop.work()
    waits = await shop.index()
    assert (waits["embedding"], waits["beside"]["state"]) == (SMALL, "ready")
    figures = waits["beside"]["comparison"]
    assert (figures["own"], figures["quotes"], figures["foundBefore"], figures["foundAfter"]) == (True, 2, 1, 0)
    assert figures["worst"] == [questions[0]["question"]]
    again = await shop.change(minAgreement=1.0)
    assert again.status_code == 202
    await shop.ask()
    while (await shop.index())["beside"]["state"] == "building":
        await shop.make_due()
        await shop.work()
    figures = (await shop.index())["beside"]["comparison"]
    assert (figures["passed"], figures["own"]) == (False, False)
    assert figures["worst"] == [QUESTION]
    assert (await shop.index())["embedding"] == SMALL
    assert (await shop.switch())["embedding"] == BIG, "a person may"


async def test_it_goes_on_where_it_stopped_and_a_failure_is_shown(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_index, "BATCH", 1)
    await shop.change(then="ask")
    await shop.world.work()
    shop.big.failures = [Unavailable("the endpoint answered 503")]
    with pytest.raises(Unavailable):
        await shop.world.work()
    held = await shop.admin.fetchval("SELECT count(*) FROM credit_hold WHERE state = 'held'")
    assert held == 1, "the attempt died with its process"
    await shop.admin.execute("UPDATE job SET status = 'queued', lease_until = NULL WHERE status = 'running'")
    await shop.work()
    await shop.make_due()
    await shop.work()
    ready = (await shop.index())["beside"]
    assert (ready["state"], ready["done"]) == ("ready", 2)
    assert await shop.admin.fetchval("SELECT count(*) FROM credit_hold WHERE state = 'held'") == 0
    assert sorted(shop.big.asked) == sorted(await shop.contents()), "each passage once"


async def test_what_is_given_up_and_what_is_kept_too_long_is_removed(shop: Shop) -> None:
    await shop.change(then="ask")
    await shop.work()
    assert (await shop.change(model="hashed-384", dimension=384)).status_code == 422
    dropped = await shop.caller.delete("/api/v1/search-index/beside")
    assert dropped.status_code == 204
    assert (await shop.index())["beside"]["state"] == "removing"
    assert (await shop.change()).status_code == 409
    await shop.work()
    assert (await shop.index())["beside"] is None
    assert await shop.vectors() == {"hashed-384": 2}
    await shop.change(then="switch", keepDays=2)
    await shop.work()
    assert (await shop.index())["beside"]["state"] == "kept"
    await pass_time(shop.admin, timedelta(days=1))
    await shop.make_due()
    await shop.work()
    assert await shop.vectors() == {"hashed-384": 2, "big": 2}, "not before its time"
    await pass_time(shop.admin, timedelta(days=1))
    await shop.work()
    assert (await shop.index())["beside"] is None
    assert await shop.vectors() == {"big": 2}
    assert (await shop.ask())["outcome"] == "answered"


async def test_what_costs_too_much_is_not_begun(shop: Shop) -> None:
    refused = await shop.change(maxCost=0)
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID")
    await shop.admin.execute("UPDATE price SET credits_per_unit = 9000000000000 WHERE model = 'big'")
    await asyncio.sleep(0)
    assert (await shop.change(model="another")).status_code == 422
    assert (await shop.caller.post("/api/v1/search-index/switch")).status_code == 409


async def test_without_its_embedding_an_index_is_searched_by_words_and_nothing_is_mixed(shop: Shop) -> None:
    """The settings lost the embedding of the tenant's index: here they have the other one only, whose index is half built."""
    await shop.change(then="switch")
    await shop.work()
    embeddings: Any = await shop.world.container.get(Embeddings)
    embeddings._by_space = {space: one for space, one in embeddings._by_space.items() if space.model != "big"}
    calls = await shop.admin.fetchval("SELECT count(*) FROM model_call WHERE purpose = 'embed'")
    found = await shop.ask()
    assert (found["outcome"], found["degraded"]) == ("answered", True)
    rows = await shop.admin.fetch(
        "SELECT state, error FROM model_call WHERE purpose = 'embed' ORDER BY id OFFSET $1", calls
    )
    assert [(row["state"], row["error"].split(":")[0]) for row in rows] == [("failed", "not needed")]
    answer = await shop.caller.post("/api/v1/documents/upload", files={"file": ("novo.md", b"# Novo\n\nTexto novo.")})
    assert await shop.world.work() == 1, "it is read"
    with pytest.raises(Unavailable, match="the index is of big with 512 dimensions, which the settings do not have"):
        await shop.world.work()
    document = (await shop.caller.get(f"/api/v1/documents/{answer.json()['id']}")).json()
    assert (document["searchable"], document["status"]) == (False, "processing"), "not into another index"
    assert (await shop.vectors())["hashed-384"] == 2


async def test_a_switch_amid_a_document_lets_it_begin_anew(shop: Shop) -> None:
    """Its job has embedded for the index before when the other one is switched to."""
    await shop.change(then="ask")
    await shop.work()
    embed = shop.big.embed
    await shop.switch()
    await shop.caller.post("/api/v1/documents/upload", files={"file": ("novo.md", b"# Novo\n\nTexto novo.")})
    await shop.world.work()

    async def switching(texts: Sequence[str], *, asking: bool = False) -> Embedded:
        made = await embed(texts, asking=asking)
        shop.big.embed = embed  # type: ignore[method-assign]
        assert (await shop.switch())["embedding"] == SMALL
        return made

    shop.big.embed = switching  # type: ignore[method-assign]
    await shop.work()
    assert await shop.vectors() == {"hashed-384": 3, "big": 3}
    assert (await shop.ask("Texto novo?"))["sources"]
    calls = await shop.admin.fetch(
        "SELECT model FROM model_call WHERE purpose = 'embed' ORDER BY started_at DESC LIMIT 3"
    )
    assert {row["model"] for row in calls} == {"big", "hashed-384"}
    assert await shop.admin.fetchval("SELECT count(*) FROM document WHERE status = 'processed'") == 3
    assert await shop.admin.fetchval("SELECT count(*) FROM credit_hold WHERE state = 'held'") == 0
