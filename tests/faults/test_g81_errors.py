"""What PostgreSQL and its drivers say while it is away is "try again later", whichever way they say it."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from atende.core.kernel import Conflict, Unavailable
from atende.outbound.postgres.constraints import database_errors

AWAY = (
    asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
    asyncpg.CannotConnectNowError("the database system is starting up"),
    asyncpg.AdminShutdownError("terminating connection due to administrator command"),
    asyncpg.CrashShutdownError("terminating connection because of crash of another server process"),
    asyncpg.TooManyConnectionsError("sorry, too many clients already"),
    asyncpg.LockNotAvailableError("canceling statement due to lock timeout"),
    asyncpg.QueryCanceledError("canceling statement due to statement timeout"),
    asyncpg.DeadlockDetectedError("deadlock detected"),
    asyncpg.DiskFullError("could not extend file"),
    asyncpg.IdleInTransactionSessionTimeoutError("terminating connection due to idle-in-transaction timeout"),
    asyncpg.ReadOnlySQLTransactionError("cannot execute INSERT in a read-only transaction"),
    asyncpg.InterfaceError("the underlying connection is closed"),
    asyncpg.InternalClientError("got result for unknown protocol state 3"),
    ConnectionRefusedError(111, "Connect call failed"),
    TimeoutError(),
)


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
def test_g81_the_database_is_away(error: Exception) -> None:
    with pytest.raises(Unavailable) as raised, database_errors():
        raise error
    assert raised.value.__cause__ is error


@pytest.mark.parametrize("error", AWAY[:5], ids=lambda error: type(error).__name__)
def test_g81_the_same_through_the_orm(error: Exception) -> None:
    driver = Exception("the dialect's own")
    driver.__cause__ = error
    with pytest.raises(Unavailable), database_errors():
        raise DBAPIError("SELECT 1", {}, driver)


def test_g81_every_connection_is_in_use() -> None:
    with pytest.raises(Unavailable, match="in use"), database_errors():
        raise PoolTimeout("QueuePool limit of size 10 overflow 0 reached")


def test_g81_what_the_database_refuses_is_no_outage() -> None:
    with pytest.raises(Conflict), database_errors():
        raise asyncpg.UniqueViolationError("duplicate key value violates unique constraint")
    with pytest.raises(asyncpg.UndefinedTableError), database_errors():
        raise asyncpg.UndefinedTableError("relation does not exist")
