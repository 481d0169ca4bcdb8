"""Pages of lists in PostgreSQL."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from atende.core.kernel import Page
from atende.outbound.keyset import NEVER, after_id, mark, read_mark
from atende.outbound.postgres.base import fresh, to_entity

E = TypeVar("E")


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
    query = select(row).where(*where).order_by(row.id.desc()).limit(limit + 1)
    query = fresh(query)
    query = query.offset((page - 1) * limit) if after is None else query.where(row.id < after_id(after))
    found = list(await session.scalars(query))
    total = await session.scalar(select(func.count()).select_from(row).where(*where))
    return cut([to_entity(one, entity) for one in found], page=page, limit=limit, total=total or 0)


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
    query = select(row).where(*where).order_by(at.desc(), row.id.desc()).limit(limit + 1)
    query = fresh(query)
    if after is None:
        query = query.offset((page - 1) * limit)
    else:
        last, id_ = read_mark(after, id_of)
        timeless = or_(at.is_not(None), and_(at.is_(None), row.id < id_))
        query = query.where(timeless if last == NEVER else tuple_(at, row.id) < tuple_(last, id_))
    found = list(await session.scalars(query))
    total = await session.scalar(select(func.count()).select_from(row).where(*where))
    shown = found[:limit]
    following = mark(getattr(shown[-1], at.key), shown[-1].id) if len(found) > limit else None
    return Page([to_item(one) for one in shown], page, limit, total or 0, following)


def cut(found: Sequence[Any], *, page: int, limit: int, total: int) -> Page[Any]:
    """A page of the first `limit` rows of `found`. If there are more, the cursor of the next page is the id of the last one."""
    data = list(found[:limit])
    return Page(data, page, limit, total, str(data[-1].id) if len(found) > limit and data else None)
