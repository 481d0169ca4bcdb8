"""The credit ledger under concurrent calls, and holds that expire."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from atende.core.credits.admit import ExpireHolds
from atende.core.credits.model import (
    Balance,
    HoldResolved,
    HoldState,
    Kind,
    ReferenceReused,
)
from atende.core.kernel import CREDIT, Credits, InsufficientCredits, Unavailable
from tests.world import Tenant, World, WorldClock, money
from tests.world.money import TEN, admit_in

T = TypeVar("T")


async def answered(call: Callable[[], Awaitable[T]]) -> T:
    """What the call returns, tried again while it waits too long for the account: a busy machine may exceed the lock timeout."""
    while True:
        try:
            return await call()
        except Unavailable:
            continue


async def test_g22_debits_that_come_at_once_spend_what_there_is_and_no_more(world: World, shop: Tenant) -> None:
    """300 debits of one credit on a hundred."""
    await money.grant(world, shop, 100 * CREDIT)

    async def debit(number: int) -> bool:
        try:
            async with world.begin(shop.scope) as at:
                hold = await admit_in(world, at).hold(shop.scope, amount=Credits(CREDIT), reference=f"turn:{number}")
                await admit_in(world, at).capture(shop.scope, hold.id, amount=Credits(CREDIT))
        except InsufficientCredits:
            return False
        return True

    paid = await asyncio.gather(*(answered(partial(debit, number)) for number in range(300)))
    assert sum(paid) == 100
    assert await money.balance(world, shop) == Balance(spent=Credits(100 * CREDIT), issued=Credits(100 * CREDIT))
    async with world.begin(shop.scope) as at:
        assert (await at.ledgers.entries(shop.owner.organization_id, page=1, limit=1, kind=Kind.CAPTURE)).total == 100


async def test_g23_an_operation_is_applied_once_per_reference(world: World, shop: Tenant) -> None:
    """Each of 20 references 10 times at once, and once with another amount."""
    await money.grant(world, shop, 1_000 * CREDIT)
    holds = await asyncio.gather(*(answered(partial(money.hold, world, shop, f"turn:{n % 20}")) for n in range(200)))
    assert len({hold.id for hold in holds}) == 20
    assert await money.balance(world, shop) == Balance(
        available=Credits(800 * CREDIT), held=Credits(200 * CREDIT), issued=Credits(1_000 * CREDIT)
    )
    others = await asyncio.gather(
        *(money.hold(world, shop, f"turn:{n}", Credits(CREDIT)) for n in range(20)), return_exceptions=True
    )
    assert all(isinstance(other, ReferenceReused) for other in others)
    assert await world.count("credit_entry") == 21


async def test_g26_a_hold_is_resolved_in_one_way_when_all_are_tried_at_once(world: World, shop: Tenant) -> None:
    """Capture, release and expiry race for 20 holds that are just due."""
    await money.grant(world, shop, 1_000 * CREDIT)
    for n in range(20):
        async with world.begin(shop.scope) as at:
            await admit_in(world, at).hold(shop.scope, amount=TEN, reference=f"turn:{n}", ttl=timedelta(minutes=1))
    await world.advance(timedelta(minutes=2))
    due = await world.holds_due.due(world.now(), 100)
    assert len(due) == 20

    async def resolve(hold_id: UUID, way: str) -> bool:
        try:
            async with world.begin(shop.scope) as at:
                ledger = await at.ledgers.lock(shop.owner.organization_id, holds=[hold_id])
                now, entry_id = world.now(), world.ids.new()
                if way == "capture":
                    ledger.capture(entry_id, hold_id=hold_id, amount=TEN, at=now, remainder_id=world.ids.new())
                elif way == "release":
                    ledger.release(entry_id, hold_id=hold_id, at=now)
                else:
                    ledger.expire(entry_id, hold_id=hold_id, at=now)
                await at.ledgers.save(ledger)
        except (HoldResolved, ReferenceReused):
            return False
        return True

    ways = ("release", "expire", "release", "expire")
    won = await asyncio.gather(*(answered(partial(resolve, hold_id, way)) for _, hold_id in due for way in ways))
    assert sum(won) == 20
    assert await money.balance(world, shop) == Balance(
        available=Credits(1_000 * CREDIT), issued=Credits(1_000 * CREDIT)
    )
    captured = await asyncio.gather(
        *(answered(partial(resolve, hold_id, "capture")) for _, hold_id in due for _ in range(3))
    )
    async with world.begin(shop.scope) as at:
        ledger = await at.ledgers.lock(shop.owner.organization_id, holds=[hold_id for _, hold_id in due])
    states = [hold.state for hold in ledger.holds.values()]
    assert sum(captured) == states.count(HoldState.CAPTURED)
    assert states.count(HoldState.CAPTURED) + states.count(HoldState.RELEASED) == 20
    assert ledger.balance.spent == states.count(HoldState.CAPTURED) * TEN
    assert ledger.held == 0


async def test_g26_forgotten_holds_are_found_when_they_are_due(world: World, shop: Tenant, stranger: Tenant) -> None:
    for tenant in (shop, stranger):
        await money.grant(world, tenant, 5 * TEN)
    soon = await money.hold(world, stranger, "turn:soon")
    await world.advance(timedelta(minutes=1))
    late = await money.hold(world, shop, "turn:late")
    resolved = await money.hold(world, shop, "turn:resolved")
    async with world.begin(shop.scope) as at:
        await admit_in(world, at).release(shop.scope, resolved.id)
    assert await world.holds_due.due(world.now(), 10) == []
    found = await world.holds_due.due(world.now() + timedelta(days=1), 10)
    assert found == [(stranger.owner.organization_id, soon.id), (shop.owner.organization_id, late.id)]
    assert len(await world.holds_due.due(world.now() + timedelta(days=1), 1)) == 1
    await world.advance(timedelta(days=1))
    async with world.unit() as unit:
        expire = ExpireHolds(
            ledgers=unit.ledgers,
            holds=world.holds_due,
            transaction=unit.transaction,
            ids=world.ids,
            clock=WorldClock(world),
        )
        assert await expire() == 2
        assert await expire() == 0
    assert await money.balance(world, shop) == Balance(available=Credits(5 * TEN), issued=Credits(5 * TEN))
