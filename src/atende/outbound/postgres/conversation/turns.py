"""Turns of conversations and the human queue in PostgreSQL."""

from uuid import UUID

from atende.core.conversation.model import Handoff, Message
from atende.core.conversation.ports import Handoffs, Turns
from atende.core.conversation.turns import Turn
from atende.core.kernel import NotFound, TenantScope
from atende.outbound.postgres.base import to_values
from atende.outbound.postgres.records import WITHIN, as_json, changes, entity, read, scope_of
from atende.outbound.postgres.unit import Unit

_CHANGING = ("to_seq", "state", "silence", "hold_id", "discards", "error", "finished_at")
SAVE_TURN = (
    "INSERT INTO turn SELECT t.* FROM given, json_populate_record(NULL::turn, given -> 'turn') t"
    f" ON CONFLICT (id) DO UPDATE SET {changes(_CHANGING, 'excluded')}"
)
_SAVE = f"WITH given AS (SELECT $1::json AS given) {SAVE_TURN}"
_GET = f"SELECT to_json(t)::text FROM turn t WHERE {WITHIN} AND id = $3"
_LATEST = """
SELECT json_build_object('turn', t, 'reply', reply)::text
FROM (SELECT * FROM turn WHERE organization_id = $1 AND tenant_id = $2 AND conversation_id = $3 ORDER BY to_seq DESC LIMIT 1) t
LEFT JOIN LATERAL (
  SELECT to_json(m) AS reply FROM message m
  WHERE m.tenant_id = t.tenant_id AND m.turn_id = t.id AND m.sender = 'ai' FOR UPDATE) r ON true
"""
_ADD_HANDOFF = "INSERT INTO handoff SELECT h.* FROM json_populate_record(NULL::handoff, $1) h"
_SETTLE = f"""
UPDATE handoff SET settled_at = now(), settled_by = $4 WHERE {WITHIN} AND conversation_id = $3 AND settled_at IS NULL
"""


class PostgresTurns(Turns):
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def get(self, scope: TenantScope, turn_id: UUID) -> Turn:
        found = await self._unit.connection.fetchval(_GET, *scope_of(scope), turn_id)
        if found is None:
            raise NotFound("no such turn")
        return entity(read(found), Turn)

    async def latest_in(self, scope: TenantScope, conversation_id: UUID) -> tuple[Turn | None, Message | None]:
        found = await self._unit.connection.fetchval(_LATEST, *scope_of(scope), conversation_id)
        if found is None:
            return None, None
        both = read(found)
        reply = both["reply"]
        return entity(both["turn"], Turn), None if reply is None else entity(reply, Message)

    async def save(self, scope: TenantScope, turn: Turn) -> None:
        await self._unit.connection.execute(_SAVE, as_json({"turn": to_values(turn, scope)}))


class PostgresHandoffs(Handoffs):
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def add(self, scope: TenantScope, handoff: Handoff) -> None:
        await self._unit.connection.execute(_ADD_HANDOFF, as_json(to_values(handoff, scope)))

    async def settle(self, scope: TenantScope, conversation_id: UUID, *, by: str) -> None:
        await self._unit.connection.execute(_SETTLE, *scope_of(scope), conversation_id, by)
