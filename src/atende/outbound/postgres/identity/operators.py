"""Lists of organizations for operators, in PostgreSQL."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from atende.core.identity.ports import Operators
from atende.core.kernel import COUNTED, Page
from atende.core.tenancy.model import Organization
from atende.outbound.keyset import after_id
from atende.outbound.postgres.constraints import database_errors
from atende.outbound.postgres.pages import cut


class PostgresOperators(Operators):
    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def organizations(self, *, page: int, limit: int, after: str | None = None) -> Page[Organization]:
        offset, before = ((page - 1) * limit, None) if after is None else (0, after_id(after))
        with database_errors():
            rows = await self._pool.fetch(
                "SELECT (a.organization).*, a.counted FROM all_organizations($1, $2, $3, $4) a",
                offset,
                limit + 1,
                before,
                COUNTED + 1,
            )
        found = [row for row in rows if row["id"] is not None]
        return cut(found, lambda row: str(row["id"]), _to_organization, page, limit, rows[0]["counted"])

    async def named(self, organization_ids: Sequence[UUID]) -> list[Organization]:
        with database_errors():
            rows = await self._pool.fetch("SELECT * FROM organizations_named($1)", list(organization_ids))
        return [_to_organization(row) for row in rows]


def _to_organization(row: asyncpg.Record) -> Organization:
    whole = {
        **row,
        "settings": msgspec.json.decode(row["settings"]),
        "custom_limits": msgspec.json.decode(row["custom_limits"]),
    }
    return msgspec.convert(whole, Organization)
