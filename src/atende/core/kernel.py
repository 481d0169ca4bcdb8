"""What every room of the core shares: scopes, amounts, names, the error tree, and the ports for time, ids and transactions."""

import re
import unicodedata
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, NewType, Protocol, TypeVar
from uuid import UUID

Credits = NewType("Credits", int)
"""An amount in micro-credits: 1 credit is 1,000,000. Whole numbers only: nothing is rounded by accident."""

CREDIT = 1_000_000
NO_CREDITS = Credits(0)
MAX_AMOUNT = 2**62
ALL_TENANTS = "*"
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
MAX_MARKS = 30
"""Accents and the like on one letter, as in Unicode's stream-safe text."""
_RUN = re.compile(r"(?:[^\w\x00-\x7f]|[\uff9e\uff9f]){31,}")
"""Where there may be more of them: no mark is a letter, but for two of the narrow Japanese ones."""
_JOINERS = "\u200c\u200d"
"""Scripts and emoji are written with these: alone they are no name."""


def as_credits(amount: Decimal | float | str) -> Credits:
    """Micro-credits of an amount in credits, exact; refused when it is not a whole number of micro-credits."""
    micro = Decimal(str(amount)) * CREDIT
    if not micro.is_finite() or micro != micro.to_integral_value():
        raise Invalid(f"{amount} is not a whole number of micro-credits")
    return Credits(int(micro))


def in_credits(micro: int) -> Decimal:
    """The amount in credits that people and the API see."""
    return (Decimal(micro) / CREDIT).normalize() + 0


def without_piles(text: str) -> str:
    """The text with at most 30 marks on one letter: the work of putting them in order, as NFC does, is quadratic."""
    return _RUN.sub(_thinned, text)


def _thinned(run: re.Match[str]) -> str:
    kept, marks = [], 0
    for letter in run[0]:
        is_mark = unicodedata.combining(unicodedata.normalize("NFKD", letter)[0])
        marks = marks + 1 if is_mark else 0
        if marks <= MAX_MARKS:
            kept.append(letter)
    return "".join(kept)


def is_plain(text: str) -> bool:
    """One line, without control characters and without marks that hide, or turn the direction of what stands beside them."""
    return not _UNSEEN.search(text)


def checked_name(text: str, *, what: str, longest: int, needed: bool = True) -> str:
    """What people are called and what they call things, trimmed. Raises Invalid, which begins with `what`."""
    if not is_plain(text):
        raise Invalid(f"{what} is one line: leave out line breaks, control characters and marks that cannot be seen")
    text = text.strip() if text.strip(_JOINERS) else ""
    if len(text) > longest or (needed and not text):
        raise Invalid(f"{what} has {int(needed)} to {longest:,} characters")
    return text


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose record it is: the organization (people, plan, credits) and the project (the tenant: the data)."""

    organization_id: UUID
    project_id: UUID
    tenant_id: str

    @property
    def scope(self) -> "TenantScope":
        return TenantScope(self.organization_id, self.tenant_id)


@dataclass(frozen=True, slots=True)
class TenantScope:
    """What one transaction may see: one tenant of one organization, or with ALL_TENANTS the whole organization.

    With `user_id` it also acts for that person: their account, their sessions, their memberships.
    """

    organization_id: UUID
    tenant_id: str = ALL_TENANTS
    user_id: UUID | None = None


PLATFORM = Owner(UUID(int=0), UUID(int=0), "platform")
"""The installation itself: work and records that belong to no customer, such as mail to a person and failed logins."""


def personal(user_id: UUID) -> TenantScope:
    """A transaction of a person who acts for no organization: signing in, their profile, the list of their organizations."""
    return TenantScope(PLATFORM.organization_id, PLATFORM.tenant_id, user_id)


class DomainError(Exception):
    """Base of all errors that a caller can understand.

    DomainError
    ├── Invalid               the input cannot mean anything
    ├── NotFound              it is not there, or not yours
    ├── NotAllowed            you are known, and may not
    ├── Unauthenticated       we do not know who you are
    ├── Conflict              it does not fit the present state
    ├── InsufficientCredits   the balance does not cover it
    └── Retryable             try again later: nothing was decided
        └── Unavailable       a system that we call does not answer
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
        """Seconds that the other side asked us to wait, when it did."""


class Unavailable(Retryable):
    """A system that we depend on does not answer."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, in UTC with zone."""


class Ids(Protocol):
    def new(self) -> UUID:
        """A new UUIDv7."""


class Randomness(Protocol):
    def bits(self, count: int) -> int:
        """An unpredictable whole number of at most this many bits."""


class Transaction(Protocol):
    def __call__(self, scope: TenantScope) -> AbstractAsyncContextManager[None]:
        """Everything inside commits together at exit, or not at all. Never open it across a network call."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, newest first unless its port says otherwise."""

    data: list[T]
    page: int
    limit: int
    total: int
    next: str | None = None
    """Where the next page begins, to be given back to the port as `after`; None at the end."""

    @property
    def total_pages(self) -> int:
        return -(-self.total // self.limit)
