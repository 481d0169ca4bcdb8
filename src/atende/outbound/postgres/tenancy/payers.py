"""Billing accounts in PostgreSQL."""

from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from atende.core.kernel import NotFound, TenantScope
from atende.core.tenancy.model import BillingAccount
from atende.core.tenancy.ports import BillingAccounts
from atende.outbound.postgres.base import fresh, to_entity, to_values, within
from atende.outbound.postgres.constraints import database_errors
from atende.outbound.postgres.tenancy.projects import BillingAccountRow

_FIXED = {"id", "organization_id", "created_at"}


class PostgresBillingAccounts(BillingAccounts):
    def __init__(self, session: AsyncSession, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._session, self._pool = session, pool

    async def home(self, account_id: UUID) -> UUID:
        with database_errors():
            found: UUID | None = await self._pool.fetchval("SELECT find_payer($1)", account_id)
        if found is None:
            raise NotFound("no such billing account")
        return found

    async def get(self, scope: TenantScope, account_id: UUID) -> BillingAccount:
        query = fresh(
            select(BillingAccountRow)
            .where(*within(BillingAccountRow, scope), BillingAccountRow.id == account_id)
            .with_for_update(key_share=True)
        )
        row = await self._session.scalar(query)
        if row is None:
            raise NotFound("no such billing account")
        return to_entity(row, BillingAccount)

    async def save(self, account: BillingAccount) -> None:
        changed = {name: value for name, value in to_values(account).items() if name not in _FIXED}
        where = (
            BillingAccountRow.organization_id == account.organization_id,
            BillingAccountRow.id == account.id,
        )
        statement = update(BillingAccountRow).where(*where).values(changed).returning(BillingAccountRow.id)
        if await self._session.scalar(statement) is None:
            raise NotFound("no such billing account")

    async def suspend_projects(self, scope: TenantScope, account_id: UUID, *, suspend: bool, now: datetime) -> int:
        asked = {"id": account_id, "rest": suspend, "at": now}
        return int(await self._session.scalar(text("SELECT suspend_paid_projects(:id, :rest, :at)"), asked) or 0)
