"""Database connections, and transactions whose first statement sets the tenant for row-level security."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from atende.core.kernel import TenantScope, Transaction
from atende.outbound.postgres.constraints import database_errors
from atende.outbound.postgres.unit import Unit, see


def make_engine(url: str, *, size: int = 10) -> AsyncEngine:
    """Connections of units of work, with asyncpg, which parses the URL itself.

    SQLAlchemy never opens a transaction by itself (AUTOCOMMIT): units do. Connections that the server closed meanwhile are
    replaced when they are taken, without asking the server.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(url),
        pool_size=size,
        hide_parameters=True,
        max_overflow=0,
        pool_reset_on_return=None,  # a unit ends its transaction itself, or the connection is thrown away
        isolation_level="AUTOCOMMIT",
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: Any, *_: Any) -> None:
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the server closed this connection")


class PostgresTransaction(Transaction):
    """One per unit of work.

    A transaction that is to be committed with a response stays open at its end: later transactions of the same call join it as
    savepoints, and `PostgresIdempotencyKeys.finish` commits all of it.
    """

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def __call__(self, scope: TenantScope) -> AbstractAsyncContextManager[None]:
        return self._join(scope) if self._unit.answer_awaited else self._begin(scope)

    @asynccontextmanager
    async def _begin(self, scope: TenantScope) -> AsyncIterator[None]:
        with database_errors():
            await self._unit.begin(scope)
            try:
                yield
                if not self._unit.answer_awaited:
                    await self._unit.commit()
            except BaseException:
                await self._unit.rollback()
                raise

    @asynccontextmanager
    async def _join(self, scope: TenantScope) -> AsyncIterator[None]:
        with database_errors():
            savepoint = await self._unit.set_savepoint(scope)
            try:
                yield
            except BaseException:
                await self._unit.undo_to(savepoint)
                raise


@asynccontextmanager
async def scoped(
    pool: "asyncpg.Pool[asyncpg.Record]", scope: TenantScope, *, first: str = ""
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A transaction on a separate connection, for adapters that work outside the unit of work.

    `first`: a statement that is sent together with its beginning.
    """
    with database_errors():
        async with pool.acquire() as connection:
            try:
                await connection.execute(f"BEGIN;{see(scope)};{first}")
                yield connection  # type: ignore[misc]
            except BaseException:
                await connection.execute("ROLLBACK")
                raise
            await connection.execute("COMMIT")
