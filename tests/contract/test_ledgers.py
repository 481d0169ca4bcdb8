"""The credit ledger as it is stored: locked, once per reference, double-entry, never changed; holds that fall due; prices."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from atende.core.credits.admit import Admit, ExpireHolds
from atende.core.credits.model import (
    Balance,
    Entry,
    Hold,
    HoldNotFound,
    HoldResolved,
    HoldState,
    Kind,
    ReferenceReused,
)
from atende.core.credits.price import PriceNotFound
from atende.core.kernel import CREDIT, Conflict, Credits, InsufficientCredits, Scope
from tests.contract.world import Tenant, Unit, World, WorldClock
from tests.contract.worlds import PostgresWorld

TEN = Credits(10 * CREDIT)


def _admit(world: World, at: Unit) -> Admit:
    return Admit(ledgers=at.ledgers, prices=world.prices, ids=world.ids, clock=WorldClock(world))


async def _grant(world: World, tenant: Tenant, amount: int, reference: str = "grant:1") -> Entry:
    async with world.begin(tenant.whole) as at:
        ledger = await at.ledgers.lock(tenant.owner.organization_id, references=[(Kind.GRANT, reference)])
        entry = ledger.grant(world.ids.new(), amount=amount, reference=reference, at=world.now(), note="gift")
        await at.ledgers.save(ledger)
    return entry


async def _hold(world: World, tenant: Tenant, reference: str, amount: Credits = TEN) -> Hold:
    async with world.begin(tenant.scope) as at:
        return await _admit(world, at).hold(tenant.scope, amount=amount, reference=reference)


async def _balance(world: World, tenant: Tenant) -> Balance:
    async with world.begin(tenant.scope) as at:
        return await at.ledgers.balance(tenant.owner.organization_id)


async def test_an_account_that_nobody_used_is_empty(world: World, shop: Tenant) -> None:
    assert await _balance(world, shop) == Balance()
    async with world.begin(shop.scope) as at:
        assert (await at.ledgers.entries(shop.owner.organization_id, page=1, limit=10)).data == []


async def test_what_was_saved_is_read_back_whole(world: World, shop: Tenant) -> None:
    granted = await _grant(world, shop, 5 * TEN)
    hold = await _hold(world, shop, "turn:1")
    async with world.begin(shop.scope) as at:
        ledger = await at.ledgers.lock(
            shop.owner.organization_id, holds=[hold.id], references=[(Kind.GRANT, "grant:1"), (Kind.HOLD, "turn:1")]
        )
    assert ledger.balance == Balance(available=Credits(4 * TEN), held=TEN, issued=Credits(5 * TEN))
    assert ledger.posted[Kind.GRANT, "grant:1"] == granted
    assert ledger.posted[Kind.HOLD, "turn:1"].tenant_id == shop.owner.tenant_id
    assert ledger.holds == {hold.id: hold}
    assert ledger.new_entries == []
    assert ledger.changed_holds == {}


async def test_a_lock_brings_the_holds_that_entries_name_and_no_others(world: World, shop: Tenant) -> None:
    await _grant(world, shop, 5 * TEN)
    one, other = await _hold(world, shop, "turn:1"), await _hold(world, shop, "turn:2")
    async with world.begin(shop.scope) as at:
        by_name = await at.ledgers.lock(shop.owner.organization_id, references=[(Kind.HOLD, "turn:1")])
        by_id = await at.ledgers.lock(shop.owner.organization_id, holds=[other.id, world.ids.new()])
    assert set(by_name.holds) == {one.id}
    assert set(by_id.holds) == {other.id}
    assert by_id.posted == {}


async def test_entries_come_newest_first_in_pages(world: World, shop: Tenant) -> None:
    await _grant(world, shop, 5 * TEN)
    hold = await _hold(world, shop, "turn:1")
    async with world.begin(shop.scope) as at:
        await _admit(world, at).capture(shop.scope, hold.id, amount=Credits(4 * CREDIT), note="answer:1")
    async with world.begin(shop.scope) as at:
        page = await at.ledgers.entries(shop.owner.organization_id, page=1, limit=3)
        last = await at.ledgers.entries(shop.owner.organization_id, page=2, limit=3)
        holds = await at.ledgers.entries(shop.owner.organization_id, page=1, limit=3, kind=Kind.HOLD)
    assert [entry.kind for entry in page.data] == [Kind.RELEASE, Kind.CAPTURE, Kind.HOLD]
    assert [entry.kind for entry in last.data] == [Kind.GRANT]
    assert (page.total, holds.total) == (4, 1)
    assert Balance.of([*page.data, *last.data]) == await _balance(world, shop)
    assert page.data[0].available_after == Credits(46 * CREDIT)


async def test_nothing_is_kept_of_a_transaction_that_fails(world: World, shop: Tenant) -> None:
    await _grant(world, shop, TEN)

    async def hold_twice() -> None:
        async with world.begin(shop.scope) as at:
            for reference in ("turn:1", "turn:2"):
                await _admit(world, at).hold(shop.scope, amount=Credits(6 * CREDIT), reference=reference)

    with pytest.raises(InsufficientCredits):
        await hold_twice()
    assert await _balance(world, shop) == Balance(available=TEN, issued=TEN)
    assert await world.count("credit_hold") == 0


async def test_g23_a_reference_that_was_not_looked_for_is_refused_when_it_is_stored(world: World, shop: Tenant) -> None:
    await _grant(world, shop, TEN)
    await _hold(world, shop, "turn:1")
    await _grant(world, shop, TEN, "grant:2")

    async def unasked(kind: Kind) -> None:
        async with world.begin(shop.whole) as at:
            ledger, now = await at.ledgers.lock(shop.owner.organization_id), world.now()
            if kind is Kind.GRANT:
                ledger.grant(world.ids.new(), amount=TEN, reference="grant:1", at=now)
            else:
                expires, hold_id = now + timedelta(hours=1), world.ids.new()
                ledger.hold(world.ids.new(), hold_id=hold_id, amount=1, reference="turn:1", at=now, expires_at=expires)
            await at.ledgers.save(ledger)

    for kind in (Kind.GRANT, Kind.HOLD):
        with pytest.raises(ReferenceReused):
            await unasked(kind)
    assert (await _balance(world, shop)).issued == 2 * TEN


async def test_g23_the_same_references_of_two_organizations_are_two(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    for tenant in (shop, stranger):
        await _grant(world, tenant, TEN)
        await _hold(world, tenant, "turn:1")
        assert await _balance(world, tenant) == Balance(held=TEN, issued=TEN)


async def test_g22_debits_that_come_at_once_spend_what_there_is_and_no_more(world: World, shop: Tenant) -> None:
    """300 debits of one credit on a hundred."""
    await _grant(world, shop, 100 * CREDIT)

    async def debit(number: int) -> bool:
        try:
            async with world.begin(shop.scope) as at:
                hold = await _admit(world, at).hold(shop.scope, amount=Credits(CREDIT), reference=f"turn:{number}")
                await _admit(world, at).capture(shop.scope, hold.id, amount=Credits(CREDIT))
        except InsufficientCredits:
            return False
        return True

    paid = await asyncio.gather(*(debit(number) for number in range(300)))
    assert sum(paid) == 100
    assert await _balance(world, shop) == Balance(spent=Credits(100 * CREDIT), issued=Credits(100 * CREDIT))
    async with world.begin(shop.scope) as at:
        assert (await at.ledgers.entries(shop.owner.organization_id, page=1, limit=1, kind=Kind.CAPTURE)).total == 100


async def test_g23_an_operation_is_applied_once_per_reference(world: World, shop: Tenant) -> None:
    """Each of 20 references 10 times at once, and once with another amount."""
    await _grant(world, shop, 1_000 * CREDIT)
    holds = await asyncio.gather(*(_hold(world, shop, f"turn:{n % 20}") for n in range(200)))
    assert len({hold.id for hold in holds}) == 20
    assert await _balance(world, shop) == Balance(
        available=Credits(800 * CREDIT), held=Credits(200 * CREDIT), issued=Credits(1_000 * CREDIT)
    )
    others = await asyncio.gather(
        *(_hold(world, shop, f"turn:{n}", Credits(CREDIT)) for n in range(20)), return_exceptions=True
    )
    assert all(isinstance(other, ReferenceReused) for other in others)
    assert await world.count("credit_entry") == 21


async def test_g26_a_hold_is_resolved_in_one_way_when_all_are_tried_at_once(world: World, shop: Tenant) -> None:
    """Capture, release and expiry race for 20 holds that are just due."""
    await _grant(world, shop, 1_000 * CREDIT)
    for n in range(20):
        async with world.begin(shop.scope) as at:
            await _admit(world, at).hold(shop.scope, amount=TEN, reference=f"turn:{n}", ttl=timedelta(minutes=1))
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
    won = await asyncio.gather(*(resolve(hold_id, way) for _, hold_id in due for way in ways))
    assert sum(won) == 20
    assert await _balance(world, shop) == Balance(available=Credits(1_000 * CREDIT), issued=Credits(1_000 * CREDIT))
    captured = await asyncio.gather(*(resolve(hold_id, "capture") for _, hold_id in due for _ in range(3)))
    async with world.begin(shop.scope) as at:
        ledger = await at.ledgers.lock(shop.owner.organization_id, holds=[hold_id for _, hold_id in due])
    states = [hold.state for hold in ledger.holds.values()]
    assert sum(captured) == states.count(HoldState.CAPTURED)
    assert states.count(HoldState.CAPTURED) + states.count(HoldState.RELEASED) == 20
    assert ledger.balance.spent == states.count(HoldState.CAPTURED) * TEN
    assert ledger.held == 0


async def test_g26_forgotten_holds_are_found_when_they_are_due(world: World, shop: Tenant, stranger: Tenant) -> None:
    for tenant in (shop, stranger):
        await _grant(world, tenant, 5 * TEN)
    soon = await _hold(world, stranger, "turn:soon")
    await world.advance(timedelta(minutes=1))
    late = await _hold(world, shop, "turn:late")
    resolved = await _hold(world, shop, "turn:resolved")
    async with world.begin(shop.scope) as at:
        await _admit(world, at).release(shop.scope, resolved.id)
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
    assert await _balance(world, shop) == Balance(available=Credits(5 * TEN), issued=Credits(5 * TEN))


async def test_another_organization_sees_and_moves_no_credits(world: World, shop: Tenant, stranger: Tenant) -> None:
    await _grant(world, shop, 5 * TEN)
    hold = await _hold(world, shop, "turn:1")
    theirs = shop.owner.organization_id
    async with world.begin(stranger.scope) as at:
        assert await at.ledgers.balance(theirs) == Balance()
        assert (await at.ledgers.entries(theirs, page=1, limit=10)).total == 0
        ledger = await at.ledgers.lock(stranger.owner.organization_id, holds=[hold.id])
        assert ledger.holds == {}
    with pytest.raises(Exception, match=r"row-level security|another tenant"):
        async with world.begin(stranger.scope) as at:
            await at.ledgers.lock(theirs)
    with pytest.raises(HoldNotFound):
        async with world.begin(stranger.scope) as at:
            await _admit(world, at).capture(stranger.scope, hold.id, amount=TEN)
    assert await _balance(world, shop) == Balance(available=Credits(4 * TEN), held=TEN, issued=Credits(5 * TEN))


async def test_another_tenant_of_the_organization_shares_the_credits_not_the_holds(
    world: World, shop: Tenant, branch: Tenant
) -> None:
    await _grant(world, shop, 5 * TEN)
    hold = await _hold(world, shop, "turn:1")
    with pytest.raises(HoldNotFound):
        async with world.begin(branch.scope) as at:
            await _admit(world, at).release(branch.scope, hold.id)
    await _hold(world, branch, "turn:2")
    assert await _balance(world, shop) == await _balance(world, branch)


async def test_an_account_needs_its_organization(world: World, shop: Tenant) -> None:
    nobody = Scope(world.ids.new(), "shop")
    with pytest.raises(Conflict):
        async with world.begin(nobody) as at:
            await at.ledgers.lock(nobody.organization_id)


async def test_prices_are_found_by_name(world: World) -> None:
    price = await world.prices.find("openai", "gpt-4o", "chat")
    assert (price.credits_per_unit, price.unit) == (CREDIT // 2, "1k_tokens")
    tiers = (await world.prices.find("freepik", "mystic", "generate")).resolution_multipliers
    assert {tier: float(factor) for tier, factor in tiers.items()} == {"512": 1, "1024": 2, "2048": 4}
    with pytest.raises(PriceNotFound):
        await world.prices.find("openai", "gpt-4o", "dance")


async def test_prices_can_be_asked_for_inside_a_transaction(world: World, shop: Tenant) -> None:
    async with world.begin(shop.scope) as at:
        assert await _admit(world, at).cost("atende", "extractive", "chat") == CREDIT


async def test_g24_entries_are_never_changed_and_balance_over_all_accounts(
    postgres: PostgresWorld,
) -> None:
    shop = await postgres.found("shop")
    await _grant(postgres, shop, 5 * TEN)
    hold = await _hold(postgres, shop, "turn:1")
    async with postgres.begin(shop.scope) as at:
        admit = _admit(postgres, at)
        await admit.capture(shop.scope, hold.id, amount=Credits(4 * CREDIT))
        await admit.refund(shop.scope, hold.id, amount=Credits(CREDIT), reference="message:1")
    changes = ("UPDATE credit_entry SET amount = amount + 1", "DELETE FROM credit_entry", "TRUNCATE credit_entry")
    for statement in changes:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await postgres.pool.execute(statement)
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            await postgres.admin.execute(statement + (" CASCADE" if statement.startswith("TRUNCATE") else ""))
    sums = await postgres.admin.fetch(
        "SELECT account, sum(amount)::bigint AS amount FROM ("
        " SELECT credit AS account, amount FROM credit_entry UNION ALL SELECT debit, -amount FROM credit_entry) moved GROUP BY 1"
    )
    by_account = {row["account"]: row["amount"] for row in sums}
    assert sum(by_account.values()) == 0
    balance = await _balance(postgres, shop)
    assert by_account == {
        "available": balance.available,
        "held": balance.held,
        "spent": balance.spent,
        "issued": -balance.issued,
    }
    assert balance == Balance(available=Credits(47 * CREDIT), spent=Credits(3 * CREDIT), issued=Credits(5 * TEN))


async def test_g25_the_database_refuses_a_balance_that_does_not_add_up(postgres: PostgresWorld) -> None:
    shop = await postgres.found("shop")
    await _grant(postgres, shop, TEN)
    for change in ("available = available - 1", "available = -1, spent = issued + 1", "issued = issued + 1"):
        with pytest.raises(asyncpg.CheckViolationError):
            await postgres.admin.execute(f"UPDATE credit_account SET {change}")


async def test_the_twin_of_a_ledger_shares_nothing_with_what_was_given_out(world: World, shop: Tenant) -> None:
    await _grant(world, shop, 5 * TEN)
    hold = await _hold(world, shop, "turn:1")
    hold.release(world.now())
    async with world.begin(shop.scope) as at:
        stored = (await at.ledgers.lock(shop.owner.organization_id, holds=[hold.id])).find_hold(hold.id)
    assert stored == replace(hold, state=HoldState.HELD, closed_at=None)


async def test_g28_amounts_of_any_size_are_kept_exactly(world: World, shop: Tenant) -> None:
    huge = Credits(5_000_000 * CREDIT + 1)
    await _grant(world, shop, huge)
    await _hold(world, shop, "turn:huge", Credits(4_000_000 * CREDIT + 1))
    balance = await _balance(world, shop)
    assert (balance.issued, balance.held, balance.available) == (huge, 4_000_000 * CREDIT + 1, 1_000_000 * CREDIT)
