"""Cutting lists into pages."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from atende.core.kernel import Page
from atende.outbound.keyset import NEVER, after_id, mark, read_mark

T = TypeVar("T")


def page_of(found: Sequence[T], *, page: int, limit: int) -> Page[T]:
    """Page number `page`, from 1, of all that was found."""
    start = (page - 1) * limit
    return Page(list(found[start : start + limit]), page, limit, len(found))


def newest_first(at: datetime | None, id_: Any) -> tuple[datetime, UUID | int]:
    """A key for reverse sorting as PostgreSQL does: what has no time comes first, the larger id breaks ties."""
    return (NEVER if at is None else at, id_)


def newest_by_time(
    found: Sequence[T],
    at: Callable[[T], datetime | None],
    *,
    page: int,
    limit: int,
    after: str | None,
    id_of: Callable[[str], Any] = after_id,
) -> Page[T]:
    """The latest first; with `after` those behind it, whatever `page` says."""

    def place(one: Any) -> tuple[datetime, Any]:
        return newest_first(at(one), one.id)

    ordered = sorted(found, key=place, reverse=True)
    left = ordered[(page - 1) * limit :]
    if after is not None:
        last = read_mark(after, id_of)
        left = [one for one in ordered if place(one) < last]
    data: list[Any] = left[:limit]
    return Page(data, page, limit, len(found), mark(*place(data[-1])) if data and len(left) > limit else None)


def newest_by_id(found: Sequence[T], *, page: int, limit: int, after: str | None) -> Page[T]:
    """Of entities that have ids of version 7, the youngest first; with `after` those behind it, whatever `page` says."""
    ordered: list[Any] = sorted(found, key=lambda one: one.id, reverse=True)
    left = ordered[(page - 1) * limit :]
    if after is not None:
        place = after_id(after)
        left = [one for one in ordered if one.id < place]
    data = left[:limit]
    return Page(data, page, limit, len(found), str(data[-1].id) if data and len(left) > limit else None)
