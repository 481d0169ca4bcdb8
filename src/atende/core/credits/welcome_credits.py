"""The credits of a new organization."""

from dataclasses import dataclass

from atende.core.credits.model import Kind
from atende.core.credits.ports import Ledgers
from atende.core.identity.ports import WelcomeGift
from atende.core.kernel import NO_CREDITS, Clock, Credits, Ids, TenantScope, as_credits
from atende.core.tenancy.plans import FREE
from atende.core.tenancy.ports import Plans

REFERENCE = "plan:free:first"


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeCredits(WelcomeGift):
    """Grants the free plan's credits of one month, once per organization."""

    plans: Plans
    ledgers: Ledgers
    clock: Clock
    ids: Ids

    async def choose(self) -> Credits:
        free = next((plan for plan in await self.plans.all() if plan.slug == FREE), None)
        return as_credits(free.credits_per_month) if free else NO_CREDITS

    async def give(self, scope: TenantScope, amount: Credits) -> None:
        if amount <= 0:
            return
        ledger = await self.ledgers.lock(scope.organization_id, references=[(Kind.GRANT, REFERENCE)])
        ledger.grant(self.ids.new(), amount=amount, reference=REFERENCE, at=self.clock.now(), note="free plan")
        await self.ledgers.save(ledger)
