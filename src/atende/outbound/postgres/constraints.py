"""Translating database errors: names of constraints into domain errors, lost connections and timeouts into Unavailable."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from atende.core.credits.model import ReferenceReused
from atende.core.identity.model import AlreadyInvited, AlreadyMember, EmailTaken, OperatorExists
from atende.core.kernel import Conflict, DomainError, Unavailable
from atende.core.tenancy.model import SlugTaken
from atende.core.work.idempotency import AlreadyApplied


class AlreadyReplied(Conflict):
    """This turn has a reply already."""


class NumberTaken(Conflict):
    """This number is connected already."""


_RULES: dict[str, type[DomainError]] = {
    "message_one_reply": AlreadyReplied,
    "turn_once": AlreadyReplied,
    "turn_one_open": AlreadyReplied,
    "channel_account_number": NumberTaken,
    "credit_entry_once": ReferenceReused,
    "credit_hold_organization_id_reference_key": ReferenceReused,
    "organization_slug_live": SlugTaken,
    "project_tenant_id_key": SlugTaken,
    "user_account_email_live": EmailTaken,
    "user_account_first_operator": OperatorExists,
    "membership_pkey": AlreadyMember,
    "invitation_open": AlreadyInvited,
    "audit_log_idempotency": AlreadyApplied,
}
_PASSING = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.IdleInTransactionSessionTimeoutError,  # this process was blocked, and the server ended the transaction
    asyncpg.ReadOnlySQLTransactionError,  # another server has become the primary
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)


@contextmanager
def database_errors() -> Iterator[None]:
    """Translates driver errors into domain errors; unknown errors are raised unchanged."""
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable("every connection to the database is in use") from error
    except DBAPIError as error:
        raise _translated(_cause(error)) or error from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
        raise _translated(error) or error from error


def _cause(error: DBAPIError) -> BaseException:
    driver = error.orig
    return (driver.__cause__ or driver) if driver is not None else error


def _translated(error: BaseException) -> DomainError | None:
    rule = _RULES.get(getattr(error, "constraint_name", None) or "")
    if rule is not None:
        return rule()
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return Conflict("this conflicts with stored data")
    if isinstance(error, _PASSING):
        return Unavailable("the database does not answer")
    return None
