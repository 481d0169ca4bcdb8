"""What an Idempotency-Key stands for, from its first use until it is forgotten."""

import asyncio
from datetime import timedelta

import pytest

from atende.core.audit.model import Filter, Origin
from atende.core.kernel import TenantScope
from atende.core.work.idempotency import (
    KEPT,
    LEASE,
    AlreadyApplied,
    Begun,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    StoredAnswer,
)
from tests.contract.audit.test_audit import event
from tests.world import Tenant, Unit, World

KEY, OTHER_KEY, REQUEST, OTHER_REQUEST = (bytes([n]) * 32 for n in range(4))
ANSWER = StoredAnswer(status=201, body=b'{"id": "\xc3\xa9"}', headers={"content-type": "application/json"})


async def begin(world: World, who: Tenant, key: bytes = KEY, request: bytes = REQUEST) -> Begun:
    at = who.owner.organization_id
    return await world.idempotency.begin(at, key_hash=key, request_hash=request, now=world.now())


async def test_g30_a_finished_request_is_answered_with_its_first_answer(world: World, shop: Tenant) -> None:
    begun = await begin(world, shop)
    assert begun.answer is None
    await world.idempotency.finish(shop.owner.organization_id, begun.id, ANSWER)
    assert await begin(world, shop) == Begun(id=begun.id, answer=ANSWER)
    changed = StoredAnswer(status=200, body=b"")
    await world.idempotency.finish(shop.owner.organization_id, begun.id, changed)
    assert (await begin(world, shop)).answer == ANSWER, "the first one stands"


async def test_g30_while_one_runs_the_others_are_told_to_wait(world: World, shop: Tenant) -> None:
    found = await asyncio.gather(*(begin(world, shop) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(one, Begun) for one in found) == 1
    assert sum(isinstance(one, IdempotencyKeyInUse) for one in found) == 19


async def test_g30_a_key_stands_for_one_request(world: World, shop: Tenant) -> None:
    begun = await begin(world, shop)
    for _ in range(2):
        with pytest.raises(IdempotencyKeyReused):
            await begin(world, shop, request=OTHER_REQUEST)
        await world.idempotency.finish(shop.owner.organization_id, begun.id, ANSWER)
    assert (await begin(world, shop, OTHER_KEY, OTHER_REQUEST)).answer is None


async def test_g30_organizations_have_their_own_keys(world: World, shop: Tenant, stranger: Tenant) -> None:
    ours = await begin(world, shop)
    theirs = await begin(world, stranger, request=OTHER_REQUEST)
    assert ours.id != theirs.id
    await world.idempotency.finish(stranger.owner.organization_id, ours.id, ANSWER)
    await world.idempotency.forget(stranger.owner.organization_id, ours.id)
    await world.idempotency.let_go(stranger.owner.organization_id, ours.id, world.now())
    with pytest.raises(IdempotencyKeyInUse):
        await begin(world, shop)


async def test_g30_after_a_crash_a_request_without_effect_is_carried_out(world: World, shop: Tenant) -> None:
    first = await begin(world, shop)
    await world.advance(LEASE + timedelta(seconds=1))
    again = await begin(world, shop)
    assert again == Begun(id=first.id), "the same id, so that only one of the two can take effect"
    with pytest.raises(IdempotencyKeyInUse):
        await begin(world, shop)


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_g30_an_effect_and_its_answer_are_there_together(
    world: World, shop: Tenant, stranger: Tenant, *, elsewhere: bool
) -> None:
    """Whichever organization it was recorded for: whoever founds one acts for none yet."""
    begun = await begin(world, shop)
    scope = (stranger if elsewhere else shop).scope
    world.origin = Origin(idempotency_id=begun.id)
    async with world.unit() as at:
        async with at.transaction(scope):
            await at.audit.add(scope, event("made"))
        await at.idempotency.finish(shop.owner.organization_id, begun.id, ANSWER)
        async with at.transaction(scope):
            assert len((await at.trail.page(scope, Filter(), page=1, limit=10)).data) == 1
    assert await world.count("audit_log") == 1
    assert (await begin(world, shop)).answer == ANSWER


async def took_effect(unit: Unit, scope: TenantScope) -> None:
    """In two steps, the second of which sees the first, and a third one that fails."""
    async with unit.transaction(scope):
        await unit.audit.add(scope, event("made"))
    async with unit.transaction(scope):
        seen = await unit.trail.page(scope, Filter(), page=1, limit=10)
        assert [record.resource_id for record in seen.data] == ["made"]
    with pytest.raises(AlreadyApplied):
        async with unit.transaction(scope):
            await unit.audit.add(scope, event("made twice"))


async def test_g30_an_effect_whose_process_dies_before_its_answer_never_was(world: World) -> None:
    shop = await world.found("shop")
    begun = await begin(world, shop)
    world.origin = Origin(idempotency_id=begun.id)
    async with world.unit() as at:
        await took_effect(at, shop.scope)
        assert await world.count("audit_log") == 0, "nobody else sees it before it has an answer"
    assert await world.count("audit_log") == 0
    await world.advance(LEASE + timedelta(seconds=1))
    again = await begin(world, shop)
    assert again == Begun(id=begun.id)
    async with world.unit() as at:
        await took_effect(at, shop.scope)
        await at.idempotency.finish(shop.owner.organization_id, again.id, ANSWER)
    assert await world.count("audit_log") == 1
    assert (await begin(world, shop)).answer == ANSWER


@pytest.mark.parametrize("end", ["forget", "let_go"])
async def test_g30_what_waits_is_taken_back_when_the_call_is_refused_or_fails(world: World, end: str) -> None:
    shop = await world.found("shop")
    begun = await begin(world, shop)
    world.origin = Origin(idempotency_id=begun.id)
    at = shop.owner.organization_id
    async with world.unit() as unit:
        await took_effect(unit, shop.scope)
        await (
            unit.idempotency.forget(at, begun.id)
            if end == "forget"
            else unit.idempotency.let_go(at, begun.id, world.now())
        )
        assert await world.count("audit_log") == 0
        async with unit.transaction(shop.scope):
            await unit.audit.add(shop.scope, event("another"))
        await unit.idempotency.finish(at, begun.id, ANSWER)
    assert await world.count("audit_log") == 1
    assert ((await begin(world, shop)).answer == ANSWER) == (end == "let_go")


async def test_g30_a_refused_request_frees_its_key(world: World, shop: Tenant) -> None:
    begun = await begin(world, shop)
    await world.idempotency.forget(shop.owner.organization_id, begun.id)
    corrected = await begin(world, shop, request=OTHER_REQUEST)
    assert corrected.id != begun.id


async def test_g30_a_request_of_unknown_end_may_be_repeated_and_nothing_else(world: World, shop: Tenant) -> None:
    begun = await begin(world, shop)
    await world.idempotency.let_go(shop.owner.organization_id, begun.id, world.now())
    with pytest.raises(IdempotencyKeyReused):
        await begin(world, shop, request=OTHER_REQUEST)
    assert await begin(world, shop) == Begun(id=begun.id)


async def test_keys_are_kept_for_a_day(world: World, shop: Tenant, stranger: Tenant) -> None:
    old = await begin(world, shop)
    await world.idempotency.finish(shop.owner.organization_id, old.id, ANSWER)
    await begin(world, stranger)
    await world.advance(KEPT + timedelta(seconds=1))
    assert (await begin(world, shop, request=OTHER_REQUEST)).answer is None, "over, even before it is purged"
    assert await world.count("idempotency_key") == 2
    assert await world.idempotency.purge(world.now() - KEPT) == 1
    assert await world.count("idempotency_key") == 1


async def test_no_younger_key_is_removed_whatever_time_is_told(world: World) -> None:
    """The removal bypasses row-level security: keys of every organization."""
    shop = await world.found()
    await begin(world, shop)
    assert await world.idempotency.purge(world.now() + KEPT) == 0
    assert await world.count("idempotency_key") == 1
