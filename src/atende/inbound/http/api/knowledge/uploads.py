"""Files of documents over HTTP."""

from collections.abc import AsyncIterator
from inspect import getdoc
from typing import Annotated, Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import FromPath, MultipartBody
from msgspec import Meta

from atende.core.identity.permissions import Permission
from atende.core.knowledge.change_document import ReplaceFile
from atende.core.knowledge.upload_document import UploadDocument
from atende.core.tenancy.model import Project
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.api.knowledge.documents import DocumentOut, document_out
from atende.inbound.http.errors import problems
from atende.inbound.http.wire.requests import BadBody, clean_text, readable_form, strict_json
from atende.inbound.http.wire.structs import In

PIECE = 256 * 1024


class UploadIn(In):
    """`metadata` is stored with the document."""

    example_fields = ("file", "metadata")
    file: UploadFile
    agent_id: UUID | None = None
    metadata: Annotated[str, Meta(description="A JSON object as text.")] | None = None


class FileIn(In):
    example_fields = ("file",)
    file: UploadFile


async def _form_with_file(request: Request[Any, Any, Any]) -> None:
    """Raises BadBody for other content types, which would else be reported as a missing field."""
    if request.content_type[0] != RequestEncodingType.MULTI_PART:
        raise BadBody("send multipart/form-data, with the file in the field `file`")
    await readable_form(request)


class UploadsController(ApiController):
    """Files of documents."""

    path = "/documents"
    tags = ("documents",)

    @post(
        "/upload",
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

    @put(
        "/{document_id:uuid}/file",
        permission=Permission.DOCUMENTS_UPDATE,
        before_request=_form_with_file,
        summary="Replace the file of a document",
        description=getdoc(ReplaceFile),
        response_description="The document, whose new version will be read in the background.",
        responses=problems(413, 422),
    )
    async def replace_document_file(
        self,
        document_id: FromPath[UUID],
        data: MultipartBody[FileIn],
        project: NamedDependency[Project],
        replace: FromDishka[ReplaceFile],
    ) -> DocumentOut:
        name = clean_text(data.file.filename, key="file")
        return document_out(await replace(project.owner, document_id, filename=name, data=_pieces(data.file)))


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    """The framework keeps the first megabyte in memory, and larger files on disk."""
    while piece := await file.read(PIECE):
        yield piece


def _details(metadata: str | None) -> dict[str, Any]:
    """Raises BadBody unless it is the text of a JSON object."""
    if not metadata:
        return {}
    details = strict_json(metadata, key="metadata")
    if not isinstance(details, dict):
        raise BadBody("metadata must be the text of a JSON object", key="metadata")
    return details
