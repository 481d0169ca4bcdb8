"""Database connections, and transactions whose first statement sets the tenant for row-level security."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from atende.core.kernel import TenantScope, Transaction
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
    """An engine with asyncpg, which parses the URL itself. Connections are checked before use, because the server may restart."""
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(url),
        pool_size=size,
        hide_parameters=True,
        max_overflow=0,
        pool_pre_ping=True,
    )


def make_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions that do not begin transactions implicitly: a query outside a transaction is an error."""
    return async_sessionmaker(engine, autobegin=False, expire_on_commit=False)


def settings(scope: TenantScope) -> dict[str, str]:
    """The three settings that policies compare, in the order of `SEE`. The third is empty without a user."""
    person = "" if scope.user_id is None else str(scope.user_id)
    return {"organization": str(scope.organization_id), "tenant": scope.tenant_id, "person": person}


async def see(session: AsyncSession, scope: TenantScope) -> None:
    """Sets the scope that the current transaction of this session can access."""
    await session.execute(_SEE, settings(scope))


_AWAITED = "atende.answer_awaited"


def await_answer(session: AsyncSession) -> None:
    """Marks the open transaction as the effect of a call with an Idempotency-Key: it is committed with the response."""
    session.info[_AWAITED] = True


def end_waiting(session: AsyncSession) -> None:
    """Removes the mark: the transaction ends now."""
    session.info.pop(_AWAITED, None)


class PostgresTransaction(Transaction):
    """One per unit of work, with the session that its repositories share.

    A transaction that is to be committed with a response stays open at its end: later transactions of the same call join it as
    savepoints, and `PostgresIdempotencyKeys.finish` commits all of it.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def __call__(self, scope: TenantScope) -> AbstractAsyncContextManager[None]:
        return self._join(scope) if _AWAITED in self._session.info else self._begin(scope)

    @asynccontextmanager
    async def _begin(self, scope: TenantScope) -> AsyncIterator[None]:
        with database_errors():
            _ = await self._session.begin()
            try:
                await see(self._session, scope)
                yield
                if _AWAITED not in self._session.info:
                    await self._session.commit()
            except BaseException:
                end_waiting(self._session)
                await self._session.rollback()
                raise

    @asynccontextmanager
    async def _join(self, scope: TenantScope) -> AsyncIterator[None]:
        with database_errors():
            async with self._session.begin_nested():
                await see(self._session, scope)
                yield


@asynccontextmanager
async def scoped(
    pool: "asyncpg.Pool[asyncpg.Record]", scope: TenantScope
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A transaction on a separate connection, for adapters that work outside the unit of work."""
    with database_errors():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SEE, *settings(scope).values())
            yield connection  # type: ignore[misc]
