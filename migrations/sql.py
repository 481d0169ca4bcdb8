"""Statements of a revision, on the connection and in the transaction of the migration."""

from typing import Any

from alembic import op
from sqlalchemy.util import await_only


def run(script: str, *arguments: object) -> None:
    """Runs several statements at once, or a single one with `arguments` ($1, $2, ...)."""
    await_only(_driver().execute(script, *arguments))


def value(query: str, *arguments: object) -> Any:
    """The first column of the first row, or None."""
    return await_only(_driver().fetchval(query, *arguments))


def _driver() -> Any:
    """asyncpg's connection: SQLAlchemy would prepare each statement, and only single statements can be prepared."""
    op.execute("SELECT 1")  # opens the transaction, which calls of the driver itself would not do
    driver = op.get_bind().connection.driver_connection
    assert driver is not None, "a migration runs online"
    return driver
