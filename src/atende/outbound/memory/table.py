"""Rows in memory: found through the wall, written by the rules that the tables of the database have."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from copy import copy, deepcopy
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from atende.core.kernel import ALL_TENANTS, Conflict, Owner, TenantScope
from atende.outbound.memory.row import Row
from atende.outbound.memory.store import MemoryStore, RowLevelSecurityViolation

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Person:
    """Whose a row of a person is; `organization_id` when it refers to an organization."""

    user_id: UUID
    organization_id: UUID | None = None


At: TypeAlias = TenantScope | Owner | Person | UUID | None
"""Whose a new row is: a tenant's, a person's, with an id alone an organization's, with None the platform's."""


def _id(entity: Any) -> Hashable:
    found: Hashable = entity.id
    return found


Rule: TypeAlias = Callable[[Row[Any]], Hashable | None]
Sight: TypeAlias = Callable[[MemoryStore, Row[Any], TenantScope], bool]


@dataclass(frozen=True, kw_only=True)
class Table(Generic[E]):
    """What a table is called and which rules it has.

    `unique` gives by name of the rule the value that no other row may have, None for rows that it does not concern.
    `parents` gives by table, or by unique rule, the key of a row of the same tenant that must be there.
    `errors` gives the error of a rule that has one of its own; the others raise Conflict.
    `also_seen` tells which rows a transaction sees that are not its own; it never writes them.
    """

    name: str
    key: Callable[[E], Hashable] = _id
    unique: Mapping[str, Rule] = field(default_factory=dict)
    parents: Mapping[str, Rule] = field(default_factory=dict)
    errors: Mapping[str, type[Conflict]] = field(default_factory=dict)
    also_seen: Sight | None = None


PROJECT_TENANT = "project_organization_id_tenant_id_key"
OF_PROJECT: Mapping[str, Rule] = {PROJECT_TENANT: lambda row: (row.organization_id, row.tenant_id)}


class Rows(Generic[E]):
    """A table of a store, as the open transaction sees it. Entities go in and come out as copies."""

    def __init__(self, store: MemoryStore, table: Table[E]) -> None:
        self._store, self._table = store, table

    def get(self, key: Hashable, scope: TenantScope | None = None) -> E | None:
        """The visible one under this key; with `scope`, if it belongs to it too."""
        row: Row[E] | None = self._store.read(self._table.name).get(key)
        seen = row is not None and self._sees(row, self._store.scope) and self._sees(row, scope)
        return copied(row.entity) if row is not None and seen else None

    def by(self, rule: str, value: Hashable, scope: TenantScope | None = None) -> E | None:
        """The visible one that has this value under a unique rule."""
        return self.get(self._store.read(rule).get(value), scope)

    def all(self, scope: TenantScope | None = None, where: Callable[[E], bool] | None = None) -> list[E]:
        """Visible ones, oldest insert first."""
        return [copied(row.entity) for row in self._seen(scope) if where is None or where(row.entity)]

    def insert(self, entity: E, *, at: At) -> None:
        """Raises Conflict."""
        row = _placed(entity, at)
        self._check_wall(row)
        if self._table.key(entity) in self._store.read(self._table.name):
            self._refuse(f"{self._table.name}_pkey")
        self._put(row)

    def update(self, entity: E) -> bool:
        """Brings the row up to date; False where there is none of this transaction's own."""
        old: Row[E] | None = self._store.read(self._table.name).get(self._table.key(entity))
        if old is None or not old.is_in(self._store.scope):
            return False
        self._put(replace(old, entity=entity))
        return True

    def upsert(self, entity: E, *, at: At) -> None:
        """Raises Conflict, and RowLevelSecurityViolation for the key of a row that cannot be seen."""
        old: Row[E] | None = self._store.read(self._table.name).get(self._table.key(entity))
        if old is not None and not old.is_in(self._store.scope):
            self._store.abort()
            raise RowLevelSecurityViolation(f"{self._table.name}: this row is another tenant's")
        self._put(_placed(entity, at))

    def delete(self, where: Callable[[E], bool], scope: TenantScope) -> None:
        ours = self._store.scope
        for row in [row for row in self._seen(scope) if row.is_in(ours) and where(row.entity)]:
            for name, rule in self._table.unique.items():
                self._store.write(name).pop(rule(row), None)
            del self._store.write(self._table.name)[self._table.key(row.entity)]

    def committed(self) -> list[Row[E]]:
        """All rows of all tenants as other connections see them, not copied: for reading only."""
        return list(self._store.committed(self._table.name).values())

    def placed(self, key: Hashable) -> Row[E] | None:
        """The row with its tenant, not copied: for the system."""
        return self._store.read(self._table.name).get(key)

    def _seen(self, scope: TenantScope | None) -> Iterator[Row[E]]:
        ours = self._store.scope
        for row in self._store.read(self._table.name).values():
            if self._sees(row, ours) and self._sees(row, scope):
                yield row

    def _sees(self, row: Row[E], scope: TenantScope | None) -> bool:
        also = self._table.also_seen
        return row.is_in(scope) or (scope is not None and also is not None and also(self._store, row, scope))

    def _put(self, row: Row[E]) -> None:
        self._check_wall(row)
        key = self._table.key(row.entity)
        old: Row[E] | None = self._store.read(self._table.name).get(key)
        for name, rule in self._table.unique.items():
            value, index = rule(row), self._store.write(name)
            if value is not None and index.get(value, key) != key:
                self._refuse(name)
            if old is not None:
                index.pop(rule(old), None)
            if value is not None:
                index[value] = key
        self._check_parents(row)
        self._store.write(self._table.name)[key] = replace(row, entity=copied(row.entity))

    def _check_wall(self, row: Row[E]) -> None:
        scope = self._store.scope
        if scope is None:
            return
        if not row.is_in(scope) or row.tenant_id not in {None, scope.tenant_id}:
            self._store.abort()
            raise RowLevelSecurityViolation(
                f"{self._table.name}: a row of another tenant or person cannot be written here"
            )

    def _check_parents(self, row: Row[E]) -> None:
        for name, rule in self._table.parents.items():
            key = rule(row)
            parent = self._store.read(name).get(key)
            strange = isinstance(parent, Row) and not _belongs(row, parent)
            if key is not None and (parent is None or strange):
                self._refuse(f"{self._table.name} without {name}")

    def _refuse(self, rule: str) -> None:
        self._store.abort()
        own = self._table.errors.get(rule)
        raise own() if own is not None else Conflict("this does not fit what is stored", rule=rule)


def _belongs(row: Row[Any], parent: Row[Any]) -> bool:
    same_tenant = None in {row.tenant_id, parent.tenant_id} or row.tenant_id == parent.tenant_id
    across = None in {row.organization_id, parent.organization_id}
    return across or (row.organization_id == parent.organization_id and same_tenant)


def narrow(scope: TenantScope) -> TenantScope:
    """For what is read by one tenant only: there the whole organization finds nothing."""
    return scope if scope.tenant_id != ALL_TENANTS else TenantScope(scope.organization_id, "")


def copied(entity: E) -> E:
    """Shares nothing with the other that can change: what is frozen is shared, lists and dicts inside are not."""
    if entity.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        return entity
    twin = copy(entity)
    for part in fields(entity):  # type: ignore[arg-type]
        value = getattr(twin, part.name)
        if isinstance(value, dict | list):
            setattr(twin, part.name, deepcopy(value))
    return twin


def _placed(entity: E, at: At) -> Row[E]:
    if isinstance(at, TenantScope | Owner):
        return Row(entity, at.organization_id, at.tenant_id)
    if isinstance(at, Person):
        return Row(entity, at.organization_id, user_id=at.user_id)
    return Row(entity, at)
