"""The credit ledger of one organization: the only thing that moves credits."""

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

    A verb moves credits (`new_entries`, `changed_holds`), or raises and leaves everything as it was. A verb whose (kind,
    reference) stands in `posted` answers with that entry and moves nothing; with another amount, tenant or hold it raises
    ReferenceReused. Every verb raises Invalid for an amount that is not a whole number from 1 to MAX_AMOUNT.

    The caller has the account locked, saves the ledger once, and drops it.
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
        """New credits. Raises Invalid when more would be issued in all than the ledger can count."""
        granted = checked_amount(amount)
        if known := self._known(Kind.GRANT, reference, granted, tenant_id):
            return known
        if self.issued + granted > MAX_AMOUNT:
            raise Invalid(f"an organization is granted no more than {MAX_AMOUNT} micro-credits in all")
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
        """Credits set aside. The entry names the hold; a replay names the first one, as it stands now, perhaps resolved.

        Raises InsufficientCredits (extras `required` and `balance`, in credits).
        """
        wanted = checked_amount(amount)
        if known := self._known(Kind.HOLD, reference, wanted, tenant_id):
            return known
        assert hold_id not in self.holds, "the id of a new hold is new"
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
        """The work is done and costs `amount`; what is left of the hold flows back, in an entry with id `remainder_id`.

        A hold that expired in the meantime has flowed back already: then the cost is taken from what is available.
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
        """The work failed or was called off: the whole hold flows back. Raises HoldNotFound or HoldResolved."""
        hold, reference = replace(self.find_hold(hold_id)), hold_reference(hold_id)
        if hold.state is HoldState.RELEASED and (known := self.posted.get((Kind.RELEASE, reference))):
            return known
        hold.release(at)
        way = (Account.HELD, Account.AVAILABLE)
        return self._post(entry_id, Kind.RELEASE, way, hold.amount, reference, at=at, note=note, hold=hold)

    def expire(self, entry_id: UUID, *, hold_id: UUID, at: datetime, note: str = "") -> Entry:
        """Nobody resolved the hold in time: it flows back. Raises HoldNotFound, HoldResolved, or HoldNotDue too early."""
        hold, reference = replace(self.find_hold(hold_id)), hold_reference(hold_id)
        if hold.state is HoldState.EXPIRED and (known := self.posted.get((Kind.EXPIRE, reference))):
            return known
        hold.expire(at)
        way = (Account.HELD, Account.AVAILABLE)
        return self._post(entry_id, Kind.EXPIRE, way, hold.amount, reference, at=at, note=note, hold=hold)

    def refund(
        self, entry_id: UUID, *, hold_id: UUID, amount: int, reference: str, at: datetime, note: str = ""
    ) -> Entry:
        """Captured credits given back, in all never more than the hold captured. Raises HoldNotFound or RefundTooLarge."""
        back, hold = checked_amount(amount), replace(self.find_hold(hold_id))
        if known := self._known(Kind.REFUND, reference, back, hold.tenant_id, hold_id):
            return known
        hold.refund(back)
        way = (Account.SPENT, Account.AVAILABLE)
        return self._post(entry_id, Kind.REFUND, way, back, reference, at=at, note=note, hold=hold)

    def _known(
        self, kind: Kind, reference: str, amount: Credits, tenant_id: str | None, hold_id: UUID | None = None
    ) -> Entry | None:
        """What was posted under this reference. Raises ReferenceReused when it was something else."""
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
        """The one place that moves credits. The entry is made first: what it refuses has changed nothing."""
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
        self.posted[kind, reference] = entry
        self.new_entries.append(entry)
        if hold:
            self.holds[hold.id] = self.changed_holds[hold.id] = hold
        self._assert_sound()
        return entry

    def _assert_sound(self) -> None:
        """Stop rather than go on from a state that cannot be: nothing of this operation is then committed."""
        assert self.available >= 0, "credits that are not there were moved"
        assert self.held >= 0, "more was taken from holds than they held"
        assert self.spent >= 0, "more was refunded than was spent"
        assert self.available + self.held + self.spent == self.issued <= MAX_AMOUNT, "the accounts do not add up"
