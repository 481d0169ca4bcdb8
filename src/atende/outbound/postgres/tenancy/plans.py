"""Plans, allowances of organizations and taken names in PostgreSQL."""

import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.kernel import NotFound
from atende.core.tenancy.plans import FREE, Allowance, Plan, allowance
from atende.core.tenancy.ports import Entitlements, Plans, TenantNames
from atende.core.ttl_cache import TtlCache
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
    """One query when cold, none while an allowance is fresh. `clock`: seconds that only move forward."""

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", *, clock: Callable[[], float] = time.monotonic, size: int = KEPT
    ) -> None:
        self._pool = pool
        self._allowances: TtlCache[UUID, Allowance] = TtlCache(FRESH, clock, size=size)

    async def of(self, organization_id: UUID) -> Allowance:
        return await self._allowances.get(organization_id, lambda: self._read(organization_id))

    async def _read(self, organization_id: UUID) -> Allowance:
        with database_errors():
            row = await self._pool.fetchrow("SELECT * FROM find_allowance($1, $2)", organization_id, FREE)
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
