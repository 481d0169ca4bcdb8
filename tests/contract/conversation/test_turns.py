"""Turns as they are stored: one open in a conversation, each end of one once."""

from datetime import timedelta

import pytest

from atende.core.conversation.model import Conversation
from atende.core.conversation.turns import SilenceReason, Turn
from atende.core.kernel import Conflict, NotFound
from tests.world import Tenant, World


def _turn(world: World, conversation: Conversation, from_seq: int = 1, to_seq: int = 1) -> Turn:
    return Turn(
        id=world.ids.new(),
        conversation_id=conversation.id,
        from_seq=from_seq,
        to_seq=to_seq,
        created_at=world.now(),
    )


async def _save(world: World, tenant: Tenant, turn: Turn) -> None:
    async with world.begin(tenant.scope) as at:
        await at.turns.save(tenant.scope, turn)


async def _stored(world: World, tenant: Tenant, turn: Turn) -> Turn:
    async with world.begin(tenant.scope) as at:
        return await at.turns.get(tenant.scope, turn.id)


async def test_what_was_saved_is_read_back_whole_and_brought_up_to_date(world: World, shop: Tenant) -> None:
    turn = _turn(world, await world.conversation(shop))
    await _save(world, shop, turn)
    assert await _stored(world, shop, turn) == turn
    turn.hold_id = world.ids.new()
    assert turn.take_in(3)
    await _save(world, shop, turn)
    assert await _stored(world, shop, turn) == turn
    turn.hand_over(at=world.now() + timedelta(seconds=1), error="not known")
    await _save(world, shop, turn)
    assert await _stored(world, shop, turn) == turn


async def test_the_open_turn_and_the_latest_one(world: World, shop: Tenant) -> None:
    conversation = await world.conversation(shop)
    other = await world.conversation(shop, address="+5511900000000")
    async with world.begin(shop.scope) as at:
        assert await at.turns.latest_in(shop.scope, conversation.id) == (None, None)
    first, second = _turn(world, conversation), _turn(world, conversation, 2, 4)
    first.reply(at=world.now())
    for turn in (first, second, _turn(world, other, 1, 9)):
        await _save(world, shop, turn)
    async with world.begin(shop.scope) as at:
        assert await at.turns.latest_in(shop.scope, conversation.id) == (second, None)
    second.stay_silent(SilenceReason.OPTED_OUT, at=world.now())
    await _save(world, shop, second)
    async with world.begin(shop.scope) as at:
        assert await at.turns.latest_in(shop.scope, conversation.id) == (second, None)


async def test_g13_a_conversation_has_one_open_turn_and_each_end_once(world: World, shop: Tenant) -> None:
    conversation = await world.conversation(shop)
    first = _turn(world, conversation)
    await _save(world, shop, first)
    with pytest.raises(Conflict):
        await _save(world, shop, _turn(world, conversation, 2, 2))
    first.reply(at=world.now())
    await _save(world, shop, first)
    with pytest.raises(Conflict):
        await _save(world, shop, _turn(world, conversation, 1, 1))
    await _save(world, shop, _turn(world, conversation, 2, 2))


async def test_a_turn_belongs_to_a_conversation_of_its_tenant(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    for other in (branch, stranger):
        theirs = await world.conversation(other)
        with pytest.raises(Conflict):
            await _save(world, shop, _turn(world, theirs))


async def test_another_tenant_sees_and_changes_nothing(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    conversation = await world.conversation(shop)
    turn = _turn(world, conversation)
    await _save(world, shop, turn)
    before = await _stored(world, shop, turn)
    turn.hand_over(at=world.now(), error="not known")
    for scope in (branch.scope, stranger.scope, stranger.whole):
        async with world.begin(scope) as at:
            for asked in (scope, shop.scope):
                with pytest.raises(NotFound):
                    await at.turns.get(asked, turn.id)
                assert await at.turns.latest_in(asked, conversation.id) == (None, None)
        for asked in (scope, shop.scope):
            with pytest.raises(Exception, match=r"row-level security|another tenant|conflicts with stored data"):
                async with world.begin(scope) as at:
                    await at.turns.save(asked, turn)
    assert await _stored(world, shop, turn) == before
