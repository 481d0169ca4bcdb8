"""Documents over HTTP."""

from datetime import datetime
from enum import StrEnum
from inspect import getdoc
from typing import Annotated, Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from msgspec import Meta

from atende.core.identity.permissions import Permission
from atende.core.identity.principal import Principal
from atende.core.kernel import TenantScope, Transaction
from atende.core.knowledge.change_document import DeleteDocument, ReprocessDocument
from atende.core.knowledge.document import Document, DocumentStatus
from atende.core.knowledge.ports import Documents
from atende.core.knowledge.reindex_documents import ReindexDocuments
from atende.core.tenancy.model import Project
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.errors import problems
from atende.inbound.http.wire.pages import PageOut, PageRequest
from atende.inbound.http.wire.structs import Out

CallerRequest = Request[Principal, Any, Any]


class Stage(StrEnum):
    WAITING = "waiting"
    READING = "reading"
    EMBEDDING = "embedding"


class ProgressOut(Out):
    """Of what is underway. `done` of `total` chunks are embedded; both are 0 until the file has been read."""

    stage: Stage
    done: int
    total: int


class DocumentOut(Out):
    id: UUID
    project_id: UUID
    agent_id: UUID | None
    filename: str
    file_type: str
    mime_type: str
    file_size: Annotated[int, Meta(description="Bytes.")]
    status: DocumentStatus
    version: Annotated[int, Meta(description="Rises with each new file.")]
    searchable: Annotated[bool, Meta(description="Whether answers can quote it, perhaps in its last version.")]
    progress: Annotated[ProgressOut, Meta(description="Null when nothing is underway.")] | None
    chunk_count: int
    language: str
    processing_error: (
        Annotated[str, Meta(description="Why the file could not be read, with the status `failed`.")] | None
    )
    notes: Annotated[
        list[str],
        Meta(description="What was noticed while reading, such as pages without text or text that was left out."),
    ]
    metadata: dict[str, Any]
    created_at: datetime
    processed_at: datetime | None


class ChunkOut(Out):
    """A part of the text that is searched and cited as a unit. The text from `startAt` to `endAt` stands behind `carried`
    characters, which repeat a heading, the first row of a table or the first line of a list.
    """

    id: UUID
    version: int
    index: int
    content: str
    tokens: int
    page: Annotated[int, Meta(description="From 1; null if the file has no pages.")] | None
    start_at: int
    end_at: int
    carried: int


class DocumentsController(ApiController):
    """Documents."""

    path = "/documents"
    tags = ("documents",)

    @get(
        permission=Permission.DOCUMENTS_READ,
        summary="List documents",
        description="Newest first, without deleted ones.",
        response_description="One page of documents.",
    )
    async def list_documents(
        self,
        read_scope: NamedDependency[TenantScope],
        documents: FromDishka[Documents],
        transaction: FromDishka[Transaction],
        page_request: NamedDependency[PageRequest],
        status: Annotated[DocumentStatus | None, QueryParameter(description="Only documents in this state.")] = None,
        agent: Annotated[
            UUID | None, QueryParameter(name="agentId", description="Only documents that belong to this agent.")
        ] = None,
    ) -> PageOut[DocumentOut]:
        async with transaction(read_scope):
            found = await documents.page(
                read_scope,
                **page_request.arguments,
                status=status,
                agent_id=agent,
            )
        return page_request.respond(found, document_out)

    @get(
        "/{document_id:uuid}",
        permission=Permission.DOCUMENTS_READ,
        summary="Get a document",
        description="Its metadata and status. Answers can quote it once the status is `processed`.",
        response_description="The document.",
    )
    async def get_document(
        self,
        document_id: FromPath[UUID],
        read_scope: NamedDependency[TenantScope],
        documents: FromDishka[Documents],
        transaction: FromDishka[Transaction],
    ) -> DocumentOut:
        async with transaction(read_scope):
            return document_out(await documents.get(read_scope, document_id))

    @get(
        "/{document_id:uuid}/chunks",
        permission=Permission.DOCUMENTS_READ,
        summary="List the chunks of a document",
        description="What answers can quote of it, in order. Empty until it has been processed for the first time.",
        response_description="One page of chunks.",
    )
    async def list_document_chunks(
        self,
        document_id: FromPath[UUID],
        read_scope: NamedDependency[TenantScope],
        documents: FromDishka[Documents],
        transaction: FromDishka[Transaction],
        page_request: NamedDependency[PageRequest],
    ) -> PageOut[ChunkOut]:
        async with transaction(read_scope):
            found = await documents.chunk_page(read_scope, document_id, **page_request.arguments)
        return page_request.respond(found, ChunkOut.of)

    @post(
        "/{document_id:uuid}/process",
        status_code=202,
        permission=Permission.DOCUMENTS_UPDATE,
        summary="Process a document again",
        description=getdoc(ReprocessDocument),
        response_description="The document, which will be read in the background.",
        responses=problems(422),
    )
    async def process_document(
        self,
        document_id: FromPath[UUID],
        project: NamedDependency[Project],
        reprocess: FromDishka[ReprocessDocument],
    ) -> DocumentOut:
        return document_out(await reprocess(project.owner.scope, document_id))

    @post(
        "/reindex",
        status_code=202,
        permission=Permission.DOCUMENTS_UPDATE,
        summary="Process all documents again",
        description=getdoc(ReindexDocuments),
        response_description="It has been queued.",
        responses=problems(422),
    )
    async def reindex_documents(
        self, request: CallerRequest, project: NamedDependency[Project], reindex: FromDishka[ReindexDocuments]
    ) -> None:
        await reindex(project.owner.scope, asked_by=request.user.maker)

    @delete(
        "/{document_id:uuid}",
        permission=Permission.DOCUMENTS_DELETE,
        summary="Delete a document",
        description=getdoc(DeleteDocument),
        response_description="It is deleted.",
    )
    async def delete_document(
        self, document_id: FromPath[UUID], project: NamedDependency[Project], delete_one: FromDishka[DeleteDocument]
    ) -> None:
        await delete_one(project.owner.scope, document_id)


def document_out(document: Document) -> DocumentOut:
    return DocumentOut.of(
        document,
        project_id=document.owner.project_id,
        file_size=document.size,
        searchable=document.live_edition is not None,
        progress=_progress(document),
        processing_error=document.error,
        metadata=document.details,
    )


def _progress(document: Document) -> ProgressOut | None:
    if not document.is_underway:
        return None
    if document.status is DocumentStatus.UPLOADED:
        return ProgressOut(stage=Stage.WAITING, done=0, total=0)
    stage = Stage.EMBEDDING if document.cut else Stage.READING
    return ProgressOut(stage=stage, done=document.embedded, total=document.cut)
