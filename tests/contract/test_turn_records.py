"""What a turn reads and writes under its conversation's lock."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from atende.core.conversation.model import Conversation, Delivery, Direction, Message, Sender
from atende.core.conversation.turn.answer_customer import TURN
from atende.core.conversation.turns import SilenceReason, Turn
from atende.core.kernel import Conflict, NotFound
from atende.core.knowledge.model import Agent, Answer, ModelCall, Outcome
from atende.core.work.model import Claim, Fenced, NewJob
from tests.world import Tenant, World


async def _claimed(world: World, conversation: Conversation) -> Claim:
    claims = await world.claim()
    return next(claim for claim in claims if claim.payload == {"conversation_id": str(conversation.id)})


async def _asked(world: World, shop: Tenant) -> tuple[Conversation, Claim]:
    conversation = await world.conversation(shop)
    async with world.begin(shop.scope) as at:
        job = NewJob(kind=TURN, payload={"conversation_id": str(conversation.id)})
        await at.jobs.put(shop.scope, replace(job, dedupe_key=None))
    return conversation, await _claimed(world, conversation)


def _agent(world: World, shop: Tenant, name: str, *, is_default: bool = False) -> Agent:
    return Agent(id=world.ids.new(), owner=shop.owner, name=name, created_at=world.now(), is_default=is_default)


async def test_a_turn_is_read_whole(world: World, shop: Tenant) -> None:
    conversation, claim = await _asked(world, shop)
    async with world.begin(shop.scope) as at:
        opened = await at.turn_records.open(claim, history=20)
        context = opened.context
        assert (opened.latest, opened.reply) == (None, None)
        assert (context.conversation, context.agent) == (conversation, None)
        assert context.account.last_inbound_at is not None
        assert replace(context.account, last_inbound_at=None) == shop.account
        assert (context.project.id, context.project.is_active) == (shop.project.id, True)
    first, default = _agent(world, shop, "first"), _agent(world, shop, "default", is_default=True)
    async with world.begin(shop.scope) as at:
        await at.agents.add(first)
        await at.agents.add(default)
    async with world.begin(shop.scope) as at:
        assert (await at.turn_records.open(claim, history=20)).context.agent == default
        again = (await at.turn_records.resume(claim, context, after_seq=0)).context
        assert (again.conversation, again.account, again.agent) == (conversation, context.account, context.agent)
    async with world.begin(shop.scope) as at:
        await at.conversations.save(replace(conversation, agent_id=first.id))
    async with world.begin(shop.scope) as at:
        assert (await at.turn_records.open(claim, history=20)).context.agent == first


async def test_who_waits_for_the_lock_sees_what_was_written_meanwhile(world: World, shop: Tenant) -> None:
    conversation, claim = await _asked(world, shop)
    written, waiting = asyncio.Event(), "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"

    async def write() -> None:
        async with world.begin(shop.scope) as at:
            locked = await at.conversations.lock(shop.scope, conversation.id)
            written.set()
            async with asyncio.timeout(30):
                while not await world.admin.fetchval(waiting):
                    await asyncio.sleep(0.01)
            await at.messages.save(shop.scope, _said(world, locked, "E aí?"))
            await at.conversations.save(locked)

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        await written.wait()
        async with world.begin(shop.scope) as at:
            opened = await at.turn_records.open(claim, history=20)
            assert opened.context.conversation.last_seq == conversation.last_seq + 1
            assert [message.text for message in opened.messages] == ["oi", "E aí?"]


async def test_a_claim_that_was_lost_and_a_conversation_that_is_not_there(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    _, claim = await _asked(world, shop)
    async with world.begin(shop.scope) as at:
        with pytest.raises(Fenced):
            await at.turn_records.open(replace(claim, token=claim.token + 1), history=20)
        with pytest.raises(NotFound):
            await at.turn_records.open(replace(claim, payload={"conversation_id": str(world.ids.new())}), history=20)
    for other in (branch, stranger):
        theirs = await world.conversation(other)
        async with world.begin(shop.scope) as at:
            with pytest.raises(NotFound):
                await at.turn_records.open(replace(claim, payload={"conversation_id": str(theirs.id)}), history=20)
        async with world.begin(other.scope) as at:
            with pytest.raises(Fenced):
                await at.turn_records.open(claim, history=20)


async def test_a_reply_is_recorded_whole_and_once(world: World, shop: Tenant) -> None:
    conversation, claim = await _asked(world, shop)
    turn = Turn(id=world.ids.new(), conversation_id=conversation.id, from_seq=1, to_seq=1, created_at=world.now())
    call = ModelCall(
        id=world.ids.new(),
        owner=shop.owner,
        purpose="chat",
        provider="atende",
        model="extractive",
        started_at=world.now(),
        turn_id=turn.id,
    )
    async with world.begin(shop.scope) as at:
        await at.turn_records.prepare(shop.scope, turn, [call])
    async with world.begin(shop.scope) as at:
        assert await at.turns.latest_in(shop.scope, conversation.id) == (turn, None)
    turn.reply(at=world.now())
    message, answer = _reply(world, conversation, turn), _answer(world, shop, turn)
    message.answer_id = answer.id
    async with world.begin(shop.scope) as at:
        context = (await at.turn_records.open(claim, history=20)).context
        context.conversation.answered_seq, context.conversation.last_seq = 1, message.seq
        await at.turn_records.record(context, turn=turn, message=message, answer=answer, calls=[call])
    async with world.begin(shop.scope) as at:
        assert await at.turns.latest_in(shop.scope, conversation.id) == (turn, message)
        assert await at.conversations.get(shop.scope, conversation.id) == context.conversation
        assert await at.answers.get(shop.scope, answer.id) == answer
    second = _reply(world, context.conversation, turn)
    with pytest.raises(Conflict):
        async with world.begin(shop.scope) as at:
            await at.turn_records.record(
                context, turn=turn, message=second, answer=_answer(world, shop, turn), calls=[]
            )
    assert await world.count("answer") == 1


def _said(world: World, conversation: Conversation, text: str) -> Message:
    """What the customer says next."""
    return Message(
        id=world.ids.new(),
        conversation_id=conversation.id,
        seq=conversation.next_seq(),
        direction=Direction.INBOUND,
        sender=Sender.CONTACT,
        text=text,
        created_at=world.now(),
    )


async def test_messages_are_read_from_before_the_turn_on(world: World, shop: Tenant) -> None:
    conversation, claim = await _asked(world, shop)
    async with world.begin(shop.scope) as at:
        for number in range(2, 8):
            await at.messages.save(shop.scope, _said(world, conversation, str(number)))
        conversation.answered_seq = 5
        await at.conversations.save(conversation)

    async def read(history: int) -> list[str]:
        async with world.begin(shop.scope) as at:
            return [message.text for message in (await at.turn_records.open(claim, history=history)).messages]

    assert await read(0) == ["6", "7"]
    assert await read(2) == ["4", "5", "6", "7"]
    turn = Turn(id=world.ids.new(), conversation_id=conversation.id, from_seq=4, to_seq=6, created_at=world.now())
    async with world.begin(shop.scope) as at:
        await at.turn_records.prepare(shop.scope, turn, [])
    assert await read(1) == ["3", "4", "5", "6", "7"], "an open turn begins where it began"
    async with world.begin(shop.scope) as at:
        opened = await at.turn_records.open(claim, history=0)
        assert opened.latest == turn
        newer = (await at.turn_records.resume(claim, opened.context, after_seq=turn.to_seq)).newer
        assert [message.text for message in newer] == ["7"]


@pytest.mark.parametrize("before", Delivery)
async def test_a_message_is_moved_to_sent_as_the_core_says(world: World, shop: Tenant, before: Delivery) -> None:
    conversation, claim = await _asked(world, shop)
    message = replace(
        _said(world, conversation, "Olá!"),
        direction=Direction.OUTBOUND,
        delivery=before,
        provider_message_id=None if before is Delivery.SENDING else "known",
        sent_at=world.now() if before is Delivery.DELIVERED else None,
        error="timeout" if before is Delivery.UNKNOWN else None,
    )
    async with world.begin(shop.scope) as at:
        await at.messages.save(shop.scope, message)
    now = world.now()
    with pytest.raises(Fenced):
        async with world.begin(shop.scope) as at:
            lost = replace(claim, token=claim.token + 1)
            await at.turn_records.sent(lost, message.id, provider_message_id="wamid.1", at=now)
    async with world.begin(shop.scope) as at:
        assert await at.messages.get(shop.scope, message.id) == message
        await at.turn_records.sent(claim, message.id, provider_message_id="wamid.1", at=now)
    message.moved(Delivery.SENT, at=now, provider_message_id="wamid.1")
    async with world.begin(shop.scope) as at:
        assert await at.messages.get(shop.scope, message.id) == message
        with pytest.raises(Fenced):
            await at.jobs.keep(claim)


def _reply(world: World, conversation: Conversation, turn: Turn) -> Message:
    return Message(
        id=world.ids.new(),
        conversation_id=conversation.id,
        seq=conversation.last_seq + 1,
        direction=Direction.OUTBOUND,
        sender=Sender.AI,
        text="Olá!",
        created_at=world.now(),
        delivery=Delivery.PENDING,
        turn_id=turn.id,
    )


def _answer(world: World, shop: Tenant, turn: Turn) -> Answer:
    return Answer(
        id=world.ids.new(),
        owner=shop.owner,
        question="oi",
        text="Olá!",
        outcome=Outcome.COURTESY,
        model="m",
        tokens=0,
        cost=0,  # type: ignore[arg-type]
        created_at=world.now(),
        turn_id=turn.id,
    )


@pytest.mark.parametrize(
    "broken",
    ["finished_at = NULL", "silence = NULL", "state = 'open'", "state = 'replied'", "state = 'ended'"],
)
async def test_the_database_holds_a_turn_to_its_one_end(world: World, shop: Tenant, broken: str) -> None:
    conversation = await world.conversation(shop)
    turn = Turn(id=world.ids.new(), conversation_id=conversation.id, from_seq=1, to_seq=1, created_at=world.now())
    turn.stay_silent(SilenceReason.PERSON_ATTENDS, at=world.now())
    async with world.begin(shop.scope) as at:
        await at.turns.save(shop.scope, turn)
    with pytest.raises(asyncpg.CheckViolationError):
        await world.admin.execute(f"UPDATE turn SET {broken} WHERE id = $1", turn.id)
