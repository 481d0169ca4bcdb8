"""Uploading a document."""

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from atende.core.audit.model import Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.kernel import Clock, Ids, Invalid, Owner, Transaction
from atende.core.knowledge.filetypes import detect
from atende.core.knowledge.model import Document
from atende.core.knowledge.ports import Agents, Blobs, Documents
from atende.core.knowledge.process_document import PROCESS_DOCUMENT
from atende.core.tenancy.model import ProjectNotActive
from atende.core.tenancy.ports import Projects
from atende.core.work.idempotency import AlreadyApplied
from atende.core.work.model import NewJob
from atende.core.work.ports import Jobs

_BEGINNING = 256 * 1024
"""Bytes that tell what a file is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPolicy:
    """`largest_bytes`: larger files are refused."""

    largest_bytes: int = 25 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadDocument:
    """Stores a file (PDF, DOCX, XLSX, CSV, Markdown, HTML, plain text, or an image) and reads it in the background; its status
    says when answers can quote it.

    The content decides the type, whatever the ending of the name; other types are refused. A document with an agent is quoted by
    that agent only.
    """

    documents: Documents
    agents: Agents
    blobs: Blobs
    jobs: Jobs
    projects: Projects
    audit: AuditLog
    transaction: Transaction
    clock: Clock
    ids: Ids
    policy: UploadPolicy

    async def __call__(
        self,
        owner: Owner,
        *,
        filename: str,
        data: bytes | AsyncIterable[bytes],
        language: str = "pt",
        details: dict[str, Any] | None = None,
        agent_id: UUID | None = None,
    ) -> Document:
        """`data` in pieces is never in memory as a whole. Raises Invalid, NotFound (the agent) or ProjectNotActive."""
        name = filename.replace("\\", "/").rsplit("/", 1)[-1].strip()
        measured = _Measured(data, most=self.policy.largest_bytes)
        file_type, mime_type = detect(await measured.beginning(), name, is_whole=measured.is_read)
        if agent_id is not None:
            async with self.transaction(owner.scope):
                await self.agents.pick(owner.scope, agent_id)
        document_id = self.ids.new()
        document = Document(
            id=document_id,
            owner=owner,
            filename=name,
            file_type=file_type,
            mime_type=mime_type,
            size=0,
            sha256="",
            blob_key=blob_key(owner, document_id),
            created_at=self.clock.now(),
            language=language,
            details=details or {},
            agent_id=agent_id,
        )
        await self.blobs.put(
            document.blob_key, measured.pieces(), content_type=document.mime_type, labels=_labels(document)
        )
        document.size, document.sha256 = measured.size, measured.sha256
        await self._store(document)
        return document

    async def _store(self, document: Document) -> None:
        """The file is there first: what the database knows of can be read. One that nothing refers to is removed again."""
        scope = document.owner.scope
        job = NewJob(kind=PROCESS_DOCUMENT, payload={"document_id": str(document.id)})
        try:
            async with self.transaction(scope):
                (await self.projects.pinned(scope)).require_active()
                await self.audit.add(scope, _event(document))
                await self.documents.add(document)
                await self.jobs.put(scope, job)
        except (AlreadyApplied, ProjectNotActive):
            await self.blobs.delete(document.blob_key)
            raise


class _Measured:
    """Counts and hashes data while it is stored. Empty or too much data breaks the storing off, which then leaves nothing."""

    def __init__(self, data: bytes | AsyncIterable[bytes], *, most: int) -> None:
        self._rest = aiter(_whole(data) if isinstance(data, bytes) else data)
        self._read: list[bytes] = []
        self._most = most
        self._hash = hashlib.sha256()
        self.size = 0
        self.is_read = False

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def beginning(self) -> bytes:
        """Enough of the data to tell what it is. `is_read` says whether that is all."""
        enough = min(_BEGINNING, self._most)
        while not self.is_read and sum(map(len, self._read)) <= enough:
            piece = await anext(self._rest, None)
            self.is_read = piece is None
            self._read += [] if piece is None else [piece]
        return b"".join(self._read)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Raises Invalid."""
        async for piece in self._all():
            self.size += len(piece)
            if self.size > self._most:
                raise Invalid(f"this file has more than {self._most} bytes: send at most so many")
            await asyncio.to_thread(self._hash.update, piece)
            yield piece
        if not self.size:
            raise Invalid("this file is empty")

    async def _all(self) -> AsyncIterator[bytes]:
        for piece in self._read:
            yield piece
        async for piece in self._rest:
            yield piece


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _labels(document: Document) -> dict[str, str]:
    labels = {"organization-id": str(document.owner.organization_id), "document-id": str(document.id)}
    return labels | ({"agent-id": str(document.agent_id)} if document.agent_id else {})


def blob_folder(owner: Owner) -> str:
    """Prefix of the keys of all blobs of a tenant."""
    return f"t/{owner.tenant_id}"


def blob_key(owner: Owner, document_id: UUID) -> str:
    return f"{blob_folder(owner)}/documents/{document_id}"


def _event(document: Document) -> Event:
    new = snapshot(document, "filename", "file_type", "size", "sha256", "language", "agent_id")
    return Event(action="document.create", resource_type="document", resource_id=str(document.id), new=new)
