"""Conversations as they are stored, and the human queue."""

import asyncio
from datetime import timedelta

import pytest

from atende.core.conversation.model import Attendance, CloseReason, Conversation, Handoff, HandoffReason
from atende.core.kernel import NotFound
from tests.world import Tenant, World


async def _stored(world: World, tenant: Tenant, conversation: Conversation) -> Conversation:
    async with world.begin(tenant.scope) as at:
        return await at.conversations.get(tenant.scope, conversation.id)


async def test_what_was_saved_is_read_back_whole(world: World, shop: Tenant) -> None:
    conversation = await world.conversation(shop)
    async with world.begin(shop.scope) as at:
        changed = await at.conversations.lock(shop.scope, conversation.id)
        changed.call_human()
        changed.language = "pt"
        changed.contact_name = "Ana"
        changed.answered_seq = 1
        changed.close(CloseReason.CLOSURE_DETECTED, at=world.now(), closure={"score": 0.9, "factors": ["farewell"]})
        await at.conversations.save(changed)
    assert await _stored(world, shop, conversation) == changed


async def test_a_change_that_is_not_saved_is_not_kept(world: World, shop: Tenant) -> None:
    conversation = await world.conversation(shop)
    async with world.begin(shop.scope) as at:
        loaded = await at.conversations.lock(shop.scope, conversation.id)
        loaded.take_over()
        loaded.closure["x"] = 1
    stored = await _stored(world, shop, conversation)
    assert (stored.attendance, stored.closure) == (Attendance.AI, {})


async def test_a_unit_of_work_sees_what_others_committed_since(world: World, shop: Tenant) -> None:
    conversation = await world.conversation(shop)
    async with world.unit() as unit:
        async with unit.transaction(shop.scope):
            before = await unit.conversations.get(shop.scope, conversation.id)
        async with world.begin(shop.scope) as at:
            other = await at.conversations.lock(shop.scope, conversation.id)
            other.take_over()
            await at.conversations.save(other)
        async with unit.transaction(shop.scope):
            assert await unit.conversations.get(shop.scope, conversation.id) == other
            (listed,) = (await unit.conversations.page(shop.scope, page=1, limit=10)).data
    assert listed == other != before


async def test_a_locked_conversation_is_changed_by_one_at_a_time(world: World, shop: Tenant) -> None:
    """30 that each count one further, all at once: none is lost."""
    conversation = await world.conversation(shop)

    async def count() -> None:
        async with world.begin(shop.scope) as at:
            locked = await at.conversations.lock(shop.scope, conversation.id)
            locked.next_seq()
            await at.conversations.save(locked)

    await asyncio.gather(*(count() for _ in range(30)))
    assert (await _stored(world, shop, conversation)).last_seq == conversation.last_seq + 30


async def test_pages_are_newest_first_and_filtered(world: World, shop: Tenant) -> None:
    made = []
    for n in range(5):
        made.append(await world.conversation(shop, address=f"+55119{n}"))
        await world.advance(timedelta(seconds=10))
    async with world.begin(shop.scope) as at:
        for conversation in made[:2]:
            locked = await at.conversations.lock(shop.scope, conversation.id)
            locked.close(CloseReason.IDLE, at=world.now())
            await at.conversations.save(locked)
        waiting = await at.conversations.lock(shop.scope, made[2].id)
        waiting.call_human()
        await at.conversations.save(waiting)
        first = await at.conversations.page(shop.scope, page=1, limit=2)
        last = await at.conversations.page(shop.scope, page=3, limit=2)
        closed = await at.conversations.page(shop.scope, page=1, limit=10, status="closed")
        called = await at.conversations.page(shop.scope, page=1, limit=10, status="active", attendance="waiting_human")
    assert [c.id for c in first.data] == [made[4].id, made[3].id]
    assert [c.id for c in last.data] == [made[0].id]
    assert (first.total, first.total_pages, first.page, first.limit) == (5, 3, 1, 2)
    assert [c.id for c in closed.data] == [made[1].id, made[0].id]
    assert [c.id for c in called.data] == [made[2].id]


async def test_another_tenant_sees_and_changes_nothing(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    conversation = await world.conversation(shop)
    for scope in (branch.scope, stranger.scope, stranger.whole):
        async with world.begin(scope) as at:
            for asked in (scope, shop.scope):
                assert (await at.conversations.page(asked, page=1, limit=10)).total == 0
                for read in (at.conversations.get, at.conversations.lock):
                    with pytest.raises(NotFound):
                        await read(asked, conversation.id)
            conversation.contact_name = "changed"
            await at.conversations.save(conversation)
    assert (await _stored(world, shop, conversation)).contact_name is None


async def test_the_organization_sees_all_of_its_tenants_and_changes_none(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    ours, theirs = await world.conversation(shop), await world.conversation(branch)
    await world.conversation(stranger)
    async with world.begin(shop.whole) as at:
        page = await at.conversations.page(shop.whole, page=1, limit=10)
        assert {c.id for c in page.data} == {ours.id, theirs.id}
        assert (await at.conversations.get(shop.whole, theirs.id)).id == theirs.id
    ours.take_over()
    with pytest.raises(Exception, match=r"row-level security|another tenant"):
        async with world.begin(shop.whole) as at:
            await at.conversations.save(ours)


async def test_handoffs_are_queued_and_settled(world: World, shop: Tenant, stranger: Tenant) -> None:
    conversation = await world.conversation(shop)
    async with world.begin(shop.scope) as at:
        for reason in (HandoffReason.NOT_KNOWN, HandoffReason.SEND_UNKNOWN):
            handoff = Handoff(
                id=world.ids.new(), conversation_id=conversation.id, reason=reason, created_at=world.now()
            )
            await at.handoffs.add(shop.scope, handoff)
    assert await world.count("handoff") == 2
    async with world.begin(stranger.scope) as at:
        await at.handoffs.settle(shop.scope, conversation.id, by="a stranger")
        await at.handoffs.settle(stranger.scope, conversation.id, by="a stranger")
    async with world.begin(shop.scope) as at:
        await at.handoffs.settle(shop.scope, conversation.id, by="Bia")
        await at.handoffs.settle(shop.scope, conversation.id, by="Caio")


async def test_who_took_a_handoff_first_is_who_took_it(world: World) -> None:
    shop, stranger = await world.found("shop"), await world.found("stranger")
    await test_handoffs_are_queued_and_settled(world, shop, stranger)
    rows = await world.admin.fetch("SELECT settled_by, settled_at FROM handoff")
    assert {row["settled_by"] for row in rows} == {"Bia"}
    assert all(row["settled_at"] for row in rows)
