"""Messages as they are stored."""

from datetime import timedelta

import pytest

from atende.core.conversation.model import Conversation, Delivery, Direction, Message, Sender
from atende.core.conversation.turns import Turn
from atende.core.kernel import Conflict, NotFound
from atende.core.knowledge.model import Answer, Outcome
from tests.world import Tenant, World


def _outbound(world: World, conversation: Conversation, **more: object) -> Message:
    return Message(
        id=world.ids.new(),
        conversation_id=conversation.id,
        seq=conversation.next_seq(),
        direction=Direction.OUTBOUND,
        sender=Sender.AI,
        text="Olá! Como posso ajudar?",
        created_at=world.now(),
        delivery=Delivery.PENDING,
        **more,  # type: ignore[arg-type]
    )


def _turn(world: World, conversation: Conversation, to_seq: int = 1) -> Turn:
    return Turn(id=world.ids.new(), conversation_id=conversation.id, from_seq=1, to_seq=to_seq, created_at=world.now())


async def _save(world: World, tenant: Tenant, *saved: Message) -> None:
    async with world.begin(tenant.scope) as at:
        for message in saved:
            await at.messages.save(tenant.scope, message)


async def _stored(world: World, tenant: Tenant, message: Message) -> Message:
    async with world.begin(tenant.scope) as at:
        return await at.messages.get(tenant.scope, message.id)


async def test_what_was_saved_is_read_back_whole_and_brought_up_to_date(world: World, shop: Tenant) -> None:
    conversation = await world.conversation(shop)
    turn = _turn(world, conversation)
    answer = Answer(
        id=world.ids.new(),
        owner=shop.owner,
        question="?",
        text="!",
        outcome=Outcome.UNKNOWN,
        model="m",
        tokens=0,
        cost=0,  # type: ignore[arg-type]
        created_at=world.now(),
    )
    message = _outbound(world, conversation, turn_id=turn.id, answer_id=answer.id)
    async with world.begin(shop.scope) as at:
        await at.turns.save(shop.scope, turn)
        await at.answers.add(answer)
    message.sending(world.now())
    await _save(world, shop, message)
    assert await _stored(world, shop, message) == message
    message.moved(Delivery.SENT, at=world.now(), provider_message_id="wamid.1")
    await _save(world, shop, message)
    assert await _stored(world, shop, message) == message
    message.moved(Delivery.FAILED, at=world.now(), error="131026: cannot be delivered")
    await _save(world, shop, message)
    async with world.begin(shop.scope) as at:
        assert await at.messages.lock(shop.scope, message.id) == message
        assert await at.turns.latest_in(shop.scope, conversation.id) == (turn, message)


async def test_a_conversation_is_read_in_its_order(world: World, shop: Tenant) -> None:
    conversation = await world.conversation(shop, "um")
    other = await world.conversation(shop, "outra", address="+5511900000000")
    await world.inbox.receive([world.said(shop, "dois"), world.said(shop, "três"), world.said(shop, "quatro")])
    async with world.begin(shop.scope) as at:
        every = await at.messages.of(shop.scope, conversation.id)
        later = await at.messages.of(shop.scope, conversation.id, after_seq=2)
        newest = await at.messages.of(shop.scope, conversation.id, last=2)
        both = await at.messages.of(shop.scope, conversation.id, after_seq=1, last=2)
        none = await at.messages.of(shop.scope, conversation.id, after_seq=4)
        assert [m.text for m in await at.messages.of(shop.scope, other.id)] == ["outra"]
    assert [m.text for m in every] == ["um", "dois", "três", "quatro"]
    assert [m.seq for m in every] == [1, 2, 3, 4]
    assert later == newest == both == every[2:]
    assert none == []


async def test_g13_a_turn_has_one_reply(world: World, shop: Tenant) -> None:
    conversation = await world.conversation(shop)
    turn = _turn(world, conversation)
    async with world.begin(shop.scope) as at:
        await at.turns.save(shop.scope, turn)
        assert await at.turns.latest_in(shop.scope, conversation.id) == (turn, None)
    first, second = (_outbound(world, conversation, turn_id=turn.id) for _ in range(2))
    await _save(world, shop, first)
    with pytest.raises(Conflict):
        await _save(world, shop, second)
    await _save(world, shop, first)
    async with world.begin(shop.scope) as at:
        assert await at.turns.latest_in(shop.scope, conversation.id) == (turn, first)
    assert await world.count("message") == 2


async def test_a_place_in_the_conversation_is_taken_once(world: World, shop: Tenant) -> None:
    conversation = await world.conversation(shop)
    first, second = (_outbound(world, conversation) for _ in range(2))
    second.seq = first.seq
    await _save(world, shop, first)
    with pytest.raises(Conflict):
        await _save(world, shop, second)


async def test_a_provider_id_is_of_one_message_of_a_number(world: World, shop: Tenant, stranger: Tenant) -> None:
    conversation, theirs = await world.conversation(shop), await world.conversation(stranger)
    await _save(world, shop, _outbound(world, conversation, provider_message_id="p-1"))
    await _save(world, stranger, _outbound(world, theirs, provider_message_id="p-1"))
    with pytest.raises(Conflict):
        await _save(world, shop, _outbound(world, conversation, provider_message_id="p-1"))


async def test_a_message_belongs_to_a_conversation_of_its_tenant(world: World, shop: Tenant, stranger: Tenant) -> None:
    theirs = await world.conversation(stranger)
    with pytest.raises(Conflict):
        await _save(world, shop, _outbound(world, theirs))


async def test_a_reply_belongs_to_a_turn_that_is_there(world: World, shop: Tenant, stranger: Tenant) -> None:
    conversation, theirs = await world.conversation(shop), await world.conversation(stranger)
    turn = _turn(world, theirs)
    async with world.begin(stranger.scope) as at:
        await at.turns.save(stranger.scope, turn)
    for turn_id in (world.ids.new(), turn.id):
        with pytest.raises(Conflict):
            await _save(world, shop, _outbound(world, conversation, turn_id=turn_id))


async def test_another_tenant_sees_and_changes_nothing(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    conversation = await world.conversation(shop)
    turn = _turn(world, conversation)
    message = _outbound(world, conversation, turn_id=turn.id)
    async with world.begin(shop.scope) as at:
        await at.turns.save(shop.scope, turn)
        await at.messages.save(shop.scope, message)
    before = await _stored(world, shop, message)
    message.text = "changed"
    for scope in (branch.scope, stranger.scope, stranger.whole):
        async with world.begin(scope) as at:
            for asked in (scope, shop.scope):
                assert await at.messages.of(asked, conversation.id) == []
                assert await at.turns.latest_in(asked, conversation.id) == (None, None)
                for read in (at.messages.get, at.messages.lock):
                    with pytest.raises(NotFound):
                        await read(asked, message.id)
        for asked in (scope, shop.scope):
            with pytest.raises(
                Exception, match=r"row-level security|another tenant|conflicts with stored data|belongs to"
            ):
                async with world.begin(scope) as at:
                    await at.messages.save(asked, message)
    assert await _stored(world, shop, message) == before


async def test_the_organization_reads_the_conversations_of_its_tenants(
    world: World, shop: Tenant, branch: Tenant
) -> None:
    conversation = await world.conversation(branch, "oi")
    async with world.begin(shop.whole) as at:
        assert [m.text for m in await at.messages.of(shop.whole, conversation.id)] == ["oi"]


async def test_a_unit_of_work_sees_what_others_committed_since(world: World, shop: Tenant) -> None:
    conversation = await world.conversation(shop)
    message = _outbound(world, conversation)
    await _save(world, shop, message)
    async with world.unit() as unit:
        async with unit.transaction(shop.scope):
            held = await unit.messages.get(shop.scope, message.id)
            history = await unit.messages.of(shop.scope, conversation.id)
        message.sending(world.now() + timedelta(seconds=1))
        await _save(world, shop, message)
        async with unit.transaction(shop.scope):
            assert await unit.messages.get(shop.scope, message.id) == message
            assert (await unit.messages.of(shop.scope, conversation.id))[-1] == message
    assert held == history[-1] != message
