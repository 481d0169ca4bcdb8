"""The credit ledger as it is stored: locked, once per reference, double-entry, never changed; and prices."""

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from atende.core.credits.model import (
    Balance,
    HoldNotFound,
    HoldState,
    Kind,
    ReferenceReused,
)
from atende.core.credits.price import PriceNotFound
from atende.core.kernel import CREDIT, Conflict, Credits, InsufficientCredits, TenantScope
from tests.world import Tenant, World, money
from tests.world.money import TEN, admit_in


async def test_an_account_that_nobody_used_is_empty(world: World, shop: Tenant) -> None:
    assert await money.balance(world, shop) == Balance()
    async with world.begin(shop.scope) as at:
        assert (await at.ledgers.entries(shop.owner.organization_id, page=1, limit=10)).data == []


async def test_what_was_saved_is_read_back_whole(world: World, shop: Tenant) -> None:
    granted = await money.grant(world, shop, 5 * TEN)
    hold = await money.hold(world, shop, "turn:1")
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
    await money.grant(world, shop, 5 * TEN)
    one, other = await money.hold(world, shop, "turn:1"), await money.hold(world, shop, "turn:2")
    async with world.begin(shop.scope) as at:
        by_name = await at.ledgers.lock(shop.owner.organization_id, references=[(Kind.HOLD, "turn:1")])
        by_id = await at.ledgers.lock(shop.owner.organization_id, holds=[other.id, world.ids.new()])
    assert set(by_name.holds) == {one.id}
    assert set(by_id.holds) == {other.id}
    assert by_id.posted == {}


async def test_entries_come_newest_first_in_pages(world: World, shop: Tenant) -> None:
    await money.grant(world, shop, 5 * TEN)
    hold = await money.hold(world, shop, "turn:1")
    async with world.begin(shop.scope) as at:
        await admit_in(world, at).capture(shop.scope, hold.id, amount=Credits(4 * CREDIT), note="answer:1")
    async with world.begin(shop.scope) as at:
        page = await at.ledgers.entries(shop.owner.organization_id, page=1, limit=3)
        last = await at.ledgers.entries(shop.owner.organization_id, page=2, limit=3)
        holds = await at.ledgers.entries(shop.owner.organization_id, page=1, limit=3, kind=Kind.HOLD)
    assert [entry.kind for entry in page.data] == [Kind.RELEASE, Kind.CAPTURE, Kind.HOLD]
    assert [entry.kind for entry in last.data] == [Kind.GRANT]
    assert (page.total, holds.total) == (4, 1)
    assert Balance.of([*page.data, *last.data]) == await money.balance(world, shop)
    assert page.data[0].available_after == Credits(46 * CREDIT)


async def test_nothing_is_kept_of_a_transaction_that_fails(world: World, shop: Tenant) -> None:
    await money.grant(world, shop, TEN)

    async def hold_twice() -> None:
        async with world.begin(shop.scope) as at:
            for reference in ("turn:1", "turn:2"):
                await admit_in(world, at).hold(shop.scope, amount=Credits(6 * CREDIT), reference=reference)

    with pytest.raises(InsufficientCredits):
        await hold_twice()
    assert await money.balance(world, shop) == Balance(available=TEN, issued=TEN)
    assert await world.count("credit_hold") == 0


async def test_g23_a_reference_that_was_not_looked_for_is_refused_when_it_is_stored(world: World, shop: Tenant) -> None:
    await money.grant(world, shop, TEN)
    await money.hold(world, shop, "turn:1")
    await money.grant(world, shop, TEN, "grant:2")

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
    assert (await money.balance(world, shop)).issued == 2 * TEN


async def test_g23_the_same_references_of_two_organizations_are_two(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    for tenant in (shop, stranger):
        await money.grant(world, tenant, TEN)
        await money.hold(world, tenant, "turn:1")
        assert await money.balance(world, tenant) == Balance(held=TEN, issued=TEN)


async def test_another_organization_sees_and_moves_no_credits(world: World, shop: Tenant, stranger: Tenant) -> None:
    await money.grant(world, shop, 5 * TEN)
    hold = await money.hold(world, shop, "turn:1")
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
            await admit_in(world, at).capture(stranger.scope, hold.id, amount=TEN)
    assert await money.balance(world, shop) == Balance(available=Credits(4 * TEN), held=TEN, issued=Credits(5 * TEN))


async def test_another_tenant_of_the_organization_shares_the_credits_not_the_holds(
    world: World, shop: Tenant, branch: Tenant
) -> None:
    await money.grant(world, shop, 5 * TEN)
    hold = await money.hold(world, shop, "turn:1")
    with pytest.raises(HoldNotFound):
        async with world.begin(branch.scope) as at:
            await admit_in(world, at).release(branch.scope, hold.id)
    await money.hold(world, branch, "turn:2")
    assert await money.balance(world, shop) == await money.balance(world, branch)


async def test_an_account_needs_its_organization(world: World, shop: Tenant) -> None:
    nobody = TenantScope(world.ids.new(), "shop")
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
        assert await admit_in(world, at).cost("atende", "extractive", "chat") == CREDIT


async def test_g24_entries_are_never_changed_and_balance_over_all_accounts(
    world: World,
) -> None:
    shop = await world.found("shop")
    await money.grant(world, shop, 5 * TEN)
    hold = await money.hold(world, shop, "turn:1")
    async with world.begin(shop.scope) as at:
        admit = admit_in(world, at)
        await admit.capture(shop.scope, hold.id, amount=Credits(4 * CREDIT))
        await admit.refund(shop.scope, hold.id, amount=Credits(CREDIT), reference="message:1")
    changes = ("UPDATE credit_entry SET amount = amount + 1", "DELETE FROM credit_entry", "TRUNCATE credit_entry")
    for statement in changes:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await world.pool.execute(statement)
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            await world.admin.execute(statement + (" CASCADE" if statement.startswith("TRUNCATE") else ""))
    sums = await world.admin.fetch(
        "SELECT account, sum(amount)::bigint AS amount FROM ("
        " SELECT credit AS account, amount FROM credit_entry UNION ALL SELECT debit, -amount FROM credit_entry) moved GROUP BY 1"
    )
    by_account = {row["account"]: row["amount"] for row in sums}
    assert sum(by_account.values()) == 0
    balance = await money.balance(world, shop)
    assert by_account == {
        "available": balance.available,
        "held": balance.held,
        "spent": balance.spent,
        "issued": -balance.issued,
    }
    assert balance == Balance(available=Credits(47 * CREDIT), spent=Credits(3 * CREDIT), issued=Credits(5 * TEN))


async def test_g25_the_database_refuses_a_balance_that_does_not_add_up(world: World) -> None:
    shop = await world.found("shop")
    await money.grant(world, shop, TEN)
    for change in ("available = available - 1", "available = -1, spent = issued + 1", "issued = issued + 1"):
        with pytest.raises(asyncpg.CheckViolationError):
            await world.admin.execute(f"UPDATE credit_account SET {change}")


async def test_a_copy_of_a_ledger_shares_nothing_with_what_was_given_out(world: World, shop: Tenant) -> None:
    await money.grant(world, shop, 5 * TEN)
    hold = await money.hold(world, shop, "turn:1")
    hold.release(world.now())
    async with world.begin(shop.scope) as at:
        stored = (await at.ledgers.lock(shop.owner.organization_id, holds=[hold.id])).find_hold(hold.id)
    assert stored == replace(hold, state=HoldState.HELD, closed_at=None)


async def test_g28_amounts_of_any_size_are_kept_exactly(world: World, shop: Tenant) -> None:
    huge = Credits(5_000_000 * CREDIT + 1)
    await money.grant(world, shop, huge)
    await money.hold(world, shop, "turn:huge", Credits(4_000_000 * CREDIT + 1))
    balance = await money.balance(world, shop)
    assert (balance.issued, balance.held, balance.available) == (huge, 4_000_000 * CREDIT + 1, 1_000_000 * CREDIT)
