"""Channel accounts in PostgreSQL: connected numbers, with their secrets encrypted."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from atende.core.conversation.channel import ChannelAccount, ChannelSecrets
from atende.core.conversation.ports import ChannelAccounts, ChannelDirectory
from atende.core.kernel import COUNTED, NotFound, Page, TenantScope
from atende.core.tenancy.ports import Cipher
from atende.outbound.keyset import after_id
from atende.outbound.postgres.base import to_values
from atende.outbound.postgres.constraints import database_errors
from atende.outbound.postgres.pages import counted_by, cut, passed_by
from atende.outbound.postgres.records import WITHIN, as_json, changes, entity, read, scope_of
from atende.outbound.postgres.unit import Unit

_ADD = """
INSERT INTO channel_account
SELECT a.id, a.organization_id, a.project_id, a.tenant_id, a.kind, a.external_id, a.address, a.provider_account, $2,
  a.agent_id, a.is_active, a.created_at, a.name, a.quality, a.connection, a.connection_error, a.checked_at, a.last_inbound_at,
  a.updated_at, a.disconnected_at
FROM json_populate_record(NULL::channel_account, $1) a
"""
_COLUMNS = "to_jsonb(a) || jsonb_build_object('secrets', translate(encode(a.secrets, 'base64'), E'\\n', ''))"
_GET = f"""
SELECT ({_COLUMNS})::text FROM channel_account a WHERE {WITHIN} AND id = $3
"""
_CHANGED = (
    "address",
    "agent_id",
    "is_active",
    "name",
    "quality",
    "connection",
    "connection_error",
    "checked_at",
    "updated_at",
    "disconnected_at",
)
_SAVE = f"""
UPDATE channel_account SET {changes(_CHANGED, of="a")} FROM json_populate_record(NULL::channel_account, $1) a
WHERE channel_account.tenant_id = a.tenant_id AND channel_account.id = a.id
"""
_PAGE = f"""
SELECT (to_jsonb(a) - 'secrets' || jsonb_build_object('secrets', '{{"signing": "", "access": ""}}'::jsonb))::text AS found
FROM channel_account a WHERE {WITHIN} AND disconnected_at IS NULL AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4 OFFSET $5
"""
_COUNT = f"""
SELECT count(*) FROM (SELECT 1 FROM channel_account WHERE {WITHIN} AND disconnected_at IS NULL LIMIT {COUNTED + 1}) counted
"""
_PUT_SECRETS = "UPDATE channel_account SET secrets = $3 WHERE tenant_id = $1 AND id = $2"
_NAMED = f"SELECT ({_COLUMNS})::text AS found FROM find_channel_accounts($1, $2) a"


class PostgresChannelAccounts(ChannelAccounts):
    """Secrets are encrypted and bound to their row: the place is the table and the id."""

    def __init__(self, unit: Unit, cipher: Cipher) -> None:
        self._unit, self._cipher = unit, cipher

    async def add(self, account: ChannelAccount) -> None:
        sealed = self._cipher.seal(msgspec.json.encode(account.secrets), place=_place(account.id))
        await self._unit.connection.execute(_ADD, as_json(to_values(account, secrets=None)), sealed)

    async def get(self, scope: TenantScope, account_id: UUID, *, lock: bool = False) -> ChannelAccount:
        query = f"{_GET} FOR NO KEY UPDATE" if lock else _GET
        found = await self._unit.connection.fetchval(query, *scope_of(scope), account_id)
        if found is None:
            raise NotFound("no such channel account")
        return to_account(read(found), self._cipher)

    async def save(self, account: ChannelAccount) -> None:
        await self._unit.connection.execute(_SAVE, as_json(to_values(account, secrets=None)))

    async def put_secrets(self, account: ChannelAccount) -> None:
        sealed = self._cipher.seal(msgspec.json.encode(account.secrets), place=_place(account.id))
        await self._unit.connection.execute(_PUT_SECRETS, account.owner.tenant_id, account.id, sealed)

    async def page(
        self, scope: TenantScope, *, page: int, limit: int, after: str | None = None
    ) -> Page[ChannelAccount]:
        behind = None if after is None else after_id(after)
        passed = passed_by(page, limit, after)
        rows = await self._unit.connection.fetch(_PAGE, *scope_of(scope), behind, limit + 1, passed or 0)
        found = [entity(read(row["found"]), ChannelAccount) for row in rows]
        counted = counted_by(found, passed=passed, limit=limit)
        if counted is None:
            counted = await self._unit.connection.fetchval(_COUNT, *scope_of(scope))
        return cut(found, lambda one: str(one.id), lambda one: one, page, limit, counted)


class PostgresChannelDirectory(ChannelDirectory):
    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", cipher: Cipher) -> None:
        self._pool, self._cipher = pool, cipher

    async def named(self, kinds: Sequence[str], names: Sequence[str]) -> list[ChannelAccount]:
        with database_errors():
            rows = await self._pool.fetch(_NAMED, list(kinds), list(names))
        return [to_account(read(row["found"]), self._cipher) for row in rows]


def to_account(row: dict[str, Any], cipher: Cipher) -> ChannelAccount:
    """From a row whose column `secrets` is written in base64."""
    sealed = msgspec.convert(row["secrets"], bytes)
    secrets = cipher.open(sealed, place=_place(UUID(row["id"])))
    return entity(row | {"secrets": msgspec.json.decode(secrets, type=ChannelSecrets)}, ChannelAccount)


def _place(account_id: UUID) -> str:
    return f"channel_account/{account_id}"
