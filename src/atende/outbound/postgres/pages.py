"""Pages of lists in PostgreSQL. Nothing here reads more rows the longer a list is, as long as an index has its order."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, literal_column, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from atende.core.kernel import COUNTED, Page
from atende.outbound.keyset import NEVER, after_id, mark, read_mark
from atende.outbound.postgres.base import fresh, to_entity

E = TypeVar("E")
Order = Sequence[Any]
"""Columns, as `order_by` takes them."""


_NO_SORT = text("SELECT set_config('enable_sort', 'off', true)")


async def by_index(session: AsyncSession) -> None:
    """Rules out sorting for the rest of the transaction, for lists that have an index in their order.

    The planner takes the organization and the tenant of a row for independent facts. It expects far too few rows, and would read
    and sort a whole list of tens of thousands of rows to show the first twenty.
    """
    await session.execute(_NO_SORT)


async def newest_by_id(
    session: AsyncSession,
    row: type[Any],
    entity: type[E],
    *where: ColumnElement[bool],
    page: int,
    limit: int,
    after: str | None,
) -> Page[E]:
    """Rows of a table with UUIDv7 ids, newest first. `after` takes precedence over `page`."""
    await by_index(session)
    order = (row.id.desc(),)
    query = fresh(select(row).where(*where).order_by(*order).limit(limit + 1))
    query = query.offset((page - 1) * limit) if after is None else query.where(row.id < after_id(after))
    found = list(await session.scalars(query))
    counted = await count_for(session, found, row, order, *where, passed=passed_by(page, limit, after), limit=limit)
    return cut(found, lambda one: str(one.id), lambda one: to_entity(one, entity), page, limit, counted)


async def newest_by_time(
    session: AsyncSession,
    row: type[Any],
    at: Any,
    to_item: Callable[[Any], E],
    *where: ColumnElement[bool],
    page: int,
    limit: int,
    after: str | None,
    id_of: Callable[[str], Any] = after_id,
) -> Page[E]:
    """Rows by the column `at`, newest first, rows without a time before all others. `after` takes precedence over `page`."""
    await by_index(session)
    order = (at.desc(), row.id.desc())
    query = fresh(select(row).where(*where).order_by(*order).limit(limit + 1))
    if after is None:
        found = list(await session.scalars(query.offset((page - 1) * limit)))
    else:
        found = await _behind(session, query, row, at, *read_mark(after, id_of), limit=limit)
    counted = await count_for(session, found, row, order, *where, passed=passed_by(page, limit, after), limit=limit)
    return cut(found, lambda one: mark(getattr(one, at.key), one.id), to_item, page, limit, counted)


async def _behind(
    session: AsyncSession, query: "Select[Any]", row: type[Any], at: Any, last: Any, id_: Any, *, limit: int
) -> list[Any]:
    """The rows behind a mark. Each condition is one range of the index, which an OR of two would not be."""
    if last != NEVER:
        return list(await session.scalars(query.where(tuple_(at, row.id) < tuple_(last, id_))))
    found = list(await session.scalars(query.where(at.is_(None), row.id < id_)))
    if len(found) <= limit:
        found += await session.scalars(query.where(at.is_not(None)).limit(limit + 1 - len(found)))
    return found


def passed_by(page: int, limit: int, after: str | None) -> int | None:
    """The number of rows before a page; None behind a cursor, where it is unknown."""
    return (page - 1) * limit if after is None else None


async def count_for(
    session: AsyncSession,
    found: Sequence[Any],
    source: Any,
    order: Order,
    *where: ColumnElement[bool],
    passed: int | None,
    limit: int,
) -> int:
    """How many rows the list of a page has, counted up to COUNTED + 1. `found` are the rows of the page and, if there is one,
    the first row behind it. `passed` rows are before them; None if unknown, behind a cursor. Nothing is counted where the page
    ends the list or shows that it is longer.
    """
    if (counted := counted_by(found, passed=passed, limit=limit)) is not None:
        return counted
    # In the order of the list, so that its index is read; without an order a scan of the whole table may look cheaper.
    some: Select[Any] = (
        select(literal_column("1")).select_from(source).where(*where).order_by(*order).limit(COUNTED + 1)
    )
    return await session.scalar(select(func.count()).select_from(some.subquery())) or 0


def counted_by(found: Sequence[Any], *, passed: int | None, limit: int) -> int | None:
    """What `count_for` says, if the rows of the page tell it."""
    if passed is not None and (found or passed == 0) and (len(found) <= limit or passed + len(found) > COUNTED):
        return passed + len(found)
    return None


def cut(
    found: Sequence[Any],
    key: Callable[[Any], str],
    to_item: Callable[[Any], E],
    page: int,
    limit: int,
    counted: int,
) -> Page[E]:
    """A page of the first `limit` rows of `found`. If there are more, the cursor of the next page is the key of the last one."""
    shown = found[:limit]
    following = key(shown[-1]) if len(found) > limit else None
    return Page([to_item(one) for one in shown], page, limit, min(counted, COUNTED), following, counted > COUNTED)
