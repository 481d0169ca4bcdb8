"""Reading a stored file and cutting it into chunks."""

import asyncio
from dataclasses import dataclass

from atende.core.audit.model import Event
from atende.core.audit.ports import AuditLog
from atende.core.kernel import Clock, Ids, NotFound, Transaction
from atende.core.knowledge.chunking import chunk
from atende.core.knowledge.document import Chunk, Document, InfectedDocument, UnreadableDocument
from atende.core.knowledge.end_attempt import EndAttempt
from atende.core.knowledge.extracted import Extracted
from atende.core.knowledge.filetypes import ending_note
from atende.core.knowledge.jobs import embed_job
from atende.core.knowledge.ports import Blobs, Documents, TextExtractor, VirusScan
from atende.core.language.detect import guess_language
from atende.core.tenancy.ports import Projects
from atende.core.work.model import Claim
from atende.core.work.ports import Jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessDocument:
    """The file is read and cut into the chunks of a new edition; a job that embeds them is queued in the same transaction.

    - A file that cannot be read ends as failed, with a reason that a person understands; it is not tried again.
    - A file is looked through for viruses before anything else opens it; an infected one fails, and it is put on record.
    - While its project is switched off it waits, and then begins anew.
    - What is searchable stays so until the new edition is complete.
    """

    documents: Documents
    blobs: Blobs
    scan: VirusScan
    extractor: TextExtractor
    jobs: Jobs
    projects: Projects
    end: EndAttempt
    audit: AuditLog
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(self, claim: Claim) -> None:
        document = await self._begin(claim)
        if document is None:
            return
        try:
            data = await self.blobs.get(document.blob_key)
            if (virus := await self.scan.find(data)) is not None:
                await self._record(document, virus)
                raise InfectedDocument(virus)
            extracted = await self.extractor.extract(data, file_type=document.file_type, language=document.language)
            chunks = await asyncio.to_thread(self._cut, document, extracted)
        except (UnreadableDocument, NotFound) as error:
            await self.end.give_up(claim, error.detail, finished=True)
            return
        async with self.transaction(claim.scope):
            await self.jobs.finish(claim)
            (await self.projects.pinned(claim.scope)).require_active()
            now = await self.end.find(claim.scope, claim)
            if now is not None and now.is_making(document.edition):
                await self.documents.save(document, chunks)
                await self.jobs.put(claim.scope, embed_job(document))

    async def _record(self, document: Document, virus: str) -> None:
        new = {"virus": virus, "filename": document.filename, "version": document.version}
        found = Event(action="document.infected", resource_type="document", resource_id=str(document.id), new=new)
        async with self.transaction(document.scope):
            await self.audit.add(document.scope, found)

    async def _begin(self, claim: Claim) -> Document | None:
        async with self.transaction(claim.scope):
            await self.jobs.keep(claim)
            (await self.projects.pinned(claim.scope)).require_active()
            document = await self.end.find(claim.scope, claim)
            if document is None:
                await self.jobs.finish(claim)
                return None
            document.process()
            await self.documents.save(document)
            return document

    def _cut(self, document: Document, extracted: Extracted) -> list[Chunk]:
        language = guess_language("\n".join(extracted.pages)[:20_000], document.language)
        pieces = [
            Chunk(
                id=self.ids.new(),
                document_id=document.id,
                version=document.version,
                edition=document.edition,
                index=piece.index,
                content=piece.content,
                tokens=piece.tokens,
                page=piece.page if extracted.has_pages else None,
                start_at=piece.start,
                end_at=piece.end,
                carried=piece.carried,
            )
            for piece in chunk(extracted)
        ]
        if not pieces:
            raise UnreadableDocument("this file contains no text")
        note = ending_note(document.filename, document.file_type)
        document.was_read(
            cut=len(pieces),
            language=language,
            details=extracted.metadata | {"language": language},
            notes=(*((note,) if note else ()), *extracted.notes),
        )
        return pieces
