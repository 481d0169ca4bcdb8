"""Granting credits to an organization."""

from dataclasses import dataclass

from atende.core.audit.model import Event
from atende.core.audit.ports import AuditLog
from atende.core.credits.model import Balance, Kind
from atende.core.credits.ports import Ledgers
from atende.core.kernel import Clock, Credits, Ids, TenantScope, Transaction, in_credits


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantCredits:
    """Grants credits, once per reference: a repeated call changes nothing."""

    ledgers: Ledgers
    audit: AuditLog
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(self, scope: TenantScope, *, amount: Credits, reference: str, note: str = "") -> Balance:
        async with self.transaction(scope):
            ledger = await self.ledgers.lock(scope.organization_id, references=[(Kind.GRANT, reference)])
            ledger.grant(self.ids.new(), amount=amount, reference=reference, at=self.clock.now(), note=note)
            moved = bool(ledger.new_entries)
            await self.ledgers.save(ledger)
            if moved:
                await self.audit.add(scope, _event(amount, reference, note))
            return ledger.balance


def _event(amount: Credits, reference: str, note: str) -> Event:
    new = {"amount": in_credits(amount), "reference": reference, "note": note}
    return Event(action="credits.grant", resource_type="credits", resource_id=reference, new=new)
