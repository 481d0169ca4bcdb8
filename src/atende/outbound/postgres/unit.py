"""The unit of work: one connection at a time, for hand-written statements and for SQLAlchemy alike."""

from typing import Any

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

from atende.core.kernel import TenantScope

_OUTSIDE = "the database was used outside a transaction: open one first"


class Unit:
    """What the adapters of one unit of work share: the connection of its open transaction.

    A turn and the ledger use `connection`, with statements of their own. Lists and administration use `session`, whose
    statements run on the same connection and in the same transaction. Between transactions no connection is held.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._pooled: AsyncConnection | None = None
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._session: AsyncSession | None = None
        self._savepoints = 0
        self.answer_awaited = False
        """The open transaction is the effect of a call with an Idempotency-Key: it is committed with the response."""

    @property
    def connection(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Raises InvalidRequestError outside a transaction."""
        if self._connection is None:
            raise InvalidRequestError(_OUTSIDE)
        return self._connection

    @property
    def session(self) -> AsyncSession:
        if self._session is None:
            self._session = AsyncSession(sync_session_class=_Session, info={_UNIT: self}, expire_on_commit=False)
        return self._session

    @property
    def in_transaction(self) -> bool:
        return self._connection is not None

    def pooled(self) -> Connection:
        """The connection as SQLAlchemy knows it. Raises InvalidRequestError outside a transaction."""
        if self._pooled is None:
            raise InvalidRequestError(_OUTSIDE)
        return self._pooled.sync_connection  # type: ignore[return-value]  # it was started when it was taken

    async def begin(self, scope: TenantScope) -> None:
        """Takes a connection and opens a transaction for this scope, in one exchange with the server."""
        if self._pooled is not None:
            raise InvalidRequestError("a transaction is open already: end it first")
        self._pooled = await self._engine.connect()
        try:
            raw: Any = (await self._pooled.get_raw_connection()).driver_connection
            await raw.execute("BEGIN;" + see(scope))
        except BaseException:
            await self._release(broken=True)
            raise
        self._connection = raw

    async def see(self, scope: TenantScope) -> None:
        """Changes the scope of the open transaction."""
        await self.connection.execute(see(scope))

    async def commit(self) -> None:
        if self._session is not None and self._session.in_transaction():
            await self._session.commit()
        await self._end("COMMIT")

    async def rollback(self) -> None:
        """Does nothing outside a transaction."""
        if self._connection is None:
            return
        if self._session is not None:
            await self._session.rollback()
        await self._end("ROLLBACK")

    async def set_savepoint(self, scope: TenantScope) -> str:
        self._savepoints += 1
        name = f"joined_{self._savepoints}"
        await self.connection.execute(f"SAVEPOINT {name};" + see(scope))
        return name

    async def undo_to(self, savepoint: str) -> None:
        await self.connection.execute(f"ROLLBACK TO {savepoint}")

    async def _end(self, how: str) -> None:
        ended = False
        try:
            await self.connection.execute(how)
            ended = True
        finally:
            await self._release(broken=not ended)

    async def _release(self, *, broken: bool) -> None:
        """A connection whose transaction may still be open is never used again."""
        pooled, self._pooled, self._connection = self._pooled, None, None
        self.answer_awaited = False
        if self._session is not None:
            self._session.expunge_all()  # a unit may live long, and its rows are read anew in every transaction
        if pooled is not None:
            if broken:
                await pooled.invalidate()
            await pooled.close()


_UNIT = "atende.unit"


class _Session(Session):
    def get_bind(self, *_: Any, **__: Any) -> Connection:
        unit: Unit = self.info[_UNIT]
        return unit.pooled()


def see(scope: TenantScope) -> str:
    """The statement that sets the three settings which row-level security compares, for the transaction it is in."""
    person = "" if scope.user_id is None else str(scope.user_id)
    return (
        f"SELECT set_config('app.current_organization_id', {_quoted(str(scope.organization_id))}, true),"
        f" set_config('app.current_tenant_id', {_quoted(scope.tenant_id)}, true),"
        f" set_config('app.current_user_id', {_quoted(person)}, true)"
    )


def _quoted(text: str) -> str:
    """A literal; asyncpg's simple protocol, which takes several statements at once, has no parameters."""
    if "\\" in text or "\0" in text:
        raise ValueError("an id holds neither a backslash nor a null character")
    return "'" + text.replace("'", "''") + "'"
