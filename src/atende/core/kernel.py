"""What every package of the core shares: scopes, amounts, names, errors, and the ports for time, ids and transactions."""

import re
import unicodedata
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, NewType, Protocol, TypeVar
from uuid import UUID

Credits = NewType("Credits", int)
"""An amount in micro-credits: 1 credit is 1,000,000. An integer, so that nothing is rounded by accident."""

CREDIT = 1_000_000
NO_CREDITS = Credits(0)
MAX_AMOUNT = 2**62
ALL_TENANTS = "*"
_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
MAX_MARKS = 30
"""The most combining marks (such as accents) on one letter, as in Unicode's stream-safe text format."""
_POSSIBLE_MARKS = re.compile(r"(?:[^\w\x00-\x7f]|[\uff9e\uff9f]){31,}")
"""Runs that may hold more than `MAX_MARKS` marks. No mark matches `\\w`, except two halfwidth Japanese ones."""
_JOINERS = "\u200c\u200d"
"""Zero-width characters that some scripts and emoji need. A name cannot consist of these alone."""


def as_credits(amount: Decimal | float | str) -> Credits:
    """Converts credits to micro-credits, exactly. Raises Invalid if the result is not a whole number."""
    micro = Decimal(str(amount)) * CREDIT
    if not micro.is_finite() or micro != micro.to_integral_value():
        raise Invalid(f"{amount} is not a whole number of micro-credits")
    return Credits(int(micro))


def in_credits(micro: int) -> Decimal:
    """Converts micro-credits to credits, the unit that people and the API use."""
    return (Decimal(micro) / CREDIT).normalize() + 0


def without_piles(text: str) -> str:
    """The text with at most `MAX_MARKS` combining marks per letter, because NFC needs quadratic time to sort them."""
    return _POSSIBLE_MARKS.sub(_without_excess_marks, text)


def _without_excess_marks(run: re.Match[str]) -> str:
    kept, marks = [], 0
    for letter in run[0]:
        is_mark = unicodedata.combining(unicodedata.normalize("NFKD", letter)[0])
        marks = marks + 1 if is_mark else 0
        if marks <= MAX_MARKS:
            kept.append(letter)
    return "".join(kept)


def is_plain(text: str) -> bool:
    """Whether the text is one line without control characters, invisible characters and changes of writing direction."""
    return not _INVISIBLE.search(text)


def checked_name(text: str, *, what: str, longest: int, needed: bool = True) -> str:
    """The name of a person or thing, trimmed. Raises Invalid with a message that begins with `what`."""
    if not is_plain(text):
        raise Invalid(f"{what} must be one line: remove line breaks, control characters and invisible characters")
    text = text.strip() if text.strip(_JOINERS) else ""
    if len(text) > longest or (needed and not text):
        raise Invalid(f"{what} must have {int(needed)} to {longest:,} characters")
    return text


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of a record: the organization (people, plan, credits) and its project (the tenant)."""

    organization_id: UUID
    project_id: UUID
    tenant_id: str

    @property
    def scope(self) -> "TenantScope":
        return TenantScope(self.organization_id, self.tenant_id)


@dataclass(frozen=True, slots=True)
class TenantScope:
    """What one transaction can access: one tenant of an organization, or with ALL_TENANTS the whole organization.

    With `user_id`, also that user's account, sessions and memberships.
    """

    organization_id: UUID
    tenant_id: str = ALL_TENANTS
    user_id: UUID | None = None


PLATFORM = Owner(UUID(int=0), UUID(int=0), "platform")
"""The installation itself. It owns jobs and records that belong to no customer, such as mail to users and failed sign-ins."""


def personal(user_id: UUID) -> TenantScope:
    """The scope of a user outside any organization: signing in, their profile, the list of their organizations."""
    return TenantScope(PLATFORM.organization_id, PLATFORM.tenant_id, user_id)


class DomainError(Exception):
    """Base of all errors that are shown to callers. Without `detail`, the first line of the class docstring is used.

    DomainError
    ├── Invalid               the input is not valid
    ├── NotFound              it does not exist, or the caller has no access to it
    ├── NotAllowed            the caller is known but lacks the permission
    ├── Unauthenticated       the caller is not known
    ├── Conflict              it conflicts with the present state
    ├── InsufficientCredits   the balance does not cover it
    └── Retryable             the same call may succeed later
        └── Unavailable       a system that we depend on does not respond
            └── Unusable      it responds, but not in a form that can be used
    """

    def __init__(self, detail: str = "", **extras: Any) -> None:
        super().__init__(detail or (type(self).__doc__ or type(self).__name__).split("\n")[0])
        self.extras = extras

    @property
    def detail(self) -> str:
        return str(self.args[0])

    @property
    def code(self) -> str:
        """The class name in upper snake case, the machine-readable name of the error."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__).upper()


class Invalid(DomainError):
    """The input is not valid."""


class NotFound(DomainError):
    """This does not exist, or you have no access to it."""


class NotAllowed(DomainError):
    """You are not allowed to do this."""


class Unauthenticated(DomainError):
    """Credentials are missing or wrong."""


class Conflict(DomainError):
    """This conflicts with the present state."""


class InvalidState(Conflict):
    """This is not possible in the present state."""


class InsufficientCredits(DomainError):
    """Insufficient credits."""


class Retryable(DomainError):
    """Try again later."""

    def __init__(self, detail: str = "", *, retry_after: float | None = None, **extras: Any) -> None:
        super().__init__(detail, **extras)
        self.retry_after = retry_after
        """Seconds to wait before the next attempt, if known."""


class Unavailable(Retryable):
    """A system that we depend on does not respond."""


class Unusable(Unavailable):
    """A system that we depend on responds, but not in a form that can be used.

    For callers it is Unavailable. No job repeats it by itself: the same call would be paid again, most likely for the same result.
    """

    @property
    def code(self) -> str:
        return "UNAVAILABLE"


class Clock(Protocol):
    def now(self) -> datetime:
        """The current time, with the time zone UTC."""


class Ids(Protocol):
    def new(self) -> UUID:
        """A new UUIDv7."""


class Randomness(Protocol):
    def bits(self, count: int) -> int:
        """An unpredictable non-negative integer of at most this many bits."""


class Transaction(Protocol):
    def __call__(self, scope: TenantScope) -> AbstractAsyncContextManager[None]:
        """Commits at exit, or rolls back after an exception. Never keep it open during a network call."""


T = TypeVar("T")

COUNTED = 500
"""Lists are counted up to this many items, so that a page costs the same however long its list is."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, newest first unless the port says otherwise."""

    data: list[T]
    page: int
    limit: int
    total: int
    next: str | None = None
    """Cursor of the next page, to be passed to the port as `after`; None on the last page."""
    total_is_minimum: bool = False
    """Whether the list has more than `total` items, which were not counted."""

    @property
    def total_pages(self) -> int:
        """Pages that `total` items fill: a minimum if `total` is one."""
        return -(-self.total // self.limit)
