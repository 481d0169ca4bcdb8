"""Admission of work that costs credits: the only place that decides whether it may start, and that settles it afterwards."""

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
"""Longer than any job can take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admit:
    """Work is admitted when its upper bound can be held, and settled once: captured, released, or left to expire.

    - Every call but `cost` belongs inside the caller's transaction, beside the record of the work it pays for.
    - Every call may be repeated: the same reference, hold and amount move nothing again.
    - Work that costs nothing needs no hold, and a hold of 0 is refused as Invalid: the caller skips it.
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
        """The cost of work: with upper bounds for an estimate, with real usage for a capture.

        Raises PriceNotFound, and the errors of Price.credits_for.
        """
        price = await self.prices.find(provider, model, operation)
        return price.credits_for(quantity=quantity, tokens=tokens, seconds=seconds, resolution=resolution)

    async def hold(
        self, scope: TenantScope, *, amount: Credits, reference: str, ttl: timedelta = HOLD_TTL, note: str = ""
    ) -> Hold:
        """Reserves credits for one piece of work. A repeated call returns the first hold in its present state.

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
        """Charges `amount`, at most the amount of the hold, and makes the rest available again.

        Raises HoldNotFound, CaptureTooLarge, HoldResolved, ReferenceReused, or InsufficientCredits if the hold had expired.
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
        """Makes the whole hold available again, because the work had no result. Does nothing if the hold has expired.

        Raises HoldNotFound, or HoldResolved if it was captured.
        """
        ledger = await self._with_hold(scope, hold_id, (Kind.RELEASE, hold_reference(hold_id)))
        if ledger.find_hold(hold_id).state is not HoldState.EXPIRED:
            ledger.release(self.ids.new(), hold_id=hold_id, at=self.clock.now(), note=note)
            await self.ledgers.save(ledger)
        return ledger.find_hold(hold_id)

    async def settle(self, scope: TenantScope, hold_id: UUID | None, *, cost: Credits, note: str = "") -> None:
        """The work is done: what it cost is captured, and the hold is released when it cost nothing.

        `hold_id` None: nothing was held, because the work could not cost anything. Raises as `capture` and `release`.
        """
        if hold_id is None:
            assert not cost, "work that costs credits has a hold"
        elif cost:
            await self.capture(scope, hold_id, amount=cost, note=note)
        else:
            await self.release(scope, hold_id, note=note)

    async def refund(
        self, scope: TenantScope, hold_id: UUID, *, amount: Credits, reference: str, note: str = ""
    ) -> Entry:
        """Gives captured credits back, in full or in part. Raises HoldNotFound, RefundTooLarge or ReferenceReused."""
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
    """Makes the credits of expired holds available again, so that a crash cannot block them for good.

    Each hold has its own transaction and is checked again under the lock: a capture or release that came first wins. If one hold
    fails, the others are still processed; the failures are raised together at the end.
    """

    ledgers: Ledgers
    holds: HoldsDue
    transaction: Transaction
    ids: Ids
    clock: Clock
    batch: ClassVar[int] = 100

    async def __call__(self) -> int:
        """Returns the number of holds that expired. Raises ExceptionGroup if some failed."""
        expired, seen = 0, set[UUID]()
        failures: list[Exception] = []
        # Failed holds are still due and come first: they must not fill the batch.
        while new := [due for due in await self._due(len(failures)) if due[1] not in seen]:
            for organization_id, hold_id in new:
                seen.add(hold_id)
                try:
                    expired += await self._expire(organization_id, hold_id)
                except Exception as error:  # noqa: BLE001  one broken account must not block the others
                    error.add_note(f"at hold {hold_id} of organization {organization_id}")
                    failures.append(error)
        if failures:
            raise ExceptionGroup(f"{expired} holds expired, {len(failures)} failed", failures)
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
