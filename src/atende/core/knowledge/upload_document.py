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
from atende.core.knowledge.model import FILE_TYPES, Document
from atende.core.knowledge.ports import Agents, Blobs, Documents
from atende.core.knowledge.process_document import PROCESS_DOCUMENT
from atende.core.tenancy.model import ProjectNotActive
from atende.core.tenancy.ports import Projects
from atende.core.work.idempotency import AlreadyApplied
from atende.core.work.model import NewJob
from atende.core.work.ports import Jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPolicy:
    """`largest_bytes`: larger files are refused."""

    largest_bytes: int = 25 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadDocument:
    """Stores a file (PDF, Markdown or plain text) and reads it in the background; its status says when answers can quote it.

    The ending of the file name decides the type, which is checked when the file is read. A document with an agent is quoted
    by that agent only.
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
        if agent_id is not None:
            async with self.transaction(owner.scope):
                await self.agents.pick(owner.scope, agent_id)
        document_id = self.ids.new()
        document = Document(
            id=document_id,
            owner=owner,
            filename=name,
            file_type=_file_type(name),
            size=0,
            sha256="",
            blob_key=blob_key(owner, document_id),
            created_at=self.clock.now(),
            language=language,
            details=details or {},
            agent_id=agent_id,
        )
        measured = _Measured(data, most=self.policy.largest_bytes)
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
        self._data, self._most = data, most
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Raises Invalid."""
        async for piece in _whole(self._data) if isinstance(self._data, bytes) else self._data:
            self.size += len(piece)
            if self.size > self._most:
                raise Invalid(f"this file has more than {self._most} bytes: send at most so many")
            await asyncio.to_thread(self._hash.update, piece)
            yield piece
        if not self.size:
            raise Invalid("this file is empty")


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


def _file_type(filename: str) -> str:
    ending = filename.rsplit(".", 1)[-1].lower() if "." in filename else ""
    ending = {"markdown": "md", "text": "txt"}.get(ending, ending)
    if ending not in FILE_TYPES:
        raise Invalid(f"files ending in .{ending} are not supported: send one of {', '.join(FILE_TYPES)}")
    return ending
