"""Agents in PostgreSQL."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import case, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.kernel import NotFound, TenantScope
from atende.core.knowledge.model import Agent
from atende.core.knowledge.ports import Agents
from atende.outbound.postgres.base import OwnedColumns, Row, to_entity, to_values


class AgentRow(OwnedColumns, Row):
    __tablename__ = "agent"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    system_prompt: Mapped[str | None]
    model: Mapped[str | None]
    temperature: Mapped[float]
    max_tokens: Mapped[int]
    is_default: Mapped[bool]
    is_active: Mapped[bool]
    created_at: Mapped[datetime]


_DEFAULT_FIRST = (case((AgentRow.is_default, 0), else_=1), AgentRow.created_at)


class PostgresAgents(Agents):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, agent: Agent) -> None:
        await self._session.execute(insert(AgentRow).values(to_values(agent)))

    async def active(self, scope: TenantScope, *, limit: int) -> list[Agent]:
        query = select(AgentRow).where(AgentRow.tenant_id == scope.tenant_id, AgentRow.is_active)
        found = await self._session.scalars(query.order_by(*_DEFAULT_FIRST).limit(limit))
        return [to_entity(row, Agent) for row in found]

    async def pick(self, scope: TenantScope, agent_id: UUID | None = None) -> Agent | None:
        query = select(AgentRow).where(AgentRow.tenant_id == scope.tenant_id)
        if agent_id is not None:
            query = query.where(AgentRow.id == agent_id)
        else:
            query = query.where(AgentRow.is_active).order_by(*_DEFAULT_FIRST).limit(1)
        row = await self._session.scalar(query)
        if row is None and agent_id is not None:
            raise NotFound("no such agent")
        return None if row is None else to_entity(row, Agent)
