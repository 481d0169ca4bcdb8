"""API keys in PostgreSQL."""

from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, Text, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.identity.model import ApiKey
from atende.core.identity.ports import ApiKeys
from atende.outbound.postgres.base import Row, to_values
from atende.outbound.postgres.constraints import database_errors


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


class PostgresApiKeys(ApiKeys):
    def __init__(self, session: AsyncSession, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._session, self._pool = session, pool

    async def add(self, key: ApiKey) -> None:
        await self._session.execute(insert(ApiKeyRow).values(to_values(key)))

    async def by_hash(self, secret_hash: bytes) -> ApiKey | None:
        with database_errors():
            found = await self._pool.fetchrow("SELECT * FROM find_api_key($1)", secret_hash)
        return None if found is None else ApiKey(**found)
