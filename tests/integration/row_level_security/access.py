"""What a connection may do with the tables of the database."""

import asyncpg

from atende.outbound.postgres.embedded.launcher import Urls
from tests.integration.row_level_security.checks import Connection
from tests.integration.row_level_security.connections import connected
from tests.integration.row_level_security.exceptions import FOR_ALL
from tests.integration.row_level_security.rows import fill, owners, tables


async def filled_with_rows(database: Urls) -> None:
    """A row of three tenants, two of them of one organization, in every table."""
    async with connected(database.admin) as admin:
        await fill(admin)
        for table in await tables(admin):
            assert await owners(admin, table), f"{table} was not filled"


async def declared_kinds(connection: Connection) -> dict[str, str]:
    """What each table was declared as."""
    return {
        name: await connection.fetchval("SELECT obj_description($1::regclass)", name)
        for name in await tables(connection)
    }


async def readable(connection: Connection) -> list[str]:
    """Tables under row-level security that the app role may read."""
    names = [name for name in await tables(connection) if name not in FOR_ALL]
    return [name for name in names if await connection.fetchval("SELECT has_table_privilege($1, 'SELECT')", name)]


async def attempt(connection: Connection, statement: str) -> str:
    """What became of it: `refused` by a policy or a missing grant, `passed` the policies and broke another rule, or the usual answer."""
    try:
        async with connection.transaction():
            return await connection.execute(statement)
    except asyncpg.InsufficientPrivilegeError:
        return "refused"
    except asyncpg.IntegrityConstraintViolationError:
        return "passed"
