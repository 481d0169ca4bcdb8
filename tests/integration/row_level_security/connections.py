"""Connections of a test, and transactions of a scope that leave nothing behind."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from atende.core.kernel import TenantScope
from atende.outbound.postgres.unit import see
from tests.integration.row_level_security.checks import Connection


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def acting_as(connection: Connection, scope: TenantScope) -> AsyncIterator[None]:
    """A transaction of this scope, rolled back at its end."""
    change = connection.transaction()
    await change.start()
    try:
        await connection.execute(see(scope))
        yield
    finally:
        await change.rollback()
