"""Documents over HTTP."""

from collections.abc import AsyncIterator
from datetime import datetime
from inspect import getdoc
from typing import Annotated, Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import FromPath, MultipartBody, QueryParameter
from msgspec import Meta

from atende.core.identity.permissions import Permission
from atende.core.kernel import TenantScope, Transaction
from atende.core.knowledge.model import Document, DocumentStatus
from atende.core.knowledge.ports import Documents
from atende.core.knowledge.upload_document import UploadDocument
from atende.core.tenancy.model import Project
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.errors import problems
from atende.inbound.http.wire.pages import PageOut, PageRequest
from atende.inbound.http.wire.requests import BadBody, clean_text, readable_form, strict_json
from atende.inbound.http.wire.structs import In, Out

PIECE = 256 * 1024


class UploadIn(In):
    """`metadata` is stored with the document."""

    example_fields = ("file", "metadata")
    file: UploadFile
    agent_id: UUID | None = None
    metadata: Annotated[str, Meta(description="A JSON object as text.")] | None = None


class DocumentOut(Out):
    id: UUID
    project_id: UUID
    agent_id: UUID | None
    filename: str
    file_type: str
    mime_type: str
    file_size: Annotated[int, Meta(description="Bytes.")]
    status: DocumentStatus
    version: int
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


async def _form_with_file(request: Request[Any, Any, Any]) -> None:
    """Raises BadBody for other content types, which would else be reported as a missing field."""
    if request.content_type[0] != RequestEncodingType.MULTI_PART:
        raise BadBody("send multipart/form-data, with the file in the field `file`")
    await readable_form(request)


class UploadsController(ApiController):
    """Uploading documents."""

    path = "/documents/upload"
    tags = ("documents",)

    @post(
        permission=Permission.DOCUMENTS_CREATE,
        before_request=_form_with_file,
        summary="Upload a document",
        description=getdoc(UploadDocument),
        response_description="The document, which will be read in the background.",
        responses=problems(413, 422),
    )
    async def upload_document(
        self, data: MultipartBody[UploadIn], project: NamedDependency[Project], upload: FromDishka[UploadDocument]
    ) -> DocumentOut:
        document = await upload(
            project.owner,
            filename=clean_text(data.file.filename, key="file"),
            data=_pieces(data.file),
            language=project.language,
            details=_details(data.metadata),
            agent_id=data.agent_id,
        )
        return document_out(document)


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


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    """The framework keeps the first megabyte in memory, and larger files on disk."""
    while piece := await file.read(PIECE):
        yield piece


def document_out(document: Document) -> DocumentOut:
    return DocumentOut.of(
        document,
        project_id=document.owner.project_id,
        file_size=document.size,
        processing_error=document.error,
        metadata=document.details,
    )


def _details(metadata: str | None) -> dict[str, Any]:
    """Raises BadBody unless it is the text of a JSON object."""
    if not metadata:
        return {}
    details = strict_json(metadata, key="metadata")
    if not isinstance(details, dict):
        raise BadBody("metadata must be the text of a JSON object", key="metadata")
    return details
