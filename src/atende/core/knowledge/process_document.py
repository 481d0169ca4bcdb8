"""Turning a stored file into passages that can be searched and cited."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from atende.core.credits.admit import Admit
from atende.core.kernel import Clock, Credits, DomainError, Ids, NotFound, TenantScope, Transaction
from atende.core.knowledge.chunking import chunk
from atende.core.knowledge.extracted import Extracted
from atende.core.knowledge.filetypes import ending_note
from atende.core.knowledge.model import Chunk, Document, Embedded, ModelCall, UnreadableDocument
from atende.core.knowledge.ports import Blobs, Documents, Embedding, ModelCalls, Passages, TextExtractor
from atende.core.language.detect import guess_language
from atende.core.tenancy.ports import Projects
from atende.core.work.model import Claim, JobKind
from atende.core.work.ports import Jobs

PROCESS_DOCUMENT = JobKind("document.process", retries=(1, 5, 30))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessDocument:
    """The file is read, cut into chunks, embedded and indexed; it is searchable once all of that is in.

    - A file that cannot be read ends as failed, with a reason that a person understands; it is not tried again.
    - What embedding may cost is held before and captured after; an attempt that fails gives its hold back.
    - While the store of the vectors is away it waits, and nothing is paid for.
    - While its project is switched off it waits, and then begins anew.
    - Doing it again for the same version replaces what is there.
    """

    documents: Documents
    blobs: Blobs
    extractor: TextExtractor
    embedding: Embedding
    passages: Passages
    model_calls: ModelCalls
    jobs: Jobs
    projects: Projects
    admit: Admit
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(self, claim: Claim) -> None:
        scope = claim.scope
        async with self.transaction(scope):
            await self.jobs.keep(claim)
            (await self.projects.pinned(scope)).require_active()
            document = await self.documents.get(scope, claim.id("document_id"))
            document.process()
            await self.documents.save(document)
        try:
            data = await self.blobs.get(document.blob_key)
            extracted = await self.extractor.extract(data, file_type=document.file_type, language=document.language)
            chunks = await asyncio.to_thread(self._cut, document, extracted)
        except (UnreadableDocument, NotFound) as error:
            await self.give_up(claim, error.detail, finished=True)
            return
        await self._store(claim, document, chunks, extracted)

    def _cut(self, document: Document, extracted: Extracted) -> list[Chunk]:
        document.language = guess_language("\n".join(extracted.pages)[:20_000], document.language)
        pieces = [
            Chunk(
                id=self.ids.new(),
                document_id=document.id,
                version=document.version,
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
        return pieces

    async def _store(self, claim: Claim, document: Document, chunks: list[Chunk], extracted: Extracted) -> None:
        scope = claim.scope
        call = ModelCall(
            id=self.ids.new(),
            owner=document.owner,
            purpose="embed",
            provider=self.embedding.provider,
            model=self.embedding.model,
            started_at=self.clock.now(),
        )
        await self.passages.ready()  # before anything is paid for
        bound = await self._cost(2 * sum(piece.tokens for piece in chunks))
        async with self.transaction(scope):
            await self.jobs.keep(claim)
            (await self.projects.pinned(scope)).require_active()
            await self.documents.save(document, chunks)
            await self.model_calls.save([call])
            await self._hold(claim, document, bound)
            await self.documents.save(document)
        embedded = await self._embed(scope, call, chunks)
        await self.passages.index(document.owner, document, chunks, embedded)
        # Whatever the endpoint reports, it costs at most what was held for it.
        cost = min(await self._cost(embedded.usage.tokens), bound)
        call.done(usage=embedded.usage, cost=cost, at=self.clock.now())
        async with self.transaction(scope):
            await self.model_calls.save([call])
            project = await self.projects.pinned(scope)
            if project.is_active:
                await self.jobs.finish(claim)
                await self._publish(scope, document.id, len(chunks), document.language, extracted)
                await self.admit.settle(scope, document.hold_id, cost=call.cost, note=f"document:{document.id}")
        project.require_active()

    async def _publish(
        self, scope: TenantScope, document_id: UUID, count: int, language: str, extracted: Extracted
    ) -> None:
        document = await self.documents.get(scope, document_id)
        note = ending_note(document.filename, document.file_type)
        document.processed(
            chunk_count=count,
            language=language,
            details=extracted.metadata | {"language": language},
            notes=(*((note,) if note else ()), *extracted.notes),
            at=self.clock.now(),
        )
        document.hold_id = None
        await self.documents.save(document)

    async def _hold(self, claim: Claim, document: Document, amount: Credits) -> None:
        """An attempt that died with its process could not give its hold back: that one is released first."""
        await self._release(document)
        if amount:
            reference = f"document:{document.id}:{document.version}:{claim.job_id}.{claim.token}"
            document.hold_id = (await self.admit.hold(claim.scope, amount=amount, reference=reference)).id

    async def _release(self, document: Document) -> None:
        if document.hold_id is not None:
            await self.admit.release(document.owner.scope, document.hold_id, note="the attempt failed")
            document.hold_id = None

    async def _embed(self, scope: TenantScope, call: ModelCall, chunks: Sequence[Chunk]) -> Embedded:
        try:
            return await self.embedding.embed([piece.content for piece in chunks])
        except DomainError as error:
            call.failed(error.detail, self.clock.now())
            async with self.transaction(scope):
                await self.model_calls.save([call])
            raise

    async def _cost(self, tokens: int) -> Credits:
        return await self.admit.cost(self.embedding.provider, self.embedding.model, "embed", tokens=tokens)

    async def put_back(self, claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> None:
        """The job is put back, and what the failed attempt held is released, in one transaction. Raises Fenced."""
        async with self.transaction(claim.scope):
            await self.jobs.put_back(claim, delay=delay, error=error, counts=counts)
            document = await self._find(claim)
            if document is not None and document.hold_id is not None:
                await self._release(document)
                await self.documents.save(document)

    async def give_up(self, claim: Claim, error: str, *, finished: bool = False) -> None:
        """Marks the document as failed. With `finished` the file is at fault and the job ends; otherwise its attempts are used up
        and it becomes a dead letter.
        """
        async with self.transaction(claim.scope):
            await (self.jobs.finish(claim) if finished else self.jobs.bury(claim, error))
            document = await self._find(claim)
            if document is not None:
                await self._release(document)
                document.fail(error)
                await self.documents.save(document)

    async def _find(self, claim: Claim) -> Document | None:
        try:
            return await self.documents.get(claim.scope, claim.id("document_id"))
        except NotFound:  # it was deleted
            return None
