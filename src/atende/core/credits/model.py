"""Accounts, entries, holds and balances of the credit ledger, and its errors."""

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
    """This reference was used before for another movement: use a new reference."""


class HoldNotFound(NotFound):
    """There is no such hold here."""


class HoldResolved(InvalidState):
    """This hold was captured, released or expired before."""


class HoldNotDue(InvalidState):
    """This hold has not reached its expiry time."""


class CaptureTooLarge(Conflict):
    """A capture cannot exceed its hold: hold the highest possible cost before the work."""


class RefundTooLarge(Conflict):
    """A refund cannot exceed what was captured."""


def checked_amount(amount: object) -> Credits:
    """The amount of one movement, an integer of micro-credits from 1 to MAX_AMOUNT. Raises Invalid for anything else."""
    if type(amount) is not int or not 0 < amount <= MAX_AMOUNT:
        raise Invalid(f"an amount must be a whole number of micro-credits from 1 to {MAX_AMOUNT}")
    return Credits(amount)


def checked_reference(reference: str) -> str:
    """A reference of 1 to MAX_REFERENCE printable characters. Raises Invalid."""
    if not 0 < len(reference) <= MAX_REFERENCE or not reference.isprintable():
        raise Invalid(f"a reference must have 1 to {MAX_REFERENCE} printable characters")
    return reference


def hold_reference(hold_id: UUID) -> str:
    """The reference of the entry that resolves this hold, so that it can be captured, released or expire only once."""
    return f"hold:{hold_id}"


_ALLOWED_MOVES = {
    Kind.GRANT: {(Account.ISSUED, Account.AVAILABLE)},
    Kind.HOLD: {(Account.AVAILABLE, Account.HELD)},
    # From `available` if the hold had expired before the capture.
    Kind.CAPTURE: {(Account.HELD, Account.SPENT), (Account.AVAILABLE, Account.SPENT)},
    Kind.RELEASE: {(Account.HELD, Account.AVAILABLE)},
    Kind.EXPIRE: {(Account.HELD, Account.AVAILABLE)},
    Kind.REFUND: {(Account.SPENT, Account.AVAILABLE)},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An immutable movement of `amount` from the account `debit` to the account `credit`.

    (kind, reference) is unique in the organization. `available_after` and `held_after` are the balances after the movement.
    `tenant_id` is None if it concerns the whole organization; `hold_id` is None for grants only.
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
        if (self.debit, self.credit) not in _ALLOWED_MOVES[self.kind]:
            raise Invalid(f"a {self.kind} cannot move credits from {self.debit} to {self.credit}")
        if (self.hold_id is None) is not (self.kind is Kind.GRANT):
            raise Invalid("every movement except a grant must belong to a hold")
        if len(self.note) > MAX_NOTE:
            raise Invalid(f"a note can have up to {MAX_NOTE} characters")


@dataclass(slots=True, kw_only=True)
class Hold:
    """Credits that are reserved for the highest possible cost of some work.

    They leave the account `held` exactly once: captured (the rest becomes available), released, or expired. If the work was done
    although the hold expired, the capture takes the cost from the available credits. `captured` and `refunded` are micro-credits.
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
            raise Invalid("a hold must expire after it was created")
        if not 0 <= self.refunded <= self.captured <= self.amount:
            raise Invalid("a hold cannot capture more than its amount or refund more than it captured")
        if (self.state is HoldState.CAPTURED) is not (self.captured > 0):
            raise Invalid("a hold has the state captured if, and only if, an amount was captured")
        if (self.state is HoldState.HELD) is not (self.closed_at is None):
            raise Invalid("a hold has a closing time if, and only if, it is not held any more")

    def is_due(self, now: datetime) -> bool:
        """Whether it is still held at or after its expiry time."""
        return self.state is HoldState.HELD and now >= self.expires_at

    def capture(self, amount: Credits, at: datetime) -> None:
        """Raises CaptureTooLarge, or HoldResolved if it was captured or released."""
        self._require(HoldState.HELD, HoldState.EXPIRED)
        if amount > self.amount:
            raise CaptureTooLarge
        self.state, self.captured, self.closed_at = HoldState.CAPTURED, amount, at

    def release(self, at: datetime) -> None:
        """Raises HoldResolved."""
        self._require(HoldState.HELD)
        self.state, self.closed_at = HoldState.RELEASED, at

    def expire(self, at: datetime) -> None:
        """Raises HoldResolved, or HoldNotDue before its expiry time."""
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
    """Balance of an organization in micro-credits. `issued` is the sum of all grants: available + held + spent."""

    available: Credits = NO_CREDITS
    held: Credits = NO_CREDITS
    spent: Credits = NO_CREDITS
    issued: Credits = NO_CREDITS

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Balance":
        """The balance that results from all entries of one organization, in any order."""
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
