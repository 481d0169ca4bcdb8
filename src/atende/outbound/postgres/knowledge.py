"""Agents, documents, answers and model calls in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Insert, case, delete, insert, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.kernel import NotFound, Page, TenantScope
from atende.core.knowledge.model import Agent, Answer, Chunk, Document, DocumentStatus, ModelCall
from atende.core.knowledge.ports import Agents, Answers, Documents, ModelCalls
from atende.outbound.postgres.base import OwnedColumns, Row, TenantColumns, to_entity, to_values, upsert, within
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


class AnswerRow(OwnedColumns, Row):
    __tablename__ = "answer"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    turn_id: Mapped[UUID | None]
    question: Mapped[str]
    text: Mapped[str]
    outcome: Mapped[str]
    model: Mapped[str]
    tokens: Mapped[int]
    cost: Mapped[int] = mapped_column(BigInteger)
    processing_ms: Mapped[int]
    sentences: Mapped[list[Any]] = mapped_column(JSONB)
    passages: Mapped[list[Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]


class CitationRow(TenantColumns, Row):
    __tablename__ = "citation"
    answer_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    chunk_id: Mapped[UUID]
    document_id: Mapped[UUID]
    version: Mapped[int]
    page: Mapped[int | None]
    start_at: Mapped[int]
    end_at: Mapped[int]
    quote: Mapped[str]


class ModelCallRow(OwnedColumns, Row):
    __tablename__ = "model_call"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    provider: Mapped[str]
    model: Mapped[str]
    state: Mapped[str]
    turn_id: Mapped[UUID | None]
    answer_id: Mapped[UUID | None]
    tokens_in: Mapped[int]
    tokens_out: Mapped[int]
    estimated: Mapped[bool]
    cost: Mapped[int] = mapped_column(BigInteger)
    error: Mapped[str | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


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


class PostgresAnswers(Answers):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, answer: Answer) -> None:
        for statement in answer_inserts(answer):
            await self._session.execute(statement)

    async def get(self, scope: TenantScope, answer_id: UUID) -> Answer:
        row = await self._session.scalar(select(AnswerRow).where(AnswerRow.id == answer_id, *within(AnswerRow, scope)))
        if row is None:
            raise NotFound("no such answer")
        return to_entity(row, Answer)


def answer_inserts(answer: Answer) -> list[Insert]:
    """The answer, then its citations if it has any."""
    values = to_values(
        answer, sentences=msgspec.to_builtins(answer.sentences), passages=msgspec.to_builtins(answer.passages)
    )
    scope = answer.owner.scope
    citations = [
        {
            "organization_id": scope.organization_id,
            "tenant_id": scope.tenant_id,
            "answer_id": answer.id,
            "position": position,
            "chunk_id": citation.chunk_id,
            "document_id": citation.document_id,
            "version": citation.version,
            "page": citation.page,
            "start_at": citation.start,
            "end_at": citation.end,
            "quote": citation.quote,
        }
        for position, citation in enumerate(c for sentence in answer.sentences for c in sentence.citations)
    ]
    return [insert(AnswerRow).values(values)] + ([insert(CitationRow).values(citations)] if citations else [])


class PostgresModelCalls(ModelCalls):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def save(self, calls: Sequence[ModelCall]) -> None:
        await upsert(self._session, ModelCallRow, [to_values(call) for call in calls])
