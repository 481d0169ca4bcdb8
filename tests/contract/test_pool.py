"""The pool for single statements: a connection goes back without a question to the server, so nothing may be left on it."""

from uuid import UUID

import asyncpg
import pytest

from atende.core.kernel import TenantScope
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.pool import make_pool
from atende.outbound.postgres.transaction import scoped

SCOPE = TenantScope(UUID(int=1), "shop")
_SEEN = (
    "SELECT concat(current_setting('app.current_organization_id', true), current_setting('app.current_tenant_id', true),"
    " current_setting('app.current_user_id', true))"
)


async def test_whom_a_transaction_acted_for_ends_with_it(database: Urls) -> None:
    async with make_pool(database.app, size=1) as pool:
        async with scoped(pool, SCOPE) as connection:
            assert await connection.fetchval(_SEEN)
        assert not await pool.fetchval(_SEEN)
        with pytest.raises(ZeroDivisionError):
            async with scoped(pool, SCOPE):
                raise ZeroDivisionError
        assert not await pool.fetchval(_SEEN)


async def test_an_open_transaction_is_rolled_back(database: Urls) -> None:
    async with make_pool(database.app, size=1) as pool:
        async with pool.acquire() as connection:
            await connection.execute("BEGIN")
            await connection.execute("SELECT set_config('app.current_tenant_id', 'shop', true)")
        assert not await pool.fetchval(_SEEN)
        async with pool.acquire() as connection:
            assert not connection.is_in_transaction()


async def test_a_connection_is_whole_again_after_an_error(database: Urls) -> None:
    async with make_pool(database.app, size=1) as pool:
        async with pool.acquire() as connection:
            await connection.execute("BEGIN")
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute("SELECT 1 / 0")
        assert await pool.fetchval("SELECT 1") == 1
