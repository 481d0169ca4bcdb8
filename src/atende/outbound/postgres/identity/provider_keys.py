"""Customers' keys at AI providers in PostgreSQL, encrypted and bound to their organization and provider."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.identity.keys.ports import ProviderKeyRing, ProviderKeys
from atende.core.identity.keys.provider_keys import FRESH, AiProvider, ProviderKey, ProviderSecret, place_of
from atende.core.kernel import NotFound, Page, TenantScope
from atende.core.tenancy.ports import Cipher
from atende.core.ttl_cache import TtlCache
from atende.outbound.postgres.base import Row, fresh, to_entity, to_values, within
from atende.outbound.postgres.pages import count_for, cut, passed_by
from atende.outbound.postgres.transaction import scoped
from atende.outbound.security.cipher import sealed_bytes, sealed_text

_COUNTED = {"last_used_at", "total_requests"}
_MOST_REMEMBERED = 10_000
_REFUSED = "the provider refused this key when it was used"


class ProviderKeyRow(Row):
    __tablename__ = "provider_key"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    provider: Mapped[str]
    encrypted_key: Mapped[str]
    key_version: Mapped[int]
    key_hint: Mapped[str]
    is_active: Mapped[bool]
    is_valid: Mapped[bool]
    last_validated_at: Mapped[datetime | None]
    validation_error: Mapped[str | None]
    last_used_at: Mapped[datetime | None]
    total_requests: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PostgresProviderKeys(ProviderKeys):
    def __init__(self, session: AsyncSession, cipher: Cipher) -> None:
        self._session, self._cipher = session, cipher

    async def add(self, key: ProviderKey, secret: ProviderSecret) -> None:
        await self._session.execute(insert(ProviderKeyRow).values(to_values(key, **self._sealed(key, secret))))

    async def get(self, scope: TenantScope, provider: AiProvider) -> ProviderKey:
        return to_entity(await self._row(scope, provider), ProviderKey)

    async def secret(self, scope: TenantScope, provider: AiProvider) -> ProviderSecret:
        row = await self._row(scope, provider)
        return opened(self._cipher, row.encrypted_key, row.organization_id, provider)

    async def save(self, key: ProviderKey, secret: ProviderSecret | None = None) -> None:
        values = {name: value for name, value in to_values(key).items() if name not in _COUNTED}
        if secret is not None:
            values |= self._sealed(key, secret)
        await self._session.execute(
            update(ProviderKeyRow)
            .where(ProviderKeyRow.organization_id == key.organization_id, ProviderKeyRow.id == key.id)
            .values(values)
        )

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[ProviderKey]:
        ours = within(ProviderKeyRow, scope)
        order, passed = (ProviderKeyRow.provider,), passed_by(page, limit, after)
        query = fresh(select(ProviderKeyRow).where(*ours).order_by(*order).limit(limit + 1))
        query = query.offset(passed) if after is None else query.where(ProviderKeyRow.provider > after)
        found = list(await self._session.scalars(query))
        counted = await count_for(self._session, found, ProviderKeyRow, order, *ours, passed=passed, limit=limit)
        return cut(found, lambda row: str(row.provider), lambda row: to_entity(row, ProviderKey), page, limit, counted)

    async def remove(self, scope: TenantScope, provider: AiProvider) -> None:
        gone = await self._session.scalar(
            delete(ProviderKeyRow)
            .where(*within(ProviderKeyRow, scope), ProviderKeyRow.provider == provider)
            .returning(ProviderKeyRow.id)
        )
        if gone is None:
            raise _no_key(provider)

    async def _row(self, scope: TenantScope, provider: AiProvider) -> ProviderKeyRow:
        row = await self._session.scalar(
            fresh(
                select(ProviderKeyRow)
                .where(*within(ProviderKeyRow, scope), ProviderKeyRow.provider == provider)
                .with_for_update()
            )
        )
        if row is None:
            raise _no_key(provider)
        return row

    def _sealed(self, key: ProviderKey, secret: ProviderSecret) -> dict[str, Any]:
        sealed = self._cipher.seal(secret.text.encode(), place=place_of(key.organization_id, key.provider))
        return {"encrypted_key": sealed_text(sealed), "key_version": sealed[0]}


@dataclass(frozen=True, slots=True)
class _Resolved:
    """A key as it was last looked up. `secret` is None where there is none to be used."""

    secret: ProviderSecret | None
    encrypted: str


class PostgresProviderKeyRing(ProviderKeyRing):
    """Keeps a key in memory for five seconds. Each look-up writes down how often the key was used since the last one."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        cipher: Cipher,
        *,
        now: Callable[[], float] = time.monotonic,
        most: int = _MOST_REMEMBERED,
    ) -> None:
        self._pool, self._cipher, self._most = pool, cipher, most
        self._keys: TtlCache[tuple[UUID, AiProvider], _Resolved] = TtlCache(FRESH.total_seconds(), now, size=most)
        self._uses: dict[tuple[UUID, AiProvider], int] = {}
        """Those that are not written down yet."""

    async def resolve(self, organization_id: UUID, provider: AiProvider) -> ProviderSecret | None:
        place = organization_id, provider
        if place not in self._uses and len(self._uses) >= self._most:
            await self.close()
        self._uses[place] = self._uses.get(place, 0) + 1
        found = await self._keys.get(place, lambda: self._read(organization_id, provider))
        if found.secret is None:
            self._uses.pop(place, None)
        return found.secret

    async def refused(self, organization_id: UUID, provider: AiProvider, secret: ProviderSecret) -> None:
        held = self._keys.peek((organization_id, provider))
        if held is None or held.secret != secret:
            return
        async with scoped(self._pool, TenantScope(organization_id)) as connection:
            await connection.execute(
                """
                UPDATE provider_key SET is_valid = false, validation_error = $4, last_validated_at = now(), updated_at = now()
                WHERE organization_id = $1 AND provider = $2 AND encrypted_key = $3
                """,
                organization_id,
                str(provider),
                held.encrypted,
                _REFUSED,
            )
        self._keys.forget((organization_id, provider))

    async def close(self) -> None:
        """Writes down the uses that are not counted yet."""
        uses, self._uses = self._uses, {}
        for (organization_id, provider), used in uses.items():
            await self._look(organization_id, provider, used=used)

    async def _read(self, organization_id: UUID, provider: AiProvider) -> _Resolved:
        found = await self._look(organization_id, provider, used=self._uses.pop((organization_id, provider), 0))
        secret = None if found is None else opened(self._cipher, found, organization_id, provider)
        return _Resolved(secret, found or "")

    async def _look(self, organization_id: UUID, provider: AiProvider, *, used: int) -> str | None:
        async with scoped(self._pool, TenantScope(organization_id)) as connection:
            found: str | None = await connection.fetchval(
                """
                UPDATE provider_key SET total_requests = total_requests + $3, last_used_at = now()
                WHERE organization_id = $1 AND provider = $2 AND is_active AND is_valid RETURNING encrypted_key
                """,
                organization_id,
                str(provider),
                used,
            )
        return found


def opened(cipher: Cipher, encrypted: str, organization_id: UUID, provider: AiProvider) -> ProviderSecret:
    """Raises Invalid."""
    return ProviderSecret(cipher.open(sealed_bytes(encrypted), place=place_of(organization_id, provider)).decode())


def _no_key(provider: AiProvider) -> NotFound:
    return NotFound(f"there is no key for {provider} here")
