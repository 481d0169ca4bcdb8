"""The audit log in PostgreSQL: adding and listing records inside transactions, sealing them across organizations."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import literal
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.audit.chain import Head, Seal, Tail
from atende.core.audit.entry import record_of
from atende.core.audit.model import Actor, ActorKind, AuditStatus, Event, Filter, Origin, Record
from atende.core.audit.ports import AuditChain, AuditLog, AuditTrail
from atende.core.kernel import Clock, Ids, Page, TenantScope
from atende.core.work.idempotency import AlreadyApplied
from atende.outbound.postgres.base import Row, within
from atende.outbound.postgres.constraints import database_errors
from atende.outbound.postgres.pages import newest_by_time
from atende.outbound.postgres.transaction import scoped
from atende.outbound.postgres.unit import Unit


class AuditRow(Row):
    __tablename__ = "audit_log"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    tenant_id: Mapped[str | None]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    resource_type: Mapped[str]
    resource_id: Mapped[str]
    description: Mapped[str]
    old_values: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    new_values: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    ip_address: Mapped[str]
    user_agent: Mapped[str]
    request_id: Mapped[str]
    status: Mapped[str]
    error_message: Mapped[str]
    idempotency_id: Mapped[UUID | None]
    created_at: Mapped[datetime]


_PLAIN = [field.name for field in fields(Record) if field.name not in {"actor", "status"}]


class PostgresAuditLog(AuditLog):
    def __init__(self, unit: Unit, origin: Origin, ids: Ids, clock: Clock) -> None:
        self._unit, self._origin, self._ids, self._clock = unit, origin, ids, clock

    async def add(self, scope: TenantScope, event: Event) -> None:
        record = record_of(event, origin=self._origin, scope=scope, record_id=self._ids.new(), at=self._clock.now())
        values: dict[str, Any] = {name: getattr(record, name) for name in _PLAIN}
        values |= {"actor_kind": record.actor.kind, "actor_id": record.actor.id, "status": record.status}
        statement = insert(AuditRow).values(values)
        if record.idempotency_id is None:
            await self._unit.session.execute(statement)
            return
        statement = statement.on_conflict_do_nothing(index_elements=[AuditRow.idempotency_id])
        if await self._unit.session.scalar(statement.returning(AuditRow.id)) is None:
            raise AlreadyApplied(retry_after=1)
        self._unit.answer_awaited = True


class PostgresAuditTrail(AuditTrail):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self, scope: TenantScope, wanted: Filter, *, page: int, limit: int, after: str | None = None
    ) -> Page[Record]:
        return await newest_by_time(
            self._session,
            AuditRow,
            AuditRow.created_at,
            lambda row: _record({name: getattr(row, name) for name in _COLUMNS}),
            *_rules(scope, wanted),
            page=page,
            limit=limit,
            after=after,
        )


_COLUMNS = [*_PLAIN, "actor_kind", "actor_id", "status"]


def _rules(scope: TenantScope, wanted: Filter) -> list[Any]:
    rules = within(AuditRow, scope)
    exact = {
        AuditRow.action: wanted.action,
        AuditRow.resource_type: wanted.resource_type,
        AuditRow.resource_id: wanted.resource_id,
        AuditRow.actor_id: wanted.actor_id,
    }
    rules += [column == value for column, value in exact.items() if value is not None]
    if wanted.status is not None:  # not a parameter: the planner must see whether the index of failures fits
        rules.append(AuditRow.status == literal(str(wanted.status), literal_execute=True))
    if wanted.since is not None:
        rules.append(AuditRow.created_at >= wanted.since)
    if wanted.until is not None:
        rules.append(AuditRow.created_at < wanted.until)
    return rules


def _record(values: dict[str, Any]) -> Record:
    kind, actor_id, status = (
        ActorKind(values.pop("actor_kind")),
        values.pop("actor_id"),
        AuditStatus(values.pop("status")),
    )
    return Record(actor=Actor(kind, actor_id), status=status, **values)


class PostgresAuditChain(AuditChain):
    """Sealing uses named functions; verification reads each organization under its own row-level security."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def unsealed(self, limit: int) -> list[Record]:
        with database_errors():
            return [_fetched(row) for row in await self._pool.fetch("SELECT * FROM unsealed_audit($1)", limit)]

    async def heads(self, organization_ids: Sequence[UUID]) -> dict[UUID, Head]:
        with database_errors():
            rows = await self._pool.fetch("SELECT * FROM audit_heads($1)", list(organization_ids))
        return {row["organization_id"]: Head(row["seq"], row["hash"]) for row in rows}

    async def append(self, seals: Sequence[Seal]) -> None:
        columns = [[getattr(seal, name) for seal in seals] for name in ("organization_id", "seq", "record_id", "hash")]
        with database_errors():
            await self._pool.execute("SELECT seal_audit($1, $2, $3, $4)", *columns)

    async def sealed(self, organization_id: UUID, *, after_seq: int, limit: int) -> list[tuple[Seal, Record | None]]:
        async with scoped(self._pool, TenantScope(organization_id)) as connection:
            rows = await connection.fetch(_SEALED, organization_id, after_seq, limit)
        return [(_seal(row), None if row["id"] is None else _fetched(row)) for row in rows]

    async def tail(self, organization_id: UUID) -> Tail:
        async with scoped(self._pool, TenantScope(organization_id)) as connection:
            row = await connection.fetchrow(_TAIL, organization_id)
        assert row is not None, "a count has one row"
        return Tail(row["count"], row["since"])

    async def organizations(self) -> list[UUID]:
        with database_errors():
            return [row[0] for row in await self._pool.fetch("SELECT audited_organizations()")]


_SEALED = """
SELECT s.organization_id AS of, s.seq, s.record_id, s.hash, a.* FROM audit_seal s
LEFT JOIN audit_log a ON a.organization_id = s.organization_id AND a.id = s.record_id
WHERE s.organization_id = $1 AND s.seq > $2 ORDER BY s.seq LIMIT $3
"""
_TAIL = """
SELECT count(*), min(a.created_at) AS since FROM audit_log a
WHERE a.organization_id = $1 AND NOT EXISTS (SELECT FROM audit_seal s WHERE s.record_id = a.id)
"""


def _seal(row: asyncpg.Record) -> Seal:
    return Seal(organization_id=row["of"], seq=row["seq"], record_id=row["record_id"], hash=row["hash"])


def _fetched(row: asyncpg.Record) -> Record:
    values = {name: row[name] for name in _COLUMNS}
    for name in ("old_values", "new_values"):
        values[name] = None if values[name] is None else msgspec.json.decode(values[name])
    return _record(values)
