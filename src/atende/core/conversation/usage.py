"""What an organization used in a period, for its bill and its owner's eyes: figures of every room together."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from atende.core.kernel import Credits, Invalid

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `since` on, until before `until`; both in UTC."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.since >= self.until:
            raise Invalid("a period begins before it ends: give a `since` that is earlier than `until`")
        if self.until - self.since > LONGEST:
            raise Invalid(f"a period has at most {LONGEST.days} days: ask for a longer one in parts")

    @classmethod
    def chosen(cls, since: datetime | None, until: datetime | None, *, now: datetime) -> "Period":
        """Without an end it goes up to now; without a beginning it begins with the calendar month (UTC) that it ends in.

        Raises Invalid for times without zone, an empty period, and one of more than LONGEST.
        """
        end = now if until is None else _in_utc(until, name="until")
        return cls(since=_month_before(end) if since is None else _in_utc(since, name="since"), until=end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Figures of one organization with all its projects, but for those that were deleted for good.

    `conversations` were opened in the period; `conversation_seconds` is how long those of them took that have ended, in whole
    seconds each. `messages_in` and `messages_out` were written in the period, whatever became of their delivery. `rag_queries`
    are questions outside of conversations. `documents` and `storage_bytes` are those of live projects now, `members` those
    who may act now, `projects` the live ones now. `credits_spent` is what was captured minus what was refunded in the
    period: below zero when more of earlier work was refunded.
    """

    conversations: int
    conversation_seconds: int
    messages_in: int
    messages_out: int
    rag_queries: int
    documents: int
    storage_bytes: int
    credits_spent: Credits
    members: int
    projects: int


class UsageReports(Protocol):
    async def of(self, organization_id: UUID, period: Period) -> Usage:
        """In a transaction of the whole organization. Zeros for one that is not there."""


def _in_utc(at: datetime, *, name: str) -> datetime:
    if at.tzinfo is None:
        raise Invalid(f"give `{name}` with its zone, as in 2026-01-31T00:00:00Z")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise Invalid(f"`{name}` is outside of the calendar") from error


def _month_before(end: datetime) -> datetime:
    """The first moment of the month that ends in `end` or holds it."""
    try:
        last = end - timedelta(microseconds=1)
    except OverflowError as error:
        raise Invalid("`until` is outside of the calendar") from error
    return last.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
