"""New credits for an organization."""

from dataclasses import dataclass

from atende.core.credits.model import Balance, Kind
from atende.core.credits.ports import Ledgers
from atende.core.kernel import Clock, Credits, Ids, Scope, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantCredits:
    """Credits are granted once per reference, however often it is asked."""

    ledgers: Ledgers
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(self, scope: Scope, *, amount: Credits, reference: str, note: str = "") -> Balance:
        async with self.transaction(scope):
            ledger = await self.ledgers.lock(scope.organization_id, references=[(Kind.GRANT, reference)])
            ledger.grant(self.ids.new(), amount=amount, reference=reference, at=self.clock.now(), note=note)
            await self.ledgers.save(ledger)
            return ledger.balance
