"""Cutting lists into pages."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from atende.core.kernel import Page

T = TypeVar("T")
_NEVER = datetime.max.replace(tzinfo=UTC)


def page_of(found: Sequence[T], *, page: int, limit: int) -> Page[T]:
    """Page number `page`, from 1, of all that was found."""
    start = (page - 1) * limit
    return Page(list(found[start : start + limit]), page, limit, len(found))


def newest_first(at: datetime | None, id_: Any) -> tuple[datetime, UUID | int]:
    """A key for reverse sorting as PostgreSQL does: what has no time comes first, the larger id breaks ties."""
    return (_NEVER if at is None else at, id_)
