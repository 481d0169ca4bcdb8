"""Base classes of SQLAlchemy rows, and the conversion between rows and entities."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from advanced_alchemy.base import DefaultBase
from sqlalchemy import BigInteger, ColumnElement, Executable
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.kernel import ALL_TENANTS, Owner, TenantScope

E = TypeVar("E")
Q = TypeVar("Q", bound=Executable)


class Row(DefaultBase):
    """Base of all rows. Integers are sent as bigint, because amounts in micro-credits and job ids exceed 32 bits."""

    __abstract__ = True


Row.registry.update_type_annotation_map({int: BigInteger})


class TenantColumns:
    """The two columns that row-level security compares."""

    organization_id: Mapped[UUID] = mapped_column()
    tenant_id: Mapped[str] = mapped_column()


class OwnedColumns(TenantColumns):
    """The columns of an `Owner`."""

    project_id: Mapped[UUID] = mapped_column()

    @property
    def owner(self) -> Owner:
        return Owner(self.organization_id, self.project_id, self.tenant_id)


def within(row: type[Row], scope: TenantScope) -> list[ColumnElement[bool]]:
    """The conditions that restrict a statement to the scope, in addition to row-level security: the organization, and the
    tenant if these rows have one and the scope names one.
    """
    columns: Any = row
    rules: list[ColumnElement[bool]] = [columns.organization_id == scope.organization_id]
    if scope.tenant_id != ALL_TENANTS and hasattr(row, "tenant_id"):
        rules.append(columns.tenant_id == scope.tenant_id)
    return rules


def fresh(query: Q) -> Q:
    """The query, reading rows from the database again even if this session has loaded them before."""
    return query.execution_options(populate_existing=True)


def to_entity(row: object, entity: type[E]) -> E:
    return msgspec.convert(row, entity, from_attributes=True)


def to_values(entity: Any, scope: TenantScope | None = None, **more: Any) -> dict[str, Any]:
    """The column values of an entity, by field name. An `Owner` becomes three columns; `scope` adds two, and `more` any others."""
    names, values, owned = _columns(type(entity))  # type: ignore[arg-type]  # types are hashable
    found: dict[str, Any] = dict(zip(names, values(entity), strict=True))
    if scope is not None:
        found |= {"organization_id": scope.organization_id, "tenant_id": scope.tenant_id}
    if owned:
        owner: Owner = entity.owner
        found |= {
            "organization_id": owner.organization_id,
            "project_id": owner.project_id,
            "tenant_id": owner.tenant_id,
        }
    return found | more


@cache
def _columns(entity: type[Any]) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]], bool]:
    """The columns of an entity, how they are read off it, and whether it has an owner."""
    names = tuple(field.name for field in fields(entity))
    columns = tuple(name for name in names if name != "owner")
    return columns, attrgetter(*columns), columns != names


async def upsert(
    session: AsyncSession, row: type[Row], values: Sequence[dict[str, Any]], *, keys: Sequence[str] = ("id",)
) -> None:
    """Inserts rows, or updates those that exist with the same keys, in one statement. Does not change `created_at`."""
    if values:
        await session.execute(upserted(row, values, keys=keys))


def upserted(row: type[Row], values: Sequence[dict[str, Any]], *, keys: Sequence[str] = ("id",)) -> Insert:
    statement = insert(row).values(list(values))
    changed = {name: statement.excluded[name] for name in values[0] if name not in {*keys, "created_at"}}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=changed)
