"""Connections, and the transaction whose first statement says what it may see."""

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


def settings(scope: TenantScope) -> dict[str, str]:
    """The three settings that policies compare, in the order of `SEE`. Without a person the third is empty, which is nobody."""
    person = "" if scope.user_id is None else str(scope.user_id)
    return {"organization": str(scope.organization_id), "tenant": scope.tenant_id, "person": person}


async def see(session: AsyncSession, scope: TenantScope) -> None:
    """From here to its end the transaction of this session sees what is of the scope."""
    await session.execute(_SEE, settings(scope))


_AWAITED = "atende.answer_awaited"


def await_answer(session: AsyncSession) -> None:
    """The open transaction is the effect of a call under an Idempotency-Key: it waits for the answer, to be committed with it."""
    session.info[_AWAITED] = True


def end_waiting(session: AsyncSession) -> None:
    """The effect is committed with its answer, or taken back."""
    session.info.pop(_AWAITED, None)


class PostgresTransaction(Transaction):
    """One per unit of work, over the session that its repositories share.

    An effect that waits for its answer stays open at the end: what comes after it in the same call joins it, and the whole of it
    is committed by `PostgresIdempotencyKeys.finish`, or never.
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
    """A transaction on a connection of its own, for adapters that work outside the unit of work."""
    with database_errors():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SEE, *settings(scope).values())
            yield connection  # type: ignore[misc]
