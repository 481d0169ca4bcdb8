"""Changing a document: a new version of its file, reading it again, deleting it."""

from collections.abc import AsyncIterable
from dataclasses import dataclass
from uuid import UUID

from atende.core.audit.model import Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.kernel import NotFound, Owner, TenantScope, Transaction
from atende.core.knowledge.document import Document
from atende.core.knowledge.end_attempt import EndAttempt
from atende.core.knowledge.jobs import process_job, purge_job
from atende.core.knowledge.ports import Blobs, Documents, Passages, SearchIndexes, Stored
from atende.core.knowledge.store_file import StoredFile, StoreFile, document_folder
from atende.core.tenancy.model import ProjectNotActive
from atende.core.tenancy.plans import PlanLimitReached
from atende.core.tenancy.ports import Projects
from atende.core.work.idempotency import AlreadyApplied
from atende.core.work.model import Claim
from atende.core.work.ports import Jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceFile:
    """Gives a document a new version of its file. Answers quote the old version until the new one has been read and is complete;
    if it cannot be read, they go on to quote the old one.
    """

    store: StoreFile
    documents: Documents
    blobs: Blobs
    jobs: Jobs
    projects: Projects
    end: EndAttempt
    audit: AuditLog
    transaction: Transaction

    async def __call__(
        self, owner: Owner, document_id: UUID, *, filename: str, data: bytes | AsyncIterable[bytes]
    ) -> Document:
        """Raises Invalid, PlanLimitReached, NotFound or ProjectNotActive."""
        async with self.transaction(owner.scope):
            await self.documents.get(owner.scope, document_id)
        file = await self.store(owner, document_id, filename=filename, data=data)
        try:
            document, replaced = await self._replace(owner, document_id, file)
        except (AlreadyApplied, ProjectNotActive, PlanLimitReached, NotFound):
            await self.blobs.delete(file.key)
            raise
        if replaced is not None:
            await self.blobs.delete(replaced)
        return document

    async def _replace(self, owner: Owner, document_id: UUID, file: StoredFile) -> tuple[Document, str | None]:
        scope = owner.scope
        async with self.transaction(scope):
            (await self.projects.pinned(scope)).require_active()
            stored = await self.documents.count(scope)
            document = await self.documents.lock(scope, document_id)
            others = Stored(stored.documents, stored.bytes - document.size)
            await self.store.require_room(owner, others, file, new=False)
            await self.end.release(document)  # the edition that was being made is not wanted any more
            before = snapshot(document, *_FILE)
            replaced = document.replace(
                file_type=file.file_type,
                mime_type=file.mime_type,
                size=file.size,
                sha256=file.sha256,
                blob_key=file.key,
            )
            await self.audit.add(scope, _event("document.replace", document, old=before))
            await self.documents.save(document)
            await self.jobs.put(scope, process_job(document))
            return document, replaced


@dataclass(frozen=True, slots=True, kw_only=True)
class ReprocessDocument:
    """Reads the file of a document again, embeds it and puts it in the place of what is searched, all at once. The version stays.
    It costs as much as a new document. While it is underway, nothing is queued twice.
    """

    documents: Documents
    jobs: Jobs
    projects: Projects
    audit: AuditLog
    transaction: Transaction

    async def __call__(self, scope: TenantScope, document_id: UUID) -> Document:
        """Raises NotFound or ProjectNotActive."""
        async with self.transaction(scope):
            (await self.projects.pinned(scope)).require_active()
            document = await self.documents.lock(scope, document_id)
            if not document.is_underway:
                document.queue()
                await self.audit.add(scope, _event("document.process", document))
                await self.documents.save(document)
                await self.jobs.put(scope, process_job(document))
            return document


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteDocument:
    """Deletes a document: nothing quotes it from now on. Its file and chunks are removed in the background."""

    documents: Documents
    jobs: Jobs
    projects: Projects
    end: EndAttempt
    audit: AuditLog
    transaction: Transaction

    async def __call__(self, scope: TenantScope, document_id: UUID) -> None:
        """Raises NotFound or ProjectNotActive."""
        async with self.transaction(scope):
            (await self.projects.pinned(scope)).require_active()
            document = await self.documents.lock(scope, document_id)
            await self.end.release(document)
            document.delete()
            await self.audit.add(scope, _event("document.delete", document))
            await self.documents.save(document)
            await self.jobs.put(scope, purge_job(document))


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeDocument:
    """Removes what a deleted document left: the entries of the search index, its chunks, its files."""

    documents: Documents
    passages: Passages
    search_indexes: SearchIndexes
    blobs: Blobs
    jobs: Jobs
    projects: Projects
    transaction: Transaction

    async def __call__(self, claim: Claim) -> None:
        scope, document_id = claim.scope, claim.id("document_id")
        async with self.transaction(scope):
            document = await self.documents.deleted(scope, document_id)
            index = await self.search_indexes.find(scope)
        await self.passages.remove(scope, document_id)
        for space in index.spaces if index else ():
            await self.passages.of(space).remove(scope, document_id)
        await self.blobs.delete_folder(document_folder(document.owner, document_id))
        await self.blobs.delete(document.blob_key)
        async with self.transaction(scope):
            await self.jobs.finish(claim)
            await self.documents.prune(document)


_FILE = ("version", "file_type", "size", "sha256")


def _event(action: str, document: Document, old: dict[str, object] | None = None) -> Event:
    return Event(
        action=action,
        resource_type="document",
        resource_id=str(document.id),
        old=old or {},
        new=snapshot(document, "filename", *_FILE),
    )
