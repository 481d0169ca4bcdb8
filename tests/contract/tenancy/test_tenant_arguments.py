"""Every statement names its tenant: tested as a superuser, whom row-level security does not stop."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
import pytest_asyncio

from atende.core.conversation.model import Conversation, Delivery, Direction, Handoff, HandoffReason, Message, Sender
from atende.core.conversation.turns import Turn
from atende.core.credits.model import Balance
from atende.core.kernel import CREDIT, NO_CREDITS, NotFound, TenantScope
from atende.core.knowledge.document import Chunk, Document
from atende.core.knowledge.jobs import PROCESS_DOCUMENT
from atende.core.knowledge.model import Agent, Answer, Embedded, Outcome, Usage
from atende.core.work.model import Claim, Fenced, NewJob
from atende.outbound.hashed import vector
from atende.outbound.postgres.embedded.launcher import Urls
from tests.contract.knowledge.test_documents import make_chunks, make_document
from tests.world import Tenant, World, open_world


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A tenant that has one of everything, and the scopes that must see none of it."""

    world: World
    shop: Tenant
    others: tuple[TenantScope, ...]
    conversation: Conversation
    message: Message
    turn: Turn
    document: Document
    chunk: Chunk
    answer: Answer
    agent: Agent
    dead: int
    claim: Claim


@pytest_asyncio.fixture
async def filled(database: Urls) -> AsyncIterator[Filled]:
    async with open_world(replace(database, app=database.admin)) as world:
        yield await _fill(world)


async def _fill(world: World) -> Filled:
    shop, stranger = await world.found("shop"), await world.found("stranger")
    branch = await world.branch(shop, "branch")
    conversation = await world.conversation(shop)
    now, owner, scope = world.now(), shop.owner, shop.scope
    turn = Turn(id=world.ids.new(), conversation_id=conversation.id, from_seq=1, to_seq=1, created_at=now)
    message = Message(
        id=world.ids.new(),
        conversation_id=conversation.id,
        seq=2,
        direction=Direction.OUTBOUND,
        sender=Sender.AI,
        text="olá",
        created_at=now,
        delivery=Delivery.PENDING,
        turn_id=turn.id,
    )
    answer = Answer(
        id=world.ids.new(),
        owner=owner,
        question="?",
        text="!",
        outcome=Outcome.UNKNOWN,
        model="m",
        tokens=0,
        cost=NO_CREDITS,
        created_at=now,
    )
    handoff = Handoff(
        id=world.ids.new(), conversation_id=conversation.id, reason=HandoffReason.NOT_KNOWN, created_at=now
    )
    agent = Agent(id=world.ids.new(), owner=owner, name="agent", created_at=now)
    document = make_document(world, shop)
    chunks = make_chunks(world, document, "O frete é grátis.")
    async with world.begin(scope) as at:
        await at.turns.save(scope, turn)
        await at.messages.save(scope, message)
        await at.answers.add(answer)
        await at.agents.add(agent)
        await at.handoffs.add(scope, handoff)
        await at.documents.add(document)
        await at.documents.save(document, chunks)
        for name in ("dead", "held"):
            await at.jobs.put(scope, NewJob(kind=PROCESS_DOCUMENT, payload={"name": name}))
        ledger = await at.ledgers.lock(owner.organization_id)
        ledger.grant(world.ids.new(), amount=CREDIT, reference="g", at=now)
        await at.ledgers.save(ledger)
    await world.passages.index(owner, document, chunks, Embedded((vector(chunks[0].content),), Usage()))
    claims = {claim.payload["name"]: claim for claim in await world.claim() if "name" in claim.payload}
    async with world.begin(scope) as at:
        document.process()
        document.was_read(cut=1, language="pt", details={})
        document.publish(now)
        await at.documents.save(document)
        await at.jobs.bury(claims["dead"], "dead")
    return Filled(
        world=world,
        shop=shop,
        others=(branch.scope, stranger.scope, stranger.whole),
        conversation=conversation,
        message=message,
        turn=turn,
        document=document,
        chunk=chunks[0],
        answer=answer,
        agent=agent,
        dead=claims["dead"].job_id,
        claim=claims["held"],
    )


async def test_row_level_security_does_not_apply_here(filled: Filled) -> None:
    async with filled.world.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM conversation") == 1


async def test_g58_nothing_of_another_tenant_is_read(filled: Filled) -> None:
    for scope in filled.others:
        async with filled.world.begin(scope) as at:
            reads = (
                at.conversations.get(scope, filled.conversation.id),
                at.conversations.lock(scope, filled.conversation.id),
                at.messages.get(scope, filled.message.id),
                at.messages.lock(scope, filled.message.id),
                at.turns.get(scope, filled.turn.id),
                at.documents.get(scope, filled.document.id),
                at.answers.get(scope, filled.answer.id),
                at.agents.pick(scope, filled.agent.id),
                at.accounts.get(scope, filled.shop.account.id),
                at.projects.get(scope, filled.shop.project.id),
                at.dead_letters.replay(scope, filled.dead),
                at.dead_letters.discard(scope, filled.dead),
            )
            for read in reads:
                with pytest.raises(NotFound):
                    await read
            assert (await at.conversations.page(scope, page=1, limit=10)).total == 0
            assert await at.messages.of(scope, filled.conversation.id) == []
            assert await at.turns.latest_in(scope, filled.conversation.id) == (None, None)
            assert (await at.documents.page(scope, page=1, limit=10)).total == 0
            assert await at.agents.pick(scope) is None
            assert (await at.dead_letters.page(scope, page=1, limit=10)).total == 0
        assert await filled.world.passages.search(scope, text="frete", vector=vector("frete"), limit=5) == []


async def test_g58_nothing_of_another_tenant_is_written(filled: Filled) -> None:
    before = await _digest(filled.world)
    for scope in filled.others[:2]:
        owner = replace(filled.shop.owner, organization_id=scope.organization_id, tenant_id=scope.tenant_id)
        async with filled.world.begin(scope) as at:
            await at.conversations.save(replace(filled.conversation, owner=owner, contact_name="changed"))
            await at.documents.save(replace(filled.document, owner=owner, error="changed"))
            await at.documents.save(replace(filled.document, owner=owner), [])
            await at.handoffs.settle(scope, filled.conversation.id, by="a stranger")
            forged = replace(filled.claim, scope=scope)
            for write in (at.jobs.keep(forged), at.jobs.finish(forged), at.jobs.bury(forged, "changed")):
                with pytest.raises(Fenced):
                    await write
    assert await _digest(filled.world) == before


async def test_an_organization_counts_its_own_credits(filled: Filled) -> None:
    strange: UUID = filled.others[1].organization_id
    async with filled.world.begin(filled.others[1]) as at:
        assert await at.ledgers.balance(strange) == Balance()
        assert (await at.ledgers.entries(strange, page=1, limit=10)).total == 0
        assert (await at.ledgers.lock(strange)).balance == Balance()


async def _digest(world: World) -> dict[str, str]:
    """What all rows say."""
    return {
        table: await world.admin.fetchval(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
        for table in ("conversation", "document", "chunk", "handoff", "job", "message", "turn")
    }
