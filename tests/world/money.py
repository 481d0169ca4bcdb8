"""Credits to be granted and held in tests."""

from atende.core.credits.admit import Admit
from atende.core.credits.model import (
    Balance,
    Entry,
    Hold,
    Kind,
)
from atende.core.kernel import CREDIT, Credits
from tests.world import Tenant, Unit, World, WorldClock

TEN = Credits(10 * CREDIT)


def admit_in(world: World, at: Unit) -> Admit:
    return Admit(ledgers=at.ledgers, prices=world.prices, ids=world.ids, clock=WorldClock(world))


async def grant(world: World, tenant: Tenant, amount: int, reference: str = "grant:1") -> Entry:
    async with world.begin(tenant.whole) as at:
        ledger = await at.ledgers.lock(tenant.owner.organization_id, references=[(Kind.GRANT, reference)])
        entry = ledger.grant(world.ids.new(), amount=amount, reference=reference, at=world.now(), note="gift")
        await at.ledgers.save(ledger)
    return entry


async def hold(world: World, tenant: Tenant, reference: str, amount: Credits = TEN) -> Hold:
    async with world.begin(tenant.scope) as at:
        return await admit_in(world, at).hold(tenant.scope, amount=amount, reference=reference)


async def balance(world: World, tenant: Tenant) -> Balance:
    async with world.begin(tenant.scope) as at:
        return await at.ledgers.balance(tenant.owner.organization_id)
