"""Messages of conversations in PostgreSQL."""

from uuid import UUID

from atende.core.conversation.model import Message
from atende.core.conversation.ports import Messages
from atende.core.kernel import NotFound, TenantScope
from atende.outbound.postgres.base import to_values
from atende.outbound.postgres.records import WITHIN, as_json, changes, entity, read, scope_of
from atende.outbound.postgres.unit import Unit

_CHANGING = (
    "text",
    "delivery",
    "provider_message_id",
    "provider_at",
    "turn_id",
    "answer_id",
    "attempts",
    "sending_at",
    "sent_at",
    "error",
)
SAVE_MESSAGES = (
    "INSERT INTO message SELECT m.* FROM given, json_populate_recordset(NULL::message, given -> 'messages') m"
    f" ON CONFLICT (id) DO UPDATE SET {changes(_CHANGING, 'excluded')}"
)
_SAVE = f"""
WITH given AS (
  SELECT json_build_object('messages', jsonb_build_array($1::jsonb || jsonb_build_object('channel_account_id', (
    SELECT channel_account_id FROM conversation WHERE organization_id = $2 AND tenant_id = $3 AND id = $4)))) AS given
)
{SAVE_MESSAGES}
"""
_GET = f"SELECT to_json(m)::text FROM message m WHERE {WITHIN} AND id = $3"
_OF = f"""
SELECT coalesce(json_agg(found), '[]')::text FROM (
  SELECT * FROM message m WHERE m.organization_id = $1 AND m.seq > $4 AND m.conversation_id = $3
    AND m.tenant_id = (SELECT tenant_id FROM conversation WHERE {WITHIN} AND id = $3)
  ORDER BY m.seq {{order}} LIMIT $5) found
"""
_NEWEST, _OLDEST = _OF.format(order="DESC"), _OF.format(order="ASC")
MOST = 1_000


class PostgresMessages(Messages):
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def save(self, scope: TenantScope, message: Message) -> None:
        given = as_json(to_values(message, scope))
        await self._unit.connection.execute(_SAVE, given, *scope_of(scope), message.conversation_id)

    async def get(self, scope: TenantScope, message_id: UUID) -> Message:
        return await self._one(_GET, scope, message_id)

    async def lock(self, scope: TenantScope, message_id: UUID) -> Message:
        return await self._one(f"{_GET} FOR UPDATE", scope, message_id)

    async def _one(self, statement: str, scope: TenantScope, message_id: UUID) -> Message:
        found = await self._unit.connection.fetchval(statement, *scope_of(scope), message_id)
        if found is None:
            raise NotFound("no such message")
        return entity(read(found), Message)

    async def of(
        self,
        scope: TenantScope,
        conversation_id: UUID,
        *,
        after_seq: int = 0,
        last: int | None = None,
        first: int | None = None,
    ) -> list[Message]:
        given = (*scope_of(scope), conversation_id, after_seq)
        if first is not None:
            rows = read(await self._unit.connection.fetchval(_OLDEST, *given, first))
        else:
            rows = list(reversed(read(await self._unit.connection.fetchval(_NEWEST, *given, last or MOST))))
        return [entity(row, Message) for row in rows]
