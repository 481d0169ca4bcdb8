"""Conversations in PostgreSQL."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import literal
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.conversation.model import Conversation
from atende.core.conversation.ports import Conversations
from atende.core.kernel import NotFound, Page, TenantScope
from atende.outbound.postgres.base import OwnedColumns, Row, to_entity, to_values, within
from atende.outbound.postgres.pages import newest_by_time
from atende.outbound.postgres.records import WITHIN, as_json, changes, entity, read, scope_of
from atende.outbound.postgres.unit import Unit


class ConversationRow(OwnedColumns, Row):
    __tablename__ = "conversation"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    channel_account_id: Mapped[UUID]
    contact_id: Mapped[UUID]
    contact_address: Mapped[str]
    contact_name: Mapped[str | None]
    agent_id: Mapped[UUID | None]
    language: Mapped[str | None]
    status: Mapped[str]
    attendance: Mapped[str]
    opted_out: Mapped[bool]
    last_seq: Mapped[int]
    answered_seq: Mapped[int]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    last_message_at: Mapped[datetime | None]
    last_customer_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None]
    closure: Mapped[dict[str, Any]] = mapped_column(JSONB)


_CHANGING = (
    "contact_name",
    "agent_id",
    "language",
    "status",
    "attendance",
    "opted_out",
    "last_seq",
    "answered_seq",
    "started_at",
    "last_message_at",
    "last_customer_at",
    "closed_at",
    "close_reason",
    "closure",
)
SAVE_CONVERSATION = (
    f"UPDATE conversation c SET {changes(_CHANGING, 'n')}"
    " FROM given, json_populate_record(NULL::conversation, given -> 'conversation') n"
    " WHERE c.organization_id = n.organization_id AND c.tenant_id = n.tenant_id AND c.id = n.id"
)
_SAVE = f"WITH given AS (SELECT $1::json AS given) {SAVE_CONVERSATION}"
_GET = f"SELECT to_json(c)::text FROM conversation c WHERE {WITHIN} AND id = $3"


class PostgresConversations(Conversations):
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def get(self, scope: TenantScope, conversation_id: UUID) -> Conversation:
        return await self._one(_GET, scope, conversation_id)

    async def lock(self, scope: TenantScope, conversation_id: UUID) -> Conversation:
        return await self._one(f"{_GET} FOR UPDATE", scope, conversation_id)

    async def _one(self, statement: str, scope: TenantScope, conversation_id: UUID) -> Conversation:
        given = (*scope_of(scope), conversation_id)
        found = await self._unit.connection.fetchval(statement, *given)
        if found is None:
            raise NotFound("no such conversation")
        return entity(read(found), Conversation)

    async def save(self, conversation: Conversation) -> None:
        await self._unit.connection.execute(_SAVE, as_json({"conversation": to_values(conversation)}))

    async def page(
        self,
        scope: TenantScope,
        *,
        page: int,
        limit: int,
        status: str | None = None,
        attendance: str | None = None,
        after: str | None = None,
    ) -> Page[Conversation]:
        wanted = within(ConversationRow, scope)
        if status:
            wanted.append(ConversationRow.status == status)
        if attendance:
            # Not a parameter: the index holds only what is not attended by the agent, and the planner must see that it fits.
            wanted.append(ConversationRow.attendance == literal(str(attendance), literal_execute=True))
        return await newest_by_time(
            self._unit.session,
            ConversationRow,
            ConversationRow.last_message_at,
            lambda row: to_entity(row, Conversation),
            *wanted,
            page=page,
            limit=limit,
            after=after,
        )
