"""The credit ledger of one organization. Nothing else moves credits."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from atende.core.credits.model import (
    Account,
    Balance,
    Entry,
    Hold,
    HoldNotFound,
    HoldState,
    Kind,
    ReferenceReused,
    checked_amount,
    hold_reference,
)
from atende.core.kernel import MAX_AMOUNT, NO_CREDITS, Credits, InsufficientCredits, Invalid, in_credits


@dataclass(slots=True, kw_only=True)
class CreditLedger:
    """Balances in micro-credits, and the holds and past entries that one operation needs.

    An operation moves credits and adds to `new_entries` and `changed_holds`, or raises an error and changes nothing. If its (kind,
    reference) is in `posted`, it returns that entry and moves nothing; it raises ReferenceReused if amount, tenant or hold
    differ. Every operation raises Invalid for an amount that is not an integer from 1 to MAX_AMOUNT.

    The caller locks the account, saves the ledger once, and discards it.
    """

    organization_id: UUID
    available: Credits = NO_CREDITS
    held: Credits = NO_CREDITS
    spent: Credits = NO_CREDITS
    issued: Credits = NO_CREDITS
    holds: dict[UUID, Hold] = field(default_factory=dict)
    posted: dict[tuple[Kind, str], Entry] = field(default_factory=dict)
    new_entries: list[Entry] = field(default_factory=list)
    changed_holds: dict[UUID, Hold] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._assert_sound()

    @property
    def balance(self) -> Balance:
        return Balance(available=self.available, held=self.held, spent=self.spent, issued=self.issued)

    def find_hold(self, hold_id: UUID) -> Hold:
        """Raises HoldNotFound, also for a hold that was not loaded."""
        if hold_id not in self.holds:
            raise HoldNotFound
        return self.holds[hold_id]

    def grant(
        self, entry_id: UUID, *, amount: int, reference: str, at: datetime, tenant_id: str | None = None, note: str = ""
    ) -> Entry:
        """Adds new credits. Raises Invalid if the sum of all grants would exceed MAX_AMOUNT."""
        granted = checked_amount(amount)
        if known := self._known(Kind.GRANT, reference, granted, tenant_id):
            return known
        if self.issued + granted > MAX_AMOUNT:
            raise Invalid(f"an organization cannot be granted more than {MAX_AMOUNT} micro-credits in total")
        way = (Account.ISSUED, Account.AVAILABLE)
        return self._post(entry_id, Kind.GRANT, way, granted, reference, at=at, note=note, tenant_id=tenant_id)

    def hold(
        self,
        entry_id: UUID,
        *,
        hold_id: UUID,
        amount: int,
        reference: str,
        at: datetime,
        expires_at: datetime,
        tenant_id: str | None = None,
        note: str = "",
    ) -> Entry:
        """Reserves credits. The entry has the id of the hold; a repeated call returns the entry of the first hold.

        Raises InsufficientCredits (extras `required` and `balance`, in credits).
        """
        wanted = checked_amount(amount)
        if known := self._known(Kind.HOLD, reference, wanted, tenant_id):
            return known
        assert hold_id not in self.holds, "the id of a new hold must be new"
        self._afford(wanted)
        hold = Hold(
            id=hold_id,
            organization_id=self.organization_id,
            tenant_id=tenant_id,
            amount=wanted,
            reference=reference,
            created_at=at,
            expires_at=expires_at,
        )
        way = (Account.AVAILABLE, Account.HELD)
        return self._post(entry_id, Kind.HOLD, way, wanted, reference, at=at, note=note, hold=hold)

    def capture(
        self, entry_id: UUID, *, hold_id: UUID, amount: int, at: datetime, remainder_id: UUID, note: str = ""
    ) -> Entry:
        """Charges `amount` to the hold. The rest becomes available, in an entry with the id `remainder_id`.

        If the hold has expired, its credits are available already, and the cost is taken from these.
        Raises HoldNotFound, CaptureTooLarge, HoldResolved, and after expiry InsufficientCredits.
        """
        cost, hold, reference = checked_amount(amount), replace(self.find_hold(hold_id)), hold_reference(hold_id)
        if known := self._known(Kind.CAPTURE, reference, cost, hold.tenant_id):
            return known
        late = hold.state is HoldState.EXPIRED
        hold.capture(cost, at)
        if late:
            self._afford(cost)
        way = (Account.AVAILABLE if late else Account.HELD, Account.SPENT)
        entry = self._post(entry_id, Kind.CAPTURE, way, cost, reference, at=at, note=note, hold=hold)
        if not late and cost < hold.amount:
            rest, back = Credits(hold.amount - cost), (Account.HELD, Account.AVAILABLE)
            self._post(remainder_id, Kind.RELEASE, back, rest, reference, at=at, note=note, hold=hold)
        return entry

    def release(self, entry_id: UUID, *, hold_id: UUID, at: datetime, note: str = "") -> Entry:
        """Makes the whole hold available, because the work failed or was cancelled. Raises HoldNotFound or HoldResolved."""
        hold, reference = replace(self.find_hold(hold_id)), hold_reference(hold_id)
        if hold.state is HoldState.RELEASED and (known := self.posted.get((Kind.RELEASE, reference))):
            return known
        hold.release(at)
        way = (Account.HELD, Account.AVAILABLE)
        return self._post(entry_id, Kind.RELEASE, way, hold.amount, reference, at=at, note=note, hold=hold)

    def expire(self, entry_id: UUID, *, hold_id: UUID, at: datetime, note: str = "") -> Entry:
        """Makes the whole hold available, because its time is over. Raises HoldNotFound, HoldResolved or HoldNotDue."""
        hold, reference = replace(self.find_hold(hold_id)), hold_reference(hold_id)
        if hold.state is HoldState.EXPIRED and (known := self.posted.get((Kind.EXPIRE, reference))):
            return known
        hold.expire(at)
        way = (Account.HELD, Account.AVAILABLE)
        return self._post(entry_id, Kind.EXPIRE, way, hold.amount, reference, at=at, note=note, hold=hold)

    def refund(
        self, entry_id: UUID, *, hold_id: UUID, amount: int, reference: str, at: datetime, note: str = ""
    ) -> Entry:
        """Gives captured credits back, in total at most what the hold captured. Raises HoldNotFound or RefundTooLarge."""
        back, hold = checked_amount(amount), replace(self.find_hold(hold_id))
        if known := self._known(Kind.REFUND, reference, back, hold.tenant_id, hold_id):
            return known
        hold.refund(back)
        way = (Account.SPENT, Account.AVAILABLE)
        return self._post(entry_id, Kind.REFUND, way, back, reference, at=at, note=note, hold=hold)

    def _known(
        self, kind: Kind, reference: str, amount: Credits, tenant_id: str | None, hold_id: UUID | None = None
    ) -> Entry | None:
        """The entry with this reference, if any. Raises ReferenceReused if it is a different movement."""
        entry = self.posted.get((kind, reference))
        if entry is None:
            return None
        if (entry.amount, entry.tenant_id) != (amount, tenant_id) or hold_id not in {None, entry.hold_id}:
            raise ReferenceReused(reference=reference)
        return entry

    def _afford(self, amount: Credits) -> None:
        if amount > self.available:
            raise InsufficientCredits(required=in_credits(amount), balance=in_credits(self.available))

    def _post(
        self,
        entry_id: UUID,
        kind: Kind,
        way: tuple[Account, Account],
        amount: Credits,
        reference: str,
        *,
        at: datetime,
        note: str,
        tenant_id: str | None = None,
        hold: Hold | None = None,
    ) -> Entry:
        """The only place that moves credits. The entry is created first, so that an error changes nothing."""
        debit, credit = way
        moved = {debit: -amount, credit: amount}
        available = Credits(self.available + moved.get(Account.AVAILABLE, 0))
        held = Credits(self.held + moved.get(Account.HELD, 0))
        entry = Entry(
            id=entry_id,
            organization_id=self.organization_id,
            kind=kind,
            reference=reference,
            debit=debit,
            credit=credit,
            amount=amount,
            available_after=available,
            held_after=held,
            at=at,
            tenant_id=hold.tenant_id if hold else tenant_id,
            hold_id=hold.id if hold else None,
            note=note,
        )
        self.available, self.held = available, held
        self.spent = Credits(self.spent + moved.get(Account.SPENT, 0))
        self.issued = Credits(self.issued - moved.get(Account.ISSUED, 0))
        self._record(entry, hold)
        return entry

    def _record(self, entry: Entry, hold: Hold | None) -> None:
        self.posted[entry.kind, entry.reference] = entry
        self.new_entries.append(entry)
        if hold:
            self.holds[hold.id] = self.changed_holds[hold.id] = hold
        self._assert_sound()

    def _assert_sound(self) -> None:
        """Stops at an impossible state, so that nothing of this operation is committed."""
        assert self.available >= 0, "more credits were moved than were available"
        assert self.held >= 0, "more credits were taken from holds than they held"
        assert self.spent >= 0, "more credits were refunded than were spent"
        assert self.available + self.held + self.spent == self.issued <= MAX_AMOUNT, "the accounts do not add up"
