"""What an organization used in a period, for its bill and its owner's eyes: figures of every room together."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from atende.core.kernel import Credits, Invalid

LONGEST = timedelta(days=366)
HOUR = timedelta(hours=1)
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whole hours, from `since` on, until before `until`; both in UTC. Usage is counted by the hour."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        assert _hour_of(self.since) == self.since, "whole hours"
        assert _hour_of(self.until) == self.until, "whole hours"
        if self.since >= self.until:
            raise Invalid("a period begins before it ends: give a `since` that is earlier than `until`")

    @classmethod
    def chosen(cls, since: datetime | None, until: datetime | None, *, now: datetime) -> "Period":
        """All hours (UTC) that begin or end between the two, the first and the last one whole. Without an end it goes up to now;
        without a beginning it begins with the calendar month (UTC) that it ends in.

        Raises Invalid for times without zone, an empty period, and one of more than LONGEST.
        """
        end = now if until is None else _in_utc(until, name="until")
        begin = _month_before(end) if since is None else _in_utc(since, name="since")
        if begin >= end:
            raise Invalid("a period begins before it ends: give a `since` that is earlier than `until`")
        if end - begin > LONGEST:
            raise Invalid(f"a period has at most {LONGEST.days} days: ask for a longer one in parts")
        try:
            return cls(since=_hour_of(begin), until=_hour_of(end - timedelta(microseconds=1)) + HOUR)
        except OverflowError as error:
            raise Invalid("`until` is outside of the calendar") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Figures of one organization with all its projects. What was used in a period stays used when its project is deleted for good.

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


class UsageSums(Protocol):
    async def roll_up(self, limit: int) -> int:
        """Adds at most this many changes to the sums by hour, and returns how many. Reports say the same before and after."""


@dataclass(frozen=True, slots=True)
class RollUpUsage:
    """Adds up what all organizations used. Reports are exact without it, but have more to add up the longer it was not done."""

    sums: UsageSums

    async def __call__(self) -> int:
        """Returns the number of changes that were added up."""
        moved = 0
        while batch := await self.sums.roll_up(_AT_ONCE):
            moved += batch
        return moved


def _in_utc(at: datetime, *, name: str) -> datetime:
    if at.tzinfo is None:
        raise Invalid(f"give `{name}` with its zone, as in 2026-01-31T00:00:00Z")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise Invalid(f"`{name}` is outside of the calendar") from error


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _month_before(end: datetime) -> datetime:
    """The first moment of the month that ends in `end` or holds it."""
    try:
        last = end - timedelta(microseconds=1)
    except OverflowError as error:
        raise Invalid("`until` is outside of the calendar") from error
    return last.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
