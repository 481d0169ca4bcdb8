"""Admission to work that costs credits: the one place that decides whether it may start, and settles it afterwards."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from atende.core.credits.ledger import CreditLedger
from atende.core.credits.model import Entry, Hold, HoldNotFound, HoldState, Kind, hold_reference
from atende.core.credits.ports import HoldsDue, Ledgers, Prices
from atende.core.kernel import ALL_TENANTS, Clock, Credits, Ids, TenantScope, Transaction

HOLD_TTL = timedelta(hours=2)
"""Longer than any job may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admit:
    """Work is admitted when its upper bound can be held, and settled once: captured, released, or left to expire.

    - Every call but `cost` belongs inside the caller's transaction, beside the record of the work it pays for.
    - Every call may be repeated: the same reference, hold and amount move nothing again.
    - Work that costs nothing needs no hold, and a hold of 0 is refused as Invalid: the caller skips it. A hold whose work turns
      out to cost nothing is released, for 0 cannot be captured either.
    - A hold belongs to a tenant: another tenant of the organization does not find it.
    """

    ledgers: Ledgers
    prices: Prices
    ids: Ids
    clock: Clock

    async def cost(
        self,
        provider: str,
        model: str,
        operation: str,
        *,
        quantity: int = 1,
        tokens: int | None = None,
        seconds: float | Decimal | None = None,
        resolution: str | None = None,
    ) -> Credits:
        """What this work costs, for an estimate with its upper bounds, for a capture with its real figures.

        Raises PriceNotFound, and Invalid as Price.credits_for.
        """
        price = await self.prices.find(provider, model, operation)
        return price.credits_for(quantity=quantity, tokens=tokens, seconds=seconds, resolution=resolution)

    async def hold(
        self, scope: TenantScope, *, amount: Credits, reference: str, ttl: timedelta = HOLD_TTL, note: str = ""
    ) -> Hold:
        """Credits set aside for one piece of work. A replay returns the first hold as it stands, perhaps resolved.

        Raises InsufficientCredits, ReferenceReused or Invalid.
        """
        now = self.clock.now()
        ledger = await self.ledgers.lock(scope.organization_id, references=[(Kind.HOLD, reference)])
        entry = ledger.hold(
            self.ids.new(),
            hold_id=self.ids.new(),
            amount=amount,
            reference=reference,
            at=now,
            expires_at=now + ttl,
            tenant_id=None if scope.tenant_id == ALL_TENANTS else scope.tenant_id,
            note=note,
        )
        await self.ledgers.save(ledger)
        assert entry.hold_id is not None, "the entry of a hold names it"
        return ledger.find_hold(entry.hold_id)

    async def capture(self, scope: TenantScope, hold_id: UUID, *, amount: Credits, note: str = "") -> Entry:
        """The work is done and cost `amount`, at most the hold; the rest is free again.

        Raises HoldNotFound, CaptureTooLarge, HoldResolved, ReferenceReused, or InsufficientCredits when the hold had expired.
        """
        ledger = await self._with_hold(scope, hold_id, (Kind.CAPTURE, hold_reference(hold_id)))
        entry = ledger.capture(
            self.ids.new(),
            hold_id=hold_id,
            amount=amount,
            at=self.clock.now(),
            remainder_id=self.ids.new(),
            note=note,
        )
        await self.ledgers.save(ledger)
        return entry

    async def release(self, scope: TenantScope, hold_id: UUID, *, note: str = "") -> Hold:
        """The work came to nothing: the hold is free again. One that expired is free already, and stays as it is.

        Raises HoldNotFound, or HoldResolved when it was captured.
        """
        ledger = await self._with_hold(scope, hold_id, (Kind.RELEASE, hold_reference(hold_id)))
        if ledger.find_hold(hold_id).state is not HoldState.EXPIRED:
            ledger.release(self.ids.new(), hold_id=hold_id, at=self.clock.now(), note=note)
            await self.ledgers.save(ledger)
        return ledger.find_hold(hold_id)

    async def refund(
        self, scope: TenantScope, hold_id: UUID, *, amount: Credits, reference: str, note: str = ""
    ) -> Entry:
        """What was captured is given back, in full or in part. Raises HoldNotFound, RefundTooLarge or ReferenceReused."""
        ledger = await self._with_hold(scope, hold_id, (Kind.REFUND, reference))
        entry = ledger.refund(
            self.ids.new(), hold_id=hold_id, amount=amount, reference=reference, at=self.clock.now(), note=note
        )
        await self.ledgers.save(ledger)
        return entry

    async def _with_hold(self, scope: TenantScope, hold_id: UUID, reference: tuple[Kind, str]) -> CreditLedger:
        ledger = await self.ledgers.lock(scope.organization_id, holds=[hold_id], references=[reference])
        if scope.tenant_id not in {ALL_TENANTS, ledger.find_hold(hold_id).tenant_id}:
            raise HoldNotFound
        return ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireHolds:
    """Holds that nobody resolved in time flow back: no crash keeps credits from their owner.

    Each hold is a transaction of its own, and is looked at again under the lock: a capture or release that came first has won.
    One that fails does not keep the others; the failures are raised together at the end.
    """

    ledgers: Ledgers
    holds: HoldsDue
    transaction: Transaction
    ids: Ids
    clock: Clock
    batch: ClassVar[int] = 100

    async def __call__(self) -> int:
        """The number of holds that expired. Raises ExceptionGroup when some could not."""
        expired, seen = 0, set[UUID]()
        failures: list[Exception] = []
        # What failed is due again at once, and first: it must not fill the batch.
        while new := [due for due in await self._due(len(failures)) if due[1] not in seen]:
            for organization_id, hold_id in new:
                seen.add(hold_id)
                try:
                    expired += await self._expire(organization_id, hold_id)
                except Exception as error:  # noqa: BLE001  one broken account must not keep the others' credits
                    error.add_note(f"at hold {hold_id} of organization {organization_id}")
                    failures.append(error)
        if failures:
            raise ExceptionGroup(f"{expired} holds expired, {len(failures)} could not", failures)
        return expired

    async def _due(self, failed: int) -> list[tuple[UUID, UUID]]:
        return await self.holds.due(self.clock.now(), self.batch + failed)

    async def _expire(self, organization_id: UUID, hold_id: UUID) -> bool:
        now = self.clock.now()
        async with self.transaction(TenantScope(organization_id)):
            ledger = await self.ledgers.lock(organization_id, holds=[hold_id])
            if not ledger.find_hold(hold_id).is_due(now):
                return False
            ledger.expire(self.ids.new(), hold_id=hold_id, at=now)
            await self.ledgers.save(ledger)
            return True
