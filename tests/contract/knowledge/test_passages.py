"""The search index: meaning and words together, of live documents of one tenant only, wherever the vectors are."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from atende.core.knowledge.document import Chunk, Document
from atende.core.knowledge.model import Agent, Embedded, Passage, Usage
from atende.outbound.hashed import vector
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.transaction import scoped
from tests.contract.knowledge.test_documents import make_chunks, make_document
from tests.vector_stores import POSTGRES, STORES, open_store
from tests.world import DIMENSION, MODEL, Tenant, World, open_world

SHIPPING = "O frete para a região Sul custa quinze reais e chega em três dias úteis."
RETURNS = "A devolução é aceita em até trinta dias, com a nota fiscal e a embalagem original."
HOURS = "A loja abre de segunda a sábado, das nove às dezoito horas."


@pytest_asyncio.fixture(params=STORES)
async def world(request: pytest.FixtureRequest, database: Urls, tmp_path: Path) -> AsyncIterator[World]:
    """One whose vectors are in each of the stores."""
    async with open_world(database) as made:
        if request.param == POSTGRES:
            yield made
            return
        async with open_store(request.param, tmp_path) as store:
            made.passages_of = lambda model, **more: store.passages(made, model=model, **more)  # type: ignore[method-assign]
            made.passages = made.passages_of(MODEL)
            yield made


NOTHING = (1.0, *[0.0] * (DIMENSION - 1))
"""A vector that means nothing in particular."""


def _embedded(chunks: list[Chunk]) -> Embedded:
    return Embedded(tuple(vector(chunk.content) for chunk in chunks), Usage())


async def _publish(world: World, tenant: Tenant, document: Document, *texts: str) -> list[Chunk]:
    document.process()
    chunks = make_chunks(world, document, *texts)
    async with world.begin(tenant.scope) as at:
        document.was_read(cut=len(chunks), language=document.language, details={})
        await at.documents.save(document, chunks)
    await world.passages.index(tenant.owner, document, chunks, _embedded(chunks))
    async with world.begin(tenant.scope) as at:
        document.publish(world.now())
        await at.documents.prune(document)
        await at.documents.save(document)
    return chunks


async def _document(world: World, tenant: Tenant, *texts: str, name: str = "loja.md", **more: object) -> Document:
    document = make_document(world, tenant, name, **more)
    async with world.begin(tenant.scope) as at:
        await at.documents.add(document)
    await _publish(world, tenant, document, *texts)
    return document


async def _search(world: World, tenant: Tenant, text: str, **more: object) -> list[Passage]:
    values = {"text": text, "vector": vector(text), "limit": 5} | more
    return await world.passages.search(tenant.scope, **values)  # type: ignore[arg-type]


async def test_the_passage_that_answers_comes_first_and_whole(world: World, shop: Tenant) -> None:
    document = await _document(world, shop, HOURS, SHIPPING, RETURNS)
    found = await _search(world, shop, "Quanto custa o frete para o Sul?")
    first = found[0]
    assert (first.content, first.index, first.page) == (SHIPPING, 1, 2)
    assert (first.document_id, first.document_name, first.version) == (document.id, "loja.md", 1)
    assert 0.7 < first.score <= 1
    assert all(first.score >= other.score for other in found)
    assert (await _search(world, shop, "posso fazer uma devolucao?"))[0].content == RETURNS, "accents are folded"
    assert len(await _search(world, shop, "frete", limit=1)) == 1


async def test_a_rare_word_finds_its_passage_among_many(world: World, shop: Tenant) -> None:
    texts = [f"O modelo número {n} custa {n} reais e vem com garantia de um ano da loja." for n in range(60)]
    texts[37] = "A peça XPTO-9000 custa noventa reais e vem com garantia de um ano da loja."
    await _document(world, shop, *texts)
    question = "qual a garantia da XPTO-9000?"
    assert (await _search(world, shop, question))[0].index == 37
    by_words = await world.passages_of("another").search(shop.scope, text=question, vector=NOTHING, limit=5)
    assert by_words[0].index == 37


async def test_what_is_near_in_meaning_is_found_without_a_word_in_common(world: World, shop: Tenant) -> None:
    await _document(world, shop, HOURS, SHIPPING, RETURNS)
    for content in (HOURS, SHIPPING, RETURNS):
        assert (await _search(world, shop, "xyzzy", vector=vector(content)))[0].content == content


async def test_an_empty_index_and_strange_questions_find_nothing_and_break_nothing(world: World, shop: Tenant) -> None:
    assert await _search(world, shop, "frete?") == []
    await _document(world, shop, SHIPPING)
    for text in ("", "   ", "?!", "' | & ! ( ) :* <->", "\\", "'; DROP TABLE passage; --", "🙂", "x" * 4_000):
        for passage in await _search(world, shop, text):
            assert 0 <= passage.score <= 1


async def test_g54_nothing_of_another_tenant_is_found(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    """The same text with the same vectors in all three."""
    documents = {
        tenant.owner.tenant_id: await _document(world, tenant, SHIPPING) for tenant in (shop, branch, stranger)
    }
    for tenant in (shop, branch, stranger):
        found = await _search(world, tenant, "frete para o Sul")
        assert [passage.document_id for passage in found] == [documents[tenant.owner.tenant_id].id]
    assert await world.passages.search(shop.whole, text="frete", vector=vector("frete"), limit=5) == []


async def test_g54_nothing_is_indexed_for_another_tenant(world: World, shop: Tenant, stranger: Tenant) -> None:
    document = await _document(world, shop, SHIPPING)
    chunks = make_chunks(world, document, "sly")
    await world.passages.index(stranger.owner, document, chunks, _embedded(chunks))
    assert await _search(world, stranger, "sly") == []
    assert await world.count("passage") == 1
    assert [passage.content for passage in await _search(world, shop, "frete")] == [SHIPPING]


async def test_g53_only_live_documents_are_found(world: World, shop: Tenant) -> None:
    document = await _document(world, shop, SHIPPING)
    for end in (document.delete, lambda: document.fail("broken")):
        end()
        async with world.begin(shop.scope) as at:
            await at.documents.save(document)
        assert await _search(world, shop, "frete") == []
    unpublished = make_document(world, shop)
    async with world.begin(shop.scope) as at:
        await at.documents.add(unpublished)
        await at.documents.save(unpublished, chunks := make_chunks(world, unpublished, SHIPPING))
    await world.passages.index(shop.owner, unpublished, chunks, _embedded(chunks))
    assert await _search(world, shop, "frete") == []


async def test_g52_a_new_version_takes_the_place_of_the_old_one(world: World, shop: Tenant) -> None:
    document = await _document(world, shop, SHIPPING, HOURS)
    old = await _search(world, shop, "frete")
    document.version = 2
    document.process()
    text = "O frete agora é grátis para todo o país."
    chunks = make_chunks(world, document, text)
    async with world.begin(shop.scope) as at:
        await at.documents.save(document, chunks)
    await world.passages.index(shop.owner, document, chunks, _embedded(chunks))
    assert await _search(world, shop, "frete") == old, "the old version is searched until the new one is complete"
    document.fail("it broke")
    async with world.begin(shop.scope) as at:
        await at.documents.save(document)
    assert await _search(world, shop, "frete") == old
    await _publish(world, shop, document, "O frete agora é grátis para todo o país.")
    found = await _search(world, shop, "frete")
    assert [(passage.version, passage.content) for passage in found] == [
        (2, "O frete agora é grátis para todo o país.")
    ]


async def test_g52_indexing_again_changes_nothing(world: World, shop: Tenant) -> None:
    document = make_document(world, shop)
    async with world.begin(shop.scope) as at:
        await at.documents.add(document)
    chunks = await _publish(world, shop, document, SHIPPING, HOURS, RETURNS)
    before = await _search(world, shop, "a que horas a loja abre?")
    for _ in range(2):
        await world.passages.index(shop.owner, document, chunks, _embedded(chunks))
    assert await _search(world, shop, "a que horas a loja abre?") == before
    assert await world.count("passage") == 3
    await world.passages.index(shop.owner, document, chunks[:1], _embedded(chunks[:1]))
    assert await world.count("passage") == 3, "others of the document stay"
    await world.passages.remove(shop.scope, document.id)
    assert await world.count("passage") == 0


async def test_an_agent_finds_its_own_documents_and_those_of_all(world: World, shop: Tenant) -> None:
    agents = [
        Agent(id=world.ids.new(), owner=shop.owner, name=f"{n}", created_at=world.now() + timedelta(seconds=n))
        for n in range(2)
    ]
    async with world.begin(shop.scope) as at:
        for agent in agents:
            await at.agents.add(agent)
    common = await _document(world, shop, SHIPPING)
    own = await _document(world, shop, SHIPPING, agent_id=agents[0].id)

    async def found(agent: Agent | None) -> set[object]:
        passages = await _search(world, shop, "frete", agent_id=agent.id if agent else None)
        return {passage.document_id for passage in passages}

    assert await found(agents[0]) == await found(None) == {common.id, own.id}
    assert await found(agents[1]) == {common.id}


@pytest.mark.parametrize(
    ("language", "text", "question"),
    [
        ("pt", "As entregas são feitas pelos correios.", "vocês entregam?"),
        ("en", "Deliveries are made by courier.", "do you deliver?"),
        ("es", "Las entregas se hacen por mensajería.", "¿hacen entregas?"),
    ],
)
async def test_words_are_found_in_the_language_of_the_document(
    world: World, shop: Tenant, language: str, text: str, question: str
) -> None:
    await _document(world, shop, text, language=language)
    await _document(world, shop, "zzz yyy xxx", name="noise.md")
    assert (await _search(world, shop, question, vector=NOTHING))[0].content == text


async def test_passages_of_another_embedding_are_found_by_their_words(world: World, shop: Tenant) -> None:
    await _document(world, shop, SHIPPING, HOURS)
    other = world.passages_of("another", dimension=3)
    (found,) = await other.search(shop.scope, text="frete", vector=(1.0, 0.0, 0.0), limit=5)
    assert found.content == SHIPPING


async def test_the_counts_of_words_follow_the_index(world: World) -> None:
    """However often a document is processed: what rarity is judged by must not drift."""
    shop = await world.found("shop")
    document = await _document(world, shop, SHIPPING, HOURS, RETURNS)
    await _document(world, shop, HOURS, name="other.md")
    for texts in ((SHIPPING, HOURS, RETURNS), (SHIPPING,), (RETURNS, HOURS)):
        await _publish(world, shop, document, *texts)
    counted = await world.admin.fetch("SELECT word, passages FROM lexeme WHERE passages <> 0")
    real = await world.admin.fetch(
        "SELECT l.word, count(*) AS passages FROM passage p, unnest(tsvector_to_array(p.words)) AS l (word) GROUP BY 1"
        " UNION ALL SELECT '', count(*) FROM passage"
    )
    assert {row["word"]: row["passages"] for row in counted} == {row["word"]: row["passages"] for row in real}


async def test_candidates_are_drawn_by_the_rarest_words(world: World, shop: Tenant) -> None:
    """With room for few of them: a part of what a common word is in, by chance, would keep out what the rare ones are in."""
    texts = [f"Entrega comum da loja número {n}." for n in range(20)]
    for n in (17, 18):
        texts[n] += " Abacaxi."
    for n in (2, 5, 8, 11, 14, 18, 19):
        texts[n] += " Bicicleta."
    document = await _document(world, shop, *texts)
    index_of = {
        row["id"]: row["index"]
        for row in await world.admin.fetch("SELECT id, index FROM chunk WHERE document_id = $1", document.id)
    }

    async def drawn(text: str, pool: int) -> list[int]:
        async with scoped(world.pool, shop.scope) as connection:
            rows = await connection.fetch("SELECT chunk_id FROM search_words($1, '', $2, 40)", text, pool)
        return [index_of[row["chunk_id"]] for row in rows]

    assert sorted(await drawn("entrega abacaxi", 3)) == [17, 18], "not by the word that all of them have"
    assert set(await drawn("abacaxi bicicleta", 5)) == {2, 5, 8, 11, 14, 17, 18, 19}, "by both, where there is room"
    few = await drawn("entrega bicicleta abacaxi", 1)
    assert set(few) == {17, 18}
    assert len(few) == 2
    both = await drawn("bicicleta loja", 2)
    assert set(both) <= {2, 5, 8, 11, 14, 18, 19}
    assert (await drawn("entrega loja", 4))[:1], "words that all have find something all the same"
    assert len(await drawn("entrega loja", 100)) == 20
