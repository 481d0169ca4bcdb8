"""Entities in hand-written statements: as JSON in, by the names of their columns, and as JSON out."""

from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from atende.core.kernel import TenantScope
from atende.outbound.postgres.base import to_values

E = TypeVar("E")
_OWNER = ("organization_id", "project_id", "tenant_id")


def as_json(value: Any) -> str:
    """A parameter of type json."""
    return msgspec.json.encode(value).decode()


def rows(entities: Sequence[Any], scope: TenantScope | None = None, **more: Any) -> str:
    """A parameter that `json_populate_recordset` reads; `scope` and `more` as for `to_values`."""
    return as_json([to_values(entity, scope, **more) for entity in entities])


def read(found: str) -> Any:
    """The value of an expression of type json, which arrives as text; rows of tables are dicts by column."""
    return msgspec.json.decode(found)


def entity(row: dict[str, Any], kind: type[E]) -> E:
    """An entity from its row. An `Owner` is made of the columns that it has in every table."""
    if _owned(kind):  # type: ignore[arg-type]  # types are hashable
        row["owner"] = {name: row[name] for name in _OWNER}
    return msgspec.convert(row, kind)


@cache
def _owned(kind: Any) -> bool:
    return any(field.name == "owner" for field in fields(kind))


def changes(columns: Sequence[str], of: str) -> str:
    """`a = of.a, b = of.b`, for the SET of an update."""
    return ", ".join(f"{column} = {of}.{column}" for column in columns)


WITHIN = "organization_id = $1 AND ($2 IN ('*', tenant_id))"
"""What restricts a statement to a scope, in addition to row-level security; the first two parameters are `scope_of`'s."""


def scope_of(scope: TenantScope) -> tuple[UUID, str]:
    return scope.organization_id, scope.tenant_id
