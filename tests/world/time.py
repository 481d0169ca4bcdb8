"""Time that passes for a database: its clock cannot be moved, so everything that is written moves into the past."""

from datetime import timedelta

import asyncpg

_TIMES = """
SELECT format('UPDATE %I SET %s', c.relname, string_agg(format('%1$I = %1$I - $1::interval', a.attname), ', '))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.atttypid = 'timestamptz'::regtype AND a.attnum > 0
GROUP BY c.relname
"""


async def pass_time(admin: "asyncpg.Connection[asyncpg.Record]", by: timedelta) -> None:
    """Every moment in every table becomes older by this much, in one transaction. `admin`: of a superuser."""
    async with admin.transaction():
        await admin.execute("SET LOCAL session_replication_role = replica")
        for (statement,) in await admin.fetch(_TIMES):
            await admin.execute(statement, by)
