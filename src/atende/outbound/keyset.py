"""Cursors of keyset pagination: rows that are added meanwhile do not shift the following pages."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from atende.core.kernel import Invalid

T = TypeVar("T")
NEVER = datetime.max.replace(tzinfo=UTC)
"""Used for rows without a time, which come first in lists that begin with the newest."""


def after_id(text: str) -> UUID:
    """Reads a cursor of a list ordered by id. Raises Invalid."""
    try:
        return UUID(text)
    except ValueError:
        raise _strange() from None


def after_number(text: str) -> int:
    """Reads a cursor of a list ordered by number. Raises Invalid."""
    if not text.isdecimal():
        raise _strange()
    return int(text)


def mark(at: datetime | None, id_: UUID | int) -> str:
    """The cursor after a row of a list ordered by time and id."""
    return f"{(at or NEVER).astimezone(UTC).isoformat()}_{id_}"


def after_mark(text: str) -> tuple[datetime, UUID]:
    """Reads a cursor of `mark` with a UUID. Raises Invalid."""
    return read_mark(text, after_id)


def read_mark(text: str, id_of: Callable[[str], T]) -> tuple[datetime, T]:
    """Reads a cursor of `mark`, with `id_of` for the id. Raises Invalid."""
    at, _, id_ = text.partition("_")
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        raise _strange() from None
    if found.tzinfo is None:
        raise _strange()
    return found, id_of(id_)


def _strange() -> Invalid:
    return Invalid("this cursor does not belong to this list: start again at its first page")
