"""Agents and documents in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, case, delete, insert, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.kernel import NotFound, Page, TenantScope
from atende.core.knowledge.model import Agent, Chunk, Document, DocumentStatus
from atende.core.knowledge.ports import Agents, Documents
from atende.outbound.postgres.base import OwnedColumns, Row, TenantColumns, to_entity, to_values, within
from atende.outbound.postgres.pages import newest_by_time


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


class DocumentRow(OwnedColumns, Row):
    __tablename__ = "document"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    agent_id: Mapped[UUID | None]
    filename: Mapped[str]
    file_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    blob_key: Mapped[str]
    status: Mapped[str]
    version: Mapped[int]
    chunk_count: Mapped[int]
    language: Mapped[str]
    error: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    notes: Mapped[list[str]] = mapped_column(JSONB)
    mime_type: Mapped[str]
    created_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]
    hold_id: Mapped[UUID | None]


class ChunkRow(TenantColumns, Row):
    __tablename__ = "chunk"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID]
    version: Mapped[int]
    index: Mapped[int]
    content: Mapped[str]
    tokens: Mapped[int]
    page: Mapped[int | None]
    start_at: Mapped[int]
    end_at: Mapped[int]
    carried: Mapped[int]


class PostgresAgents(Agents):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, agent: Agent) -> None:
        await self._session.execute(insert(AgentRow).values(to_values(agent)))

    async def pick(self, scope: TenantScope, agent_id: UUID | None = None) -> Agent | None:
        query = select(AgentRow).where(AgentRow.tenant_id == scope.tenant_id)
        if agent_id is not None:
            query = query.where(AgentRow.id == agent_id)
        else:
            query = (
                query.where(AgentRow.is_active)
                .order_by(case((AgentRow.is_default, 0), else_=1), AgentRow.created_at)
                .limit(1)
            )
        row = await self._session.scalar(query)
        if row is None and agent_id is not None:
            raise NotFound("no such agent")
        return None if row is None else to_entity(row, Agent)


class PostgresDocuments(Documents):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, document: Document) -> None:
        await self._session.execute(insert(DocumentRow).values(to_values(document)))

    async def get(self, scope: TenantScope, document_id: UUID) -> Document:
        row = await self._session.scalar(
            select(DocumentRow)
            .where(DocumentRow.id == document_id, DocumentRow.status != DocumentStatus.DELETED)
            .where(*within(DocumentRow, scope))
        )
        if row is None:
            raise NotFound("no such document")
        return to_entity(row, Document)

    async def save(self, document: Document, chunks: Sequence[Chunk] | None = None) -> None:
        scope = document.owner.scope
        if chunks is not None:
            version = (
                ChunkRow.tenant_id == scope.tenant_id,
                ChunkRow.document_id == document.id,
                ChunkRow.version == document.version,
            )
            await self._session.execute(delete(ChunkRow).where(*version))
            if chunks:
                await self._session.execute(insert(ChunkRow), [to_values(chunk, scope) for chunk in chunks])
        await self._session.execute(
            update(DocumentRow)
            .where(DocumentRow.tenant_id == scope.tenant_id, DocumentRow.id == document.id)
            .values(to_values(document))
        )

    async def page(
        self,
        scope: TenantScope,
        *,
        page: int,
        limit: int,
        status: DocumentStatus | None = None,
        agent_id: UUID | None = None,
        after: str | None = None,
    ) -> Page[Document]:
        kept = DocumentRow.status != literal(str(DocumentStatus.DELETED), literal_execute=True)  # as the index says it
        wanted: list[Any] = [DocumentRow.status == status if status else kept]
        if agent_id is not None:
            wanted.append(DocumentRow.agent_id == agent_id)
        return await newest_by_time(
            self._session,
            DocumentRow,
            DocumentRow.created_at,
            lambda row: to_entity(row, Document),
            *within(DocumentRow, scope),
            *wanted,
            page=page,
            limit=limit,
            after=after,
        )
