"""Turns of conversations and the human queue in PostgreSQL."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from atende.core.conversation.model import Handoff, Message
from atende.core.conversation.ports import Handoffs, Turns
from atende.core.conversation.turns import Turn
from atende.core.kernel import NotFound, TenantScope
from atende.outbound.postgres.base import Row, TenantColumns, fresh, to_entity, to_values, upsert, within
from atende.outbound.postgres.conversation.conversations import MessageRow


class TurnRow(TenantColumns, Row):
    __tablename__ = "turn"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID]
    from_seq: Mapped[int]
    to_seq: Mapped[int]
    state: Mapped[str]
    silence: Mapped[str | None]
    hold_id: Mapped[UUID | None]
    discards: Mapped[int]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class HandoffRow(TenantColumns, Row):
    __tablename__ = "handoff"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID]
    message_id: Mapped[UUID | None]
    reason: Mapped[str]
    note: Mapped[str]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]


class PostgresTurns(Turns):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, scope: TenantScope, turn_id: UUID) -> Turn:
        query = select(TurnRow).where(*within(TurnRow, scope), TurnRow.id == turn_id)
        row = await self._session.scalar(fresh(query))
        if row is None:
            raise NotFound("no such turn")
        return to_entity(row, Turn)

    async def latest_in(self, scope: TenantScope, conversation_id: UUID) -> tuple[Turn | None, Message | None]:
        # The lock is inside, for an outer join cannot lock what it may not find.
        replies = select(MessageRow).where(MessageRow.tenant_id == TurnRow.tenant_id, MessageRow.turn_id == TurnRow.id)
        reply = aliased(MessageRow, replies.where(MessageRow.sender == "ai").with_for_update().lateral("reply"))
        query = (
            select(TurnRow, reply)
            .outerjoin(reply, true())
            .where(*within(TurnRow, scope), TurnRow.conversation_id == conversation_id)
            .order_by(TurnRow.to_seq.desc())
            .limit(1)
        )
        found = (await self._session.execute(fresh(query))).one_or_none()
        if found is None:
            return None, None
        turn, message = tuple[TurnRow, MessageRow | None](found)
        return to_entity(turn, Turn), None if message is None else to_entity(message, Message)

    async def save(self, scope: TenantScope, turn: Turn) -> None:
        await upsert(self._session, TurnRow, [to_values(turn, scope)])


class PostgresHandoffs(Handoffs):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, scope: TenantScope, handoff: Handoff) -> None:
        await self._session.execute(insert(HandoffRow).values(to_values(handoff, scope)))

    async def settle(self, scope: TenantScope, conversation_id: UUID, *, by: str) -> None:
        await self._session.execute(
            update(HandoffRow)
            .where(*within(HandoffRow, scope), HandoffRow.conversation_id == conversation_id)
            .where(HandoffRow.settled_at.is_(None))
            .values(settled_at=func.now(), settled_by=by)
        )
