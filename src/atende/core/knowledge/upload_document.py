"""Uploading a document."""

from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from atende.core.audit.model import Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.kernel import Clock, Ids, Owner, Transaction
from atende.core.knowledge.document import Document
from atende.core.knowledge.jobs import process_job
from atende.core.knowledge.ports import Agents, Blobs, Documents
from atende.core.knowledge.store_file import StoredFile, StoreFile
from atende.core.tenancy.model import ProjectNotActive
from atende.core.tenancy.plans import PlanLimitReached
from atende.core.tenancy.ports import Projects
from atende.core.work.idempotency import AlreadyApplied
from atende.core.work.ports import Jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadDocument:
    """Stores a file (PDF, DOCX, XLSX, CSV, Markdown, HTML, plain text, or an image) and reads it in the background; its status
    says when answers can quote it.

    The content decides the type, whatever the ending of the name; other types are refused. A document with an agent is quoted by
    that agent only. The plan limits the size of a file, the number of documents and the storage (403, `limit` says which).
    """

    store: StoreFile
    documents: Documents
    agents: Agents
    blobs: Blobs
    jobs: Jobs
    projects: Projects
    audit: AuditLog
    transaction: Transaction
    clock: Clock
    ids: Ids

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
        """`data` in pieces is never in memory as a whole.

        Raises Invalid, PlanLimitReached, NotFound (the agent) or ProjectNotActive.
        """
        if agent_id is not None:
            async with self.transaction(owner.scope):
                await self.agents.pick(owner.scope, agent_id)
        document_id = self.ids.new()
        file = await self.store(owner, document_id, filename=filename, data=data, agent_id=agent_id)
        try:
            document = Document(
                id=document_id,
                owner=owner,
                filename=file.name,
                file_type=file.file_type,
                mime_type=file.mime_type,
                size=file.size,
                sha256=file.sha256,
                blob_key=file.key,
                created_at=self.clock.now(),
                language=language,
                details=details or {},
                agent_id=agent_id,
            )
            await self._add(document, file)
        except (AlreadyApplied, ProjectNotActive, PlanLimitReached):
            await self.blobs.delete(file.key)
            raise
        return document

    async def _add(self, document: Document, file: StoredFile) -> None:
        """The file is there first: what the database knows of can be read. One that nothing refers to is removed again."""
        scope = document.scope
        async with self.transaction(scope):
            (await self.projects.pinned(scope)).require_active()
            await self.store.require_room(document.owner, await self.documents.count(scope), file, new=True)
            await self.audit.add(scope, _event(document))
            await self.documents.add(document)
            await self.jobs.put(scope, process_job(document))


def _event(document: Document) -> Event:
    new = snapshot(document, "filename", "file_type", "size", "sha256", "language", "agent_id")
    return Event(action="document.create", resource_type="document", resource_id=str(document.id), new=new)
