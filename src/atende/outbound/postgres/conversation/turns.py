"""Turns of conversations and the human queue in PostgreSQL."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.conversation.model import Handoff, Turn
from atende.core.conversation.ports import Handoffs, Turns
from atende.core.kernel import NotFound, TenantScope
from atende.outbound.postgres.base import Row, TenantColumns, to_entity, to_values, upsert


class TurnRow(TenantColumns, Row):
    __tablename__ = "turn"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID]
    from_seq: Mapped[int]
    to_seq: Mapped[int]
    state: Mapped[str]
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
        turn = await self._first(scope, TurnRow.id == turn_id)
        if turn is None:
            raise NotFound("no such turn")
        return turn

    async def open_in(self, scope: TenantScope, conversation_id: UUID) -> Turn | None:
        return await self._first(scope, TurnRow.conversation_id == conversation_id, TurnRow.state == "open")

    async def latest_in(self, scope: TenantScope, conversation_id: UUID) -> Turn | None:
        return await self._first(scope, TurnRow.conversation_id == conversation_id)

    async def _first(self, scope: TenantScope, *wanted: Any) -> Turn | None:
        query = (
            select(TurnRow)
            .where(TurnRow.tenant_id == scope.tenant_id, *wanted)
            .order_by(TurnRow.to_seq.desc())
            .limit(1)
        )
        row = await self._session.scalar(query.execution_options(populate_existing=True))
        return None if row is None else to_entity(row, Turn)

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
            .where(HandoffRow.tenant_id == scope.tenant_id, HandoffRow.conversation_id == conversation_id)
            .where(HandoffRow.settled_at.is_(None))
            .values(settled_at=func.now(), settled_by=by)
        )
