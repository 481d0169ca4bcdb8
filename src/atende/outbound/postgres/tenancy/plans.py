"""Plans, allowances of organizations and taken names in PostgreSQL."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.kernel import NotFound
from atende.core.tenancy.plans import Allowance, Plan, allowance
from atende.core.tenancy.ports import Entitlements, Plans, TenantNames
from atende.outbound.postgres.base import Row
from atende.outbound.postgres.constraints import database_errors

FRESH = 5.0
"""Seconds that an allowance is taken from memory."""
KEPT = 10_000
"""Organizations whose allowance is kept in memory."""
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class PlanRow(Row):
    __tablename__ = "plan"
    slug: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    price_monthly: Mapped[int]
    price_yearly: Mapped[int]
    currency: Mapped[str]
    credits_per_month: Mapped[int]
    limits: Mapped[dict[str, Any]] = mapped_column(JSONB)
    features: Mapped[dict[str, Any]] = mapped_column(JSONB)
    active: Mapped[bool]
    position: Mapped[int]


class PostgresPlans(Plans):
    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def all(self) -> list[Plan]:
        with database_errors():
            rows = await self._pool.fetch("SELECT * FROM plan ORDER BY position, slug")
        return [_to_plan(row) for row in rows]


def _to_plan(row: asyncpg.Record) -> Plan:
    return msgspec.convert(
        {**row, "limits": _decode(row["limits"]), "features": _decode(row["features"])},
        Plan,
    )


class PostgresEntitlements(Entitlements):
    """One query when cold, none while an allowance is fresh. `seconds` is a clock that only moves forward."""

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", *, seconds: Callable[[], float] = time.monotonic, kept: int = KEPT
    ) -> None:
        self._pool, self._seconds, self._most = pool, seconds, kept
        self._kept: OrderedDict[UUID, tuple[float, Allowance]] = OrderedDict()

    async def of(self, organization_id: UUID) -> Allowance:
        read, found = self._kept.get(organization_id, (0.0, None))
        asked = self._seconds()
        if found is not None and asked - read < FRESH:
            return found
        found = await self._read(organization_id)
        self._kept[organization_id] = asked, found
        self._kept.move_to_end(organization_id)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return found

    async def _read(self, organization_id: UUID) -> Allowance:
        with database_errors():
            row = await self._pool.fetchrow("SELECT * FROM find_allowance($1)", organization_id)
        if row is None:
            raise NotFound("no such organization")
        return allowance(
            organization_id,
            plan=row["plan"],
            limits=_decode(row["limits"]),
            features=_decode(row["features"]),
            custom=_decode(row["custom_limits"]),
        )


class PostgresTenantNames(TenantNames):
    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def taken(self, slugs: Sequence[str]) -> set[str]:
        with database_errors():
            rows = await self._pool.fetch("SELECT names_taken($1) AS name", list(slugs))
        return {row["name"] for row in rows}
