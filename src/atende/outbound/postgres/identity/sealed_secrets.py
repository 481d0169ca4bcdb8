"""All encrypted secrets in PostgreSQL, for the rotation of the encryption key."""

import asyncpg

from atende.core.kernel import TenantScope
from atende.core.tenancy.rotate_secrets import SealedAt, SealedSecrets
from atende.outbound.postgres.constraints import database_errors
from atende.outbound.postgres.transaction import scoped
from atende.outbound.security.cipher import AesGcmCipher, sealed_bytes, sealed_text

Connection = asyncpg.Connection


class PostgresSealedSecrets(SealedSecrets):
    """Secrets of channel accounts and keys of AI providers. The part of a place after the table identifies its row."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", cipher: AesGcmCipher) -> None:
        self._pool, self._cipher = pool, cipher

    async def stale(self, *, after: str, limit: int) -> list[SealedAt]:
        with database_errors():
            rows = await self._pool.fetch(
                "SELECT * FROM secrets_sealed_before($1, $2, $3)", self._cipher.newest, after, limit
            )
        return [SealedAt(row["place"], row["organization_id"], row["tenant_id"]) for row in rows]

    async def reseal(self, at: SealedAt) -> bool:
        kind, _, name = at.place.partition("/")
        async with scoped(self._pool, TenantScope(at.organization_id, at.tenant_id)) as connection:
            if kind == "channel_account":
                return await self._account(connection, at.place, name)
            return await self._provider_key(connection, at, name.rpartition("/")[2])

    async def _account(self, connection: "Connection[asyncpg.Record]", place: str, name: str) -> bool:
        sealed = await connection.fetchval(
            "SELECT secrets FROM channel_account WHERE id = $1::text::uuid FOR UPDATE", name
        )
        anew = self._anew(sealed, place)
        if anew is not None:
            await connection.execute("UPDATE channel_account SET secrets = $2 WHERE id = $1::text::uuid", name, anew)
        return anew is not None

    async def _provider_key(self, connection: "Connection[asyncpg.Record]", at: SealedAt, provider: str) -> bool:
        text = await connection.fetchval(
            "SELECT encrypted_key FROM provider_key WHERE organization_id = $1 AND provider = $2 FOR UPDATE",
            at.organization_id,
            provider,
        )
        anew = self._anew(None if text is None else sealed_bytes(text), at.place)
        if anew is not None:
            await connection.execute(
                "UPDATE provider_key SET encrypted_key = $3, key_version = $4 WHERE organization_id = $1 AND provider = $2",
                at.organization_id,
                provider,
                sealed_text(anew),
                anew[0],
            )
        return anew is not None

    def _anew(self, sealed: bytes | None, place: str) -> bytes | None:
        if sealed is None or self._cipher.is_current(sealed):
            return None
        return self._cipher.seal(self._cipher.open(sealed, place=place), place=place)
