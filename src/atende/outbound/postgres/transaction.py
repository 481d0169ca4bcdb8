"""Connections, and the transaction whose first statement says what it may see."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from atende.core.kernel import Scope, Transaction
from atende.outbound.postgres.constraints import database_errors

_SEE = text(
    "SELECT set_config('app.current_organization_id', :organization, true), set_config('app.current_tenant_id', :tenant, true),"
    " set_config('app.current_user_id', :person, true)"
)
SEE = (
    "SELECT set_config('app.current_organization_id', $1, true), set_config('app.current_tenant_id', $2, true),"
    " set_config('app.current_user_id', $3, true)"
)


def make_engine(url: str, *, size: int = 10) -> AsyncEngine:
    """An engine over asyncpg, which reads the URL itself. Connections are checked before use, so that a restart is survived."""
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(url),
        pool_size=size,
        hide_parameters=True,
        max_overflow=0,
        pool_pre_ping=True,
    )


def make_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions that begin nothing by themselves: a query outside a transaction is an error."""
    return async_sessionmaker(engine, autobegin=False, expire_on_commit=False)


def settings(scope: Scope) -> dict[str, str]:
    """The three settings that policies compare, in the order of `SEE`. Without a person the third is empty, which is nobody."""
    person = "" if scope.user_id is None else str(scope.user_id)
    return {"organization": str(scope.organization_id), "tenant": scope.tenant_id, "person": person}


class PostgresTransaction(Transaction):
    """One per unit of work, over the session that its repositories share."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def __call__(self, scope: Scope) -> AbstractAsyncContextManager[None]:
        return self._begin(scope)

    @asynccontextmanager
    async def _begin(self, scope: Scope) -> AsyncIterator[None]:
        with database_errors():
            async with self._session.begin():
                await self._session.execute(_SEE, settings(scope))
                yield


@asynccontextmanager
async def scoped(
    pool: "asyncpg.Pool[asyncpg.Record]", scope: Scope
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A transaction on a connection of its own, for adapters that work outside the unit of work."""
    with database_errors():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SEE, *settings(scope).values())
            yield connection  # type: ignore[misc]
