"""API keys in PostgreSQL."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, Text, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.identity.api_key import ApiKey
from atende.core.identity.ports import ApiKeys
from atende.core.kernel import NotFound, Page, TenantScope
from atende.outbound.postgres.base import Row, fresh, to_entity, to_values, within
from atende.outbound.postgres.constraints import database_errors
from atende.outbound.postgres.pages import newest_by_id


class ApiKeyRow(Row):
    __tablename__ = "api_key"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    project_id: Mapped[UUID | None]
    name: Mapped[str]
    prefix: Mapped[str]
    secret_hash: Mapped[bytes]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    hint: Mapped[str]
    rate_limit_per_minute: Mapped[int | None]
    rate_limit_per_day: Mapped[int | None]
    last_used_at: Mapped[datetime | None]


class PostgresApiKeys(ApiKeys):
    def __init__(self, session: AsyncSession, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._session, self._pool = session, pool

    async def add(self, key: ApiKey) -> None:
        await self._session.execute(insert(ApiKeyRow).values(to_values(key)))

    async def get(self, scope: TenantScope, key_id: UUID) -> ApiKey:
        row = await self._session.scalar(
            fresh(select(ApiKeyRow).where(*within(ApiKeyRow, scope), ApiKeyRow.id == key_id).with_for_update())
        )
        if row is None:
            raise NotFound("no such API key")
        return to_entity(row, ApiKey)

    async def save(self, key: ApiKey) -> None:
        changed = await self._session.scalar(
            update(ApiKeyRow)
            .where(ApiKeyRow.organization_id == key.organization_id, ApiKeyRow.id == key.id)
            .values(to_values(key))
            .returning(ApiKeyRow.id)
        )
        if changed is None:
            raise NotFound("no such API key")

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[ApiKey]:
        ours = within(ApiKeyRow, scope)
        return await newest_by_id(self._session, ApiKeyRow, ApiKey, *ours, page=page, limit=limit, after=after)

    async def revoke_made_by(self, scope: TenantScope, user_id: UUID, now: datetime) -> int:
        revoked = await self._session.scalars(
            update(ApiKeyRow)
            .where(
                *within(ApiKeyRow, scope),
                ApiKeyRow.created_by == user_id,
                ApiKeyRow.revoked_at.is_(None),
            )
            .values(revoked_at=now)
            .returning(ApiKeyRow.id)
        )
        return len(revoked.all())

    async def revoke_everywhere(self, scope: TenantScope, now: datetime) -> int:
        return int(await self._session.scalar(text("SELECT revoke_own_keys(:at)"), {"at": now}) or 0)

    async def by_hash(self, secret_hash: bytes) -> ApiKey | None:
        with database_errors():
            found = await self._pool.fetchrow("SELECT * FROM find_api_key($1)", secret_hash)
        return None if found is None else ApiKey(**found)

    async def touch(self, used: Mapping[UUID, datetime]) -> None:
        if not used:
            return
        with database_errors():
            await self._pool.execute(
                "SELECT touch_api_keys($1::uuid[], $2::timestamptz[])", list(used), list(used.values())
            )
