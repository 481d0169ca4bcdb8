"""Purging deleted projects from PostgreSQL."""

from datetime import datetime

import asyncpg

from atende.core.kernel import Owner
from atende.core.tenancy.ports import Purge
from atende.outbound.postgres.constraints import database_errors

BATCH = 10_000
"""Rows that one transaction removes at most, so that a large project does not block others."""


class PostgresPurge(Purge):
    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", *, batch: int = BATCH) -> None:
        self._pool, self._batch = pool, batch

    async def projects_due(self, deleted_before: datetime, limit: int) -> list[Owner]:
        with database_errors():
            rows = await self._pool.fetch("SELECT * FROM projects_to_purge($1, $2)", deleted_before, limit)
        return [Owner(row["organization_id"], row["project_id"], row["tenant_id"]) for row in rows]

    async def project(self, owner: Owner) -> None:
        done = False
        while not done:
            with database_errors():
                done = await self._pool.fetchval("SELECT purge_project($1, $2)", owner.project_id, self._batch)
