"""Embedding the chunks of a document, and publishing them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from atende.core.credits.admit import Admit
from atende.core.kernel import Clock, Credits, DomainError, Ids, Transaction, Unavailable
from atende.core.knowledge.document import Chunk, Document, DocumentStatus
from atende.core.knowledge.end_attempt import EndAttempt
from atende.core.knowledge.indexes import Index, Indexes, space_of
from atende.core.knowledge.jobs import embed_job
from atende.core.knowledge.model import Embedded, ModelCall
from atende.core.knowledge.ports import Blobs, Documents, ModelCalls, SearchIndexes
from atende.core.knowledge.search_index import SearchIndex
from atende.core.tenancy.ports import Projects
from atende.core.work.model import Claim
from atende.core.work.ports import Jobs

BATCH = 200
"""Chunks that are embedded between two commits: as much is paid for again after a crash, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedDocument:
    """The chunks of an edition are embedded and indexed, batch by batch, and searchable once all of them are in.

    - What it may cost is held before and captured after; an attempt that fails gives its hold back.
    - The next attempt goes on behind the last batch: what was paid for is captured once, with the edition.
    - While the store of the vectors is away it waits, and nothing is paid for.
    - The embedding is that of the tenant's index, not that of this process's settings. If another index is switched to meanwhile,
      it begins anew with that one's: what is published is whole in the index that is searched.
    - A job whose edition is not the newest any more does nothing.
    """

    documents: Documents
    blobs: Blobs
    indexes: Indexes
    search_indexes: SearchIndexes
    model_calls: ModelCalls
    jobs: Jobs
    projects: Projects
    admit: Admit
    end: EndAttempt
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(self, claim: Claim) -> None:
        index = await self._index(claim)
        await index.passages.ready()  # before anything is paid for
        begun = await self._begin(claim, index)
        if begun is None:
            return
        document, chunks, bound = begun
        batches = [chunks[at : at + BATCH] for at in range(0, len(chunks), BATCH)]
        for batch in batches:
            call = await self._embed_batch(claim, document, index, batch, left=Credits(bound - document.spent))
            document.was_embedded(len(batch), call.cost)
            if not await self._note(claim, document, index, call):
                return
        if not batches:  # the attempt before this one died between its last batch and the end
            await self._note(claim, document, index)

    async def _index(self, claim: Claim) -> Index:
        """The one of the tenant; its first document begins it. Raises Unavailable."""
        async with self.transaction(claim.scope):
            found = await self.search_indexes.find(claim.scope)
            if found is None:
                await self.end.find(claim.scope, claim)  # it may be nobody's
                project = await self.projects.pinned(claim.scope)
                space = space_of(self.indexes.default.embedding)
                begun = SearchIndex(
                    owner=project.owner, model=space.model, dimension=space.dimension, changed_at=self.clock.now()
                )
                found = await self.search_indexes.begin(begun)
        return self.indexes.of(found.live)

    async def _begin(self, claim: Claim, index: Index) -> tuple[Document, list[Chunk], Credits] | None:
        """The document, the chunks that are not embedded yet, and the credits held for all of them. None: nothing is to be done."""
        scope = claim.scope
        async with self.transaction(scope):
            await self.jobs.keep(claim)
            (await self.projects.pinned(scope)).require_active()
            document = await self.end.find(scope, claim)
            if document is None or not _is_wanted(claim, document):
                await self.jobs.finish(claim)
                return None
            # None of them, if those before were embedded for another index.
            document.embedded = min(
                document.embedded, await self.search_indexes.embedded(document, space_of(index.embedding))
            )
            chunks = await self.documents.chunks(
                document, edition=document.edition, first=document.embedded, limit=document.cut
            )
            bound = Credits(document.spent + await self._cost(index, 2 * sum(piece.tokens for piece in chunks)))
            # An attempt that died with its process could not give its hold back.
            await self.end.release(document)
            if bound:
                reference = f"document:{document.id}:{document.edition}:{claim.job_id}.{claim.token}"
                document.hold_id = (await self.admit.hold(scope, amount=bound, reference=reference)).id
            document.status = DocumentStatus.PROCESSING
            await self.documents.save(document)
            return document, chunks, bound

    async def _embed_batch(
        self, claim: Claim, document: Document, index: Index, batch: Sequence[Chunk], *, left: Credits
    ) -> ModelCall:
        """Whatever the endpoint reports, it costs at most what is `left` of the hold."""
        call = self._call(document, index)
        async with self.transaction(claim.scope):
            await self.jobs.keep(claim)
            await self.model_calls.save([call])
        embedded = await self._embed(document, index, call, batch)
        await index.passages.index(document.owner, document, batch, embedded)
        cost = await self._cost(index, embedded.usage.tokens)
        call.done(usage=embedded.usage, cost=min(cost, left), at=self.clock.now())
        return call

    async def _note(self, claim: Claim, document: Document, index: Index, call: ModelCall | None = None) -> bool:
        """What was done; after the last batch the edition is published and paid for, in the same transaction. False: the file was
        replaced or deleted meanwhile, and with it the hold was released; or another index is searched now.
        """
        scope, replaced = claim.scope, None
        async with self.transaction(scope):
            await self.jobs.keep(claim)
            await self.model_calls.save([call] if call else [])
            project = await self.projects.pinned(scope)
            now = await self.end.find(scope, claim)
            if now is None or not now.is_making(document.edition):
                await self.jobs.finish(claim)
                return False
            searched = await self.search_indexes.share(scope)
            if searched.live != space_of(index.embedding):
                await self._begin_anew(claim, document)
                return False
            if project.is_active and document.embedded == document.cut:
                await self.jobs.finish(claim)
                await self.admit.settle(scope, document.hold_id, cost=document.spent, note=f"document:{document.id}")
                document.hold_id, replaced = None, document.publish(self.clock.now())
                await self.documents.prune(document)
            await self.documents.save(document)
        project.require_active()
        if replaced is not None:
            await self.blobs.delete(replaced)
        if document.status is DocumentStatus.PROCESSED:
            await self._tidy(document, searched)
        return True

    async def _tidy(self, document: Document, searched: SearchIndex) -> None:
        """What the store has of the edition before goes now, and with the next sweep if the store is away."""
        with suppress(Unavailable):
            for space in searched.spaces:
                await self.indexes.passages.of(space).tidy(document.scope, document.id)

    async def _begin_anew(self, claim: Claim, document: Document) -> None:
        """What was spent stays to be paid for with the edition."""
        await self.jobs.finish(claim)
        await self.end.release(document)
        document.embedded = 0
        await self.documents.save(document)
        await self.jobs.put(claim.scope, embed_job(document))

    def _call(self, document: Document, index: Index) -> ModelCall:
        return ModelCall(
            id=self.ids.new(),
            owner=document.owner,
            purpose="embed",
            provider=index.embedding.provider,
            model=index.embedding.model,
            started_at=self.clock.now(),
        )

    async def _embed(self, document: Document, index: Index, call: ModelCall, chunks: Sequence[Chunk]) -> Embedded:
        try:
            return await index.embedding.embed([piece.content for piece in chunks])
        except DomainError as error:
            call.failed(error.detail, self.clock.now())
            async with self.transaction(document.scope):
                await self.model_calls.save([call])
            raise

    async def _cost(self, index: Index, tokens: int) -> Credits:
        return await self.admit.cost(index.embedding.provider, index.embedding.model, "embed", tokens=tokens)


def _is_wanted(claim: Claim, document: Document) -> bool:
    """Also of a document that failed before its dead letter was queued again."""
    underway = document.status in {DocumentStatus.PROCESSING, DocumentStatus.FAILED}
    return underway and claim.payload["edition"] == str(document.edition)
