"""Where the next page of a list begins, as a text that goes out and comes back: what is put in between moves nothing."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from atende.core.kernel import Invalid

T = TypeVar("T")
NEVER = datetime.max.replace(tzinfo=UTC)
"""Stands for a time that is not there, which comes first where the youngest does."""


def after_id(text: str) -> UUID:
    """Of a list in the order of its ids. Raises Invalid."""
    try:
        return UUID(text)
    except ValueError:
        raise _strange() from None


def after_number(text: str) -> int:
    """Of a list in the order of numbers. Raises Invalid."""
    if not text.isdecimal():
        raise _strange()
    return int(text)


def mark(at: datetime | None, id_: UUID | int) -> str:
    """The place of a row in a list in the order of a time, then of an id."""
    return f"{(at or NEVER).astimezone(UTC).isoformat()}_{id_}"


def after_mark(text: str) -> tuple[datetime, UUID]:
    """What `mark` made. Raises Invalid."""
    return read_mark(text, after_id)


def read_mark(text: str, id_of: Callable[[str], T]) -> tuple[datetime, T]:
    """The same, of any kind of id. Raises Invalid."""
    at, _, id_ = text.partition("_")
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        raise _strange() from None
    if found.tzinfo is None:
        raise _strange()
    return found, id_of(id_)


def _strange() -> Invalid:
    return Invalid("this cursor is not one of this list: start again at its first page")
