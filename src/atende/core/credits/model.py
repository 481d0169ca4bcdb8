"""The words of the credit ledger: accounts, entries, holds, balances, and what can be refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from atende.core.kernel import MAX_AMOUNT, NO_CREDITS, Conflict, Credits, Invalid, InvalidState, NotFound

MAX_REFERENCE = 200
MAX_NOTE = 500


class Account(StrEnum):
    """The four accounts of an organization. Their sum is always zero: `issued` is the negative of all credits granted."""

    AVAILABLE = "available"
    HELD = "held"
    SPENT = "spent"
    ISSUED = "issued"


class Kind(StrEnum):
    GRANT = "grant"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    EXPIRE = "expire"
    REFUND = "refund"


class HoldState(StrEnum):
    HELD = "held"
    CAPTURED = "captured"
    RELEASED = "released"
    EXPIRED = "expired"


class ReferenceReused(Conflict):
    """This reference was used before, for something else. Use a new reference for a new movement."""


class HoldNotFound(NotFound):
    """There is no such hold here."""


class HoldResolved(InvalidState):
    """This hold was resolved before, in another way."""


class HoldNotDue(InvalidState):
    """This hold has time left."""


class CaptureTooLarge(Conflict):
    """More than the hold cannot be captured. Hold the upper bound of the cost before the work."""


class RefundTooLarge(Conflict):
    """More than what was captured cannot be refunded."""


def checked_amount(amount: object) -> Credits:
    """The amount of one movement: a whole number of micro-credits from 1 to MAX_AMOUNT. Raises Invalid for all else."""
    if type(amount) is not int or not 0 < amount <= MAX_AMOUNT:
        raise Invalid(f"an amount is a whole number of micro-credits from 1 to {MAX_AMOUNT}")
    return Credits(amount)


def checked_reference(reference: str) -> str:
    """A reference of 1 to MAX_REFERENCE printable characters. Raises Invalid."""
    if not 0 < len(reference) <= MAX_REFERENCE or not reference.isprintable():
        raise Invalid(f"a reference has 1 to {MAX_REFERENCE} printable characters")
    return reference


def hold_reference(hold_id: UUID) -> str:
    """The reference of whatever resolves this hold, so that each way of resolving it can happen only once."""
    return f"hold:{hold_id}"


_WAYS = {
    Kind.GRANT: {(Account.ISSUED, Account.AVAILABLE)},
    Kind.HOLD: {(Account.AVAILABLE, Account.HELD)},
    # From `available` when the hold had expired before the capture came.
    Kind.CAPTURE: {(Account.HELD, Account.SPENT), (Account.AVAILABLE, Account.SPENT)},
    Kind.RELEASE: {(Account.HELD, Account.AVAILABLE)},
    Kind.EXPIRE: {(Account.HELD, Account.AVAILABLE)},
    Kind.REFUND: {(Account.SPENT, Account.AVAILABLE)},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One movement, never changed: `amount` leaves the account `debit` and enters the account `credit`.

    (kind, reference) is unique in the organization. `available_after` and `held_after` are the balances that it left behind.
    `tenant_id` is None for what concerns the organization as a whole; `hold_id` is None for grants only.
    """

    id: UUID
    organization_id: UUID
    kind: Kind
    reference: str
    debit: Account
    credit: Account
    amount: Credits
    available_after: Credits
    held_after: Credits
    at: datetime
    tenant_id: str | None = None
    hold_id: UUID | None = None
    note: str = ""

    def __post_init__(self) -> None:
        checked_amount(self.amount)
        checked_reference(self.reference)
        if (self.debit, self.credit) not in _WAYS[self.kind]:
            raise Invalid(f"a {self.kind} does not move credits from {self.debit} to {self.credit}")
        if (self.hold_id is None) is not (self.kind is Kind.GRANT):
            raise Invalid("every movement but a grant belongs to a hold")
        if len(self.note) > MAX_NOTE:
            raise Invalid(f"a note has up to {MAX_NOTE} characters")


@dataclass(slots=True, kw_only=True)
class Hold:
    """Credits set aside as the upper bound of what work may cost.

    They leave the account `held` exactly once: captured (the rest flows back), released, or expired. What expired may still be
    captured when the work was done after all, from what is then available. `captured` and `refunded` count micro-credits.
    """

    id: UUID
    organization_id: UUID
    tenant_id: str | None
    amount: Credits
    reference: str
    created_at: datetime
    expires_at: datetime
    state: HoldState = HoldState.HELD
    captured: Credits = NO_CREDITS
    refunded: Credits = NO_CREDITS
    closed_at: datetime | None = None

    def __post_init__(self) -> None:
        checked_amount(self.amount)
        checked_reference(self.reference)
        if self.expires_at <= self.created_at:
            raise Invalid("a hold expires after it was made")
        if not 0 <= self.refunded <= self.captured <= self.amount:
            raise Invalid("a hold captures no more than itself and refunds no more than it captured")
        if (self.state is HoldState.CAPTURED) is not (self.captured > 0):
            raise Invalid("a hold is captured when something was captured")
        if (self.state is HoldState.HELD) is not (self.closed_at is None):
            raise Invalid("a hold is closed when it is no longer held")

    def is_due(self, now: datetime) -> bool:
        """Still held at or past its time."""
        return self.state is HoldState.HELD and now >= self.expires_at

    def capture(self, amount: Credits, at: datetime) -> None:
        """Raises CaptureTooLarge, or HoldResolved when it was captured or released."""
        self._require(HoldState.HELD, HoldState.EXPIRED)
        if amount > self.amount:
            raise CaptureTooLarge
        self.state, self.captured, self.closed_at = HoldState.CAPTURED, amount, at

    def release(self, at: datetime) -> None:
        """Raises HoldResolved."""
        self._require(HoldState.HELD)
        self.state, self.closed_at = HoldState.RELEASED, at

    def expire(self, at: datetime) -> None:
        """Raises HoldResolved, or HoldNotDue before its time."""
        self._require(HoldState.HELD)
        if not self.is_due(at):
            raise HoldNotDue
        self.state, self.closed_at = HoldState.EXPIRED, at

    def refund(self, amount: Credits) -> None:
        """Raises RefundTooLarge."""
        if amount > self.captured - self.refunded:
            raise RefundTooLarge
        self.refunded = Credits(self.refunded + amount)

    def _require(self, *states: HoldState) -> None:
        if self.state not in states:
            raise HoldResolved(f"this hold is {self.state} already", state=str(self.state))


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What an organization has, in micro-credits. `issued` is all that was ever granted: available + held + spent."""

    available: Credits = NO_CREDITS
    held: Credits = NO_CREDITS
    spent: Credits = NO_CREDITS
    issued: Credits = NO_CREDITS

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Balance":
        """The balance that these entries amount to: all of one organization, in any order."""
        sums = dict.fromkeys(Account, 0)
        for entry in entries:
            sums[entry.debit] -= entry.amount
            sums[entry.credit] += entry.amount
        return cls(
            available=Credits(sums[Account.AVAILABLE]),
            held=Credits(sums[Account.HELD]),
            spent=Credits(sums[Account.SPENT]),
            issued=Credits(-sums[Account.ISSUED]),
        )
