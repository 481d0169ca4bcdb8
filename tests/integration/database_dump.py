"""Everything that a database holds, as whoever steals its backup would see it."""

from collections.abc import Collection

import asyncpg

from atende.outbound.postgres.embedded.launcher import Urls


async def everything(urls: Urls, *, but: Collection[str] = ()) -> str:
    """Every row of every table as text, bytes in hex; `but` of these tables."""
    connection = await asyncpg.connect(urls.admin)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows: list[str] = []
        for (table,) in (one for one in tables if one["tablename"] not in but):
            rows += [row[0] or "" for row in await connection.fetch(f'SELECT t::text FROM "{table}" t')]
    finally:
        await connection.close()
    return "\n".join(rows)
