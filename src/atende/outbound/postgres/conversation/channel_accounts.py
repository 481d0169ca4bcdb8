"""Channel accounts in PostgreSQL: connected numbers, with their secrets encrypted."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from atende.core.conversation.channel import ChannelAccount, ChannelSecrets
from atende.core.conversation.ports import ChannelAccounts, ChannelDirectory
from atende.core.kernel import NotFound, TenantScope
from atende.core.tenancy.ports import Cipher
from atende.outbound.postgres.base import to_values
from atende.outbound.postgres.constraints import database_errors
from atende.outbound.postgres.records import WITHIN, as_json, entity, read, scope_of
from atende.outbound.postgres.unit import Unit

_ADD = """
INSERT INTO channel_account
SELECT a.id, a.organization_id, a.project_id, a.tenant_id, a.kind, a.external_id, a.address, a.provider_account, $2,
  a.agent_id, a.is_active, a.created_at
FROM json_populate_record(NULL::channel_account, $1) a
"""
_COLUMNS = "to_jsonb(a) || jsonb_build_object('secrets', translate(encode(a.secrets, 'base64'), E'\\n', ''))"
_GET = f"""
SELECT ({_COLUMNS})::text FROM channel_account a WHERE {WITHIN} AND id = $3
"""
_NAMED = f"SELECT ({_COLUMNS})::text AS found FROM find_channel_accounts($1, $2) a"


class PostgresChannelAccounts(ChannelAccounts):
    """Secrets are encrypted and bound to their row: the place is the table and the id."""

    def __init__(self, unit: Unit, cipher: Cipher) -> None:
        self._unit, self._cipher = unit, cipher

    async def add(self, account: ChannelAccount) -> None:
        sealed = self._cipher.seal(msgspec.json.encode(account.secrets), place=_place(account.id))
        await self._unit.connection.execute(_ADD, as_json(to_values(account, secrets=None)), sealed)

    async def get(self, scope: TenantScope, account_id: UUID) -> ChannelAccount:
        found = await self._unit.connection.fetchval(_GET, *scope_of(scope), account_id)
        if found is None:
            raise NotFound("no such channel account")
        return to_account(read(found), self._cipher)


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
