"""Documents and their chunks in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, delete, func, insert, literal, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.kernel import NotFound, Page, TenantScope
from atende.core.knowledge.document import Chunk, Document, DocumentStatus
from atende.core.knowledge.ports import Documents, Stored
from atende.outbound.keyset import after_number
from atende.outbound.postgres.base import OwnedColumns, Row, TenantColumns, fresh, to_entity, to_values, within
from atende.outbound.postgres.pages import newest_by_time


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
    edition: Mapped[int]
    live_edition: Mapped[int | None]
    live_key: Mapped[str | None]
    cut: Mapped[int]
    embedded: Mapped[int]
    spent: Mapped[int] = mapped_column(BigInteger)
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
    edition: Mapped[int]
    index: Mapped[int]
    content: Mapped[str]
    tokens: Mapped[int]
    page: Mapped[int | None]
    start_at: Mapped[int]
    end_at: Mapped[int]
    carried: Mapped[int]


class PostgresDocuments(Documents):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, document: Document) -> None:
        await self._session.execute(insert(DocumentRow).values(to_values(document)))

    async def get(self, scope: TenantScope, document_id: UUID) -> Document:
        return await self._one(_kept(scope, document_id))

    async def lock(self, scope: TenantScope, document_id: UUID) -> Document:
        return await self._one(_kept(scope, document_id).with_for_update())

    async def deleted(self, scope: TenantScope, document_id: UUID) -> Document:
        return await self._one(_any(scope, document_id).where(DocumentRow.status == DocumentStatus.DELETED))

    async def _one(self, query: Select[Any]) -> Document:
        row = await self._session.scalar(fresh(query))
        if row is None:
            raise NotFound("no such document")
        return to_entity(row, Document)

    async def save(self, document: Document, chunks: Sequence[Chunk] | None = None) -> None:
        scope = document.scope
        if chunks is not None:
            await self.prune(document)
            if chunks:
                await self._session.execute(insert(ChunkRow), [to_values(chunk, scope) for chunk in chunks])
        await self._session.execute(
            update(DocumentRow)
            .where(DocumentRow.tenant_id == scope.tenant_id, DocumentRow.id == document.id)
            .values(to_values(document))
        )

    async def chunks(self, document: Document, *, edition: int, first: int, limit: int) -> list[Chunk]:
        query = select(ChunkRow).where(*_of_edition(document.scope, document.id, edition), ChunkRow.index >= first)
        rows = await self._session.scalars(query.order_by(ChunkRow.index).limit(limit))
        return [to_entity(row, Chunk) for row in rows]

    async def chunk_page(
        self, scope: TenantScope, document_id: UUID, *, page: int, limit: int, after: str | None = None
    ) -> Page[Chunk]:
        document = await self.get(scope, document_id)
        if document.live_edition is None:
            return Page([], page, limit, 0)
        first = (page - 1) * limit if after is None else after_number(after) + 1
        of_it = ChunkRow.document_id == document_id, ChunkRow.edition == document.live_edition
        query = select(ChunkRow).where(*within(ChunkRow, scope), *of_it, ChunkRow.index >= first)
        rows = list(await self._session.scalars(query.order_by(ChunkRow.index).limit(limit)))
        following = str(rows[-1].index) if rows and rows[-1].index + 1 < document.chunk_count else None
        return Page([to_entity(row, Chunk) for row in rows], page, limit, document.chunk_count, following)

    async def prune(self, document: Document) -> None:
        scope = document.scope
        # The search index counts words by tenant: whoever changes it waits for others, as `index` does.
        await self._session.execute(_LOCK, {"key": f"index:{scope.tenant_id}"})
        stale = ChunkRow.edition.is_distinct_from(document.live_edition)
        mine = ChunkRow.tenant_id == scope.tenant_id, ChunkRow.document_id == document.id
        await self._session.execute(delete(ChunkRow).where(*mine, stale))

    async def underway(self, scope: TenantScope) -> int:
        query = select(func.count()).select_from(DocumentRow).where(*within(DocumentRow, scope))
        return await self._session.scalar(query.where(DocumentRow.status.in_(_UNDERWAY))) or 0

    async def settled(self, scope: TenantScope, *, behind: UUID, limit: int) -> list[Document]:
        query = select(DocumentRow).where(*within(DocumentRow, scope), DocumentRow.id > behind)
        query = query.where(DocumentRow.status.not_in([*_UNDERWAY, DocumentStatus.DELETED]))
        query = query.order_by(DocumentRow.id).limit(limit).with_for_update()
        return [to_entity(row, Document) for row in await self._session.scalars(fresh(query))]

    async def count(self, scope: TenantScope) -> Stored:
        await self._session.execute(_LOCK, {"key": f"documents:{scope.organization_id}"})
        row = (await self._session.execute(_STORED)).one()
        return Stored(row.documents, row.bytes)

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


_UNDERWAY = (DocumentStatus.UPLOADED, DocumentStatus.PROCESSING)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
_STORED = text("SELECT documents, bytes FROM stored_documents()")


def _any(scope: TenantScope, document_id: UUID) -> Select[Any]:
    return select(DocumentRow).where(DocumentRow.id == document_id).where(*within(DocumentRow, scope))


def _kept(scope: TenantScope, document_id: UUID) -> Select[Any]:
    return _any(scope, document_id).where(DocumentRow.status != DocumentStatus.DELETED)


def _of_edition(scope: TenantScope, document_id: UUID, edition: int) -> tuple[ColumnElement[bool], ...]:
    return ChunkRow.tenant_id == scope.tenant_id, ChunkRow.document_id == document_id, ChunkRow.edition == edition
