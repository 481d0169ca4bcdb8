"""Answers with what they rest on, as they are stored."""

import pytest

from atende.core.kernel import Conflict, Credits, NotFound
from atende.core.knowledge.model import Answer, Citation, Outcome, Passage, Sentence
from tests.world import Tenant, World


def _answer(world: World, tenant: Tenant, **more: object) -> Answer:
    chunk_id, document_id = world.ids.new(), world.ids.new()
    quote = "O frete é grátis acima de R$ 200."
    passage = Passage(
        chunk_id=chunk_id,
        document_id=document_id,
        document_name="frete.pdf",
        version=2,
        index=0,
        content=f"Entrega. {quote} Vale para todo o Brasil.",
        score=0.8125,
        page=3,
    )
    citation = Citation(
        chunk_id=chunk_id,
        document_id=document_id,
        document_name="frete.pdf",
        version=2,
        start=9,
        end=9 + len(quote),
        quote=quote,
        page=3,
        score=0.8125,
    )
    values: dict[str, object] = {
        "id": world.ids.new(),
        "owner": tenant.owner,
        "question": "Quanto custa o frete?",
        "text": "O frete é grátis acima de R$ 200.",
        "outcome": Outcome.ANSWERED,
        "model": "atende/extractive",
        "tokens": 42,
        "cost": Credits(1_000_000),
        "created_at": world.now(),
        "sentences": (Sentence(quote, (citation, citation)), Sentence(quote, (citation,))),
        "passages": (passage,),
        "turn_id": world.ids.new(),
        "processing_ms": 17,
    }
    return Answer(**(values | more))  # type: ignore[arg-type]


async def test_what_was_added_is_read_back_whole(world: World, shop: Tenant) -> None:
    answer = _answer(world, shop)
    nothing = _answer(world, shop, outcome=Outcome.UNKNOWN, sentences=(), passages=(), turn_id=None)
    async with world.begin(shop.scope) as at:
        await at.answers.add(answer)
        await at.answers.add(nothing)
    async with world.begin(shop.scope) as at:
        assert await at.answers.get(shop.scope, answer.id) == answer
        assert await at.answers.get(shop.scope, nothing.id) == nothing
        with pytest.raises(NotFound):
            await at.answers.get(shop.scope, world.ids.new())


async def test_an_answer_is_added_once(world: World, shop: Tenant) -> None:
    answer = _answer(world, shop)
    async with world.begin(shop.scope) as at:
        await at.answers.add(answer)
    with pytest.raises(Conflict):
        async with world.begin(shop.scope) as at:
            await at.answers.add(answer)


async def test_another_tenant_sees_and_adds_nothing(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    answer = _answer(world, shop)
    async with world.begin(shop.scope) as at:
        await at.answers.add(answer)
    for scope in (branch.scope, stranger.scope, stranger.whole):
        async with world.begin(scope) as at:
            for asked in (scope, shop.scope):
                with pytest.raises(NotFound):
                    await at.answers.get(asked, answer.id)
        with pytest.raises(Exception, match=r"row-level security|another tenant"):
            async with world.begin(scope) as at:
                await at.answers.add(_answer(world, shop))
    async with world.begin(shop.whole) as at:
        assert await at.answers.get(shop.whole, answer.id) == answer
