"""Idempotency keys in PostgreSQL."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from atende.core.kernel import Ids, TenantScope
from atende.core.work.idempotency import (
    KEPT,
    LEASE,
    Begun,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    IdempotencyKeys,
    StoredAnswer,
)
from atende.outbound.postgres.constraints import database_errors
from atende.outbound.postgres.transaction import scoped
from atende.outbound.postgres.unit import Unit

_FIRST = """
INSERT INTO idempotency_key (id, organization_id, key_hash, request_hash, created_at, leased_until)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id, key_hash) DO NOTHING RETURNING id
"""
_OLD = "DELETE FROM idempotency_key WHERE organization_id = $1 AND key_hash = $2 AND created_at <= $3"
_FOUND = "SELECT * FROM idempotency_key WHERE organization_id = $1 AND key_hash = $2 FOR UPDATE"
_AGAIN = "UPDATE idempotency_key SET leased_until = $3 WHERE organization_id = $1 AND id = $2"
_FINISH = """
UPDATE idempotency_key SET status = $3, headers = $4, body = $5 WHERE organization_id = $1 AND id = $2 AND status IS NULL
"""
_FORGET = "DELETE FROM idempotency_key WHERE organization_id = $1 AND id = $2 AND status IS NULL"
_LET_GO = "UPDATE idempotency_key SET leased_until = $3 WHERE organization_id = $1 AND id = $2 AND status IS NULL"
_headers = msgspec.json.Decoder(dict[str, str])


class PostgresIdempotencyKeys(IdempotencyKeys):
    """Keys are taken and freed on separate connections; a response is stored in the transaction of its effect."""

    def __init__(self, unit: Unit, pool: "asyncpg.Pool[asyncpg.Record]", ids: Ids) -> None:
        self._unit, self._pool, self._ids = unit, pool, ids

    async def begin(self, organization_id: UUID, *, key_hash: bytes, request_hash: bytes, now: datetime) -> Begun:
        while True:
            async with scoped(self._pool, TenantScope(organization_id)) as connection:
                await connection.execute(_OLD, organization_id, key_hash, now - KEPT)
                row = (self._ids.new(), organization_id, key_hash, request_hash, now, now + LEASE)
                if first := await connection.fetchval(_FIRST, *row):
                    return Begun(id=first)
                found = await connection.fetchrow(_FOUND, organization_id, key_hash)
                if found is not None:  # otherwise it was freed meanwhile: try again
                    return await _known(connection, found, request_hash, now)

    async def finish(self, organization_id: UUID, begun_id: UUID, answer: StoredAnswer) -> None:
        values = (answer.status, msgspec.json.encode(answer.headers).decode(), answer.body)
        scope = TenantScope(organization_id)
        with database_errors():
            try:
                if self._unit.in_transaction:
                    await self._unit.see(scope)
                else:  # there was no effect, or it is committed already
                    await self._unit.begin(scope)
                await self._unit.connection.execute(_FINISH, organization_id, begun_id, *values)
                await self._unit.commit()
            finally:
                await self._unit.rollback()

    async def forget(self, organization_id: UUID, begun_id: UUID) -> None:
        await self._unit.rollback()
        await self._change(organization_id, _FORGET, begun_id)

    async def let_go(self, organization_id: UUID, begun_id: UUID, now: datetime) -> None:
        await self._unit.rollback()
        await self._change(organization_id, _LET_GO, begun_id, now)

    async def purge(self, before: datetime) -> int:
        with database_errors():
            return int(await self._pool.fetchval("SELECT purge_idempotency_keys($1)", before) or 0)

    async def _change(self, organization_id: UUID, statement: str, *values: Any) -> None:
        async with scoped(self._pool, TenantScope(organization_id)) as connection:
            await connection.execute(statement, organization_id, *values)


async def _known(
    connection: "asyncpg.Connection[asyncpg.Record]", row: asyncpg.Record, request_hash: bytes, now: datetime
) -> Begun:
    if row["request_hash"] != request_hash:
        raise IdempotencyKeyReused
    if row["status"] is not None:
        headers = _headers.decode(row["headers"])
        return Begun(id=row["id"], answer=StoredAnswer(status=row["status"], body=row["body"], headers=headers))
    if now < row["leased_until"]:
        raise IdempotencyKeyInUse(retry_after=1)
    await connection.execute(_AGAIN, row["organization_id"], row["id"], now + LEASE)
    return Begun(id=row["id"])
