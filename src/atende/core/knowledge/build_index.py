"""Building an index of another embedding beside the one that is searched, and removing one."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from atende.core.credits.admit import Admit
from atende.core.kernel import Clock, Credits, DomainError, Ids, Transaction
from atende.core.knowledge.change_index import SwitchIndex
from atende.core.knowledge.document import Chunk, Document
from atende.core.knowledge.index_jobs import BEFORE_ALL, REMOVE, build_job, compare_job, remove_job
from atende.core.knowledge.indexes import Index, Indexes
from atende.core.knowledge.model import Embedded, ModelCall
from atende.core.knowledge.ports import Documents, ModelCalls, Passages, SearchIndexes
from atende.core.knowledge.search_index import After, Beside, SearchIndex, Space
from atende.core.tenancy.ports import Projects
from atende.core.work.model import Claim
from atende.core.work.ports import Jobs

BATCH = 200
"""Passages that are embedded between two commits: as much is lost by a crash, at most."""
_PAUSE = timedelta(seconds=2)
"""Between two batches while documents are waiting to be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndIndexAttempt:
    """What a failed attempt held is released in the transaction that notes the failure."""

    search_indexes: SearchIndexes
    jobs: Jobs
    admit: Admit
    transaction: Transaction

    async def put_back(self, claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> None:
        """Raises Fenced."""
        async with self.transaction(claim.scope):
            await self.jobs.put_back(claim, delay=delay, error=error, counts=counts)
            await self._release(claim, None)

    async def give_up(self, claim: Claim, error: str) -> None:
        """The index stays as far as it is, and can be gone on with."""
        async with self.transaction(claim.scope):
            await self.jobs.bury(claim, error)
            await self._release(claim, error)

    async def release(self, index: SearchIndex) -> None:
        """Inside a transaction; the caller saves the index."""
        if index.hold_id is not None:
            await self.admit.release(index.scope, index.hold_id, note="the attempt failed")
            index.hold_id = None

    async def _release(self, claim: Claim, error: str | None) -> None:
        index = await self.search_indexes.lock(claim.scope)
        await self.release(index)
        if error is not None and index.beside is Beside.BUILDING:
            index.stopped(error)
        await self.search_indexes.save(index)


@dataclass(slots=True)
class _Step:
    """One batch on its way."""

    space: Space
    index: Index
    batch: list[tuple[Document, list[Chunk]]]
    call: ModelCall
    bound: Credits
    chunks: list[Chunk] = field(init=False)

    def __post_init__(self) -> None:
        self.chunks = [chunk for _, chunks in self.batch for chunk in chunks]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildIndex:
    """Embeds the next passages that the index beside lacks, and queues itself for the ones after them.

    - What is lacking is read from the database each time: after a crash it goes on where it was, and what was published meanwhile
      is found too. It is complete when nothing is lacking in a transaction in which nothing can be published.
    - Each batch holds what it may cost and captures what it did in the transaction that notes it.
    - Documents that wait to be read go first.
    """

    indexes: Indexes
    search_indexes: SearchIndexes
    documents: Documents
    model_calls: ModelCalls
    jobs: Jobs
    projects: Projects
    admit: Admit
    end: EndIndexAttempt
    switch: SwitchIndex
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(self, claim: Claim) -> None:
        step = await self._begin(claim)
        if step is None:
            return
        await step.index.passages.ready()  # before anything is paid for
        embedded = await self._embed(step)
        at = 0
        for document, chunks in step.batch:
            vectors = Embedded(embedded.vectors[at : at + len(chunks)], embedded.usage)
            await step.index.passages.index(document.owner, document, chunks, vectors)
            at += len(chunks)
        embedding = step.index.embedding
        cost = await self.admit.cost(embedding.provider, embedding.model, "embed", tokens=embedded.usage.tokens)
        step.call.done(usage=embedded.usage, cost=min(cost, step.bound), at=self.clock.now())
        await self._note(claim, step)

    async def _begin(self, claim: Claim) -> _Step | None:
        scope, behind = claim.scope, claim.id("behind")
        async with self.transaction(scope):
            await self.jobs.keep(claim)
            (await self.projects.pinned(scope)).require_active()
            index = await self.search_indexes.lock(scope)
            await self.end.release(index)  # of an attempt that died with its process
            space = index.other
            if index.beside is not Beside.BUILDING or space is None:
                await self._finish(claim, index)
                return None
            target = self.indexes.of(space)
            if behind == BEFORE_ALL:
                lacking = await self.search_indexes.lacking(scope, space)
                index.was_built(lacking.total - lacking.passages, lacking.total)
            batch = await self.search_indexes.next_lacking(scope, space, behind=behind, limit=BATCH)
            if not batch:
                await self._round_is_over(index, behind)
                await self._finish(claim, index)
                return None
            tokens = sum(chunk.tokens for _, chunks in batch for chunk in chunks)
            embedding = target.embedding
            bound = await self.admit.cost(embedding.provider, embedding.model, "embed", tokens=2 * tokens)
            if bound:
                reference = f"index:{index.owner.project_id}:{claim.job_id}.{claim.token}"
                index.hold_id = (await self.admit.hold(scope, amount=bound, reference=reference)).id
            call = embed_call(self.ids.new(), index, target, self.clock)
            await self.model_calls.save([call])
            await self.search_indexes.save(index)
            return _Step(space, target, batch, call, bound)

    async def _finish(self, claim: Claim, index: SearchIndex) -> None:
        await self.search_indexes.save(index)
        await self.jobs.finish(claim)

    async def _round_is_over(self, index: SearchIndex, behind: UUID) -> None:
        """The last round began before all documents and found nothing: then nothing is lacking, and nothing is published now."""
        if behind != BEFORE_ALL:
            await self.jobs.put(index.scope, build_job(index))
        elif index.after is After.SWITCH:
            await self.switch.now(index)
        else:
            await self.jobs.put(index.scope, compare_job(index))

    async def _embed(self, step: _Step) -> Embedded:
        try:
            return await step.index.embedding.embed([chunk.content for chunk in step.chunks])
        except DomainError as error:
            step.call.failed(error.detail, self.clock.now())
            async with self.transaction(step.call.owner.scope):
                await self.model_calls.save([step.call])
            raise

    async def _note(self, claim: Claim, step: _Step) -> None:
        scope = claim.scope
        async with self.transaction(scope):
            await self.jobs.keep(claim)
            await self.model_calls.save([step.call])
            index = await self.search_indexes.lock(scope)
            if index.beside is Beside.BUILDING and index.other == step.space:
                await self.admit.settle(scope, index.hold_id, cost=step.call.cost, note="index")
                index.hold_id = None
                index.was_built(index.done + len(step.chunks), max(index.total, index.done), step.call.cost)
                last = step.batch[-1][0].id
                delay = _PAUSE if await self.documents.underway(scope) else timedelta(0)
                await self.jobs.put(scope, build_job(index, behind=last, delay=delay))
            else:  # it was given up, and the hold released
                await self.end.release(index)
            await self._finish(claim, index)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveIndex:
    """Removes the vectors of an index that was given up, or whose time after a switch is over."""

    passages: Passages
    search_indexes: SearchIndexes
    jobs: Jobs
    transaction: Transaction
    clock: Clock

    async def __call__(self, claim: Claim) -> None:
        scope, space = claim.scope, await self._begin(claim)
        if space is None:
            return
        await self.passages.of(space).clear(scope)
        async with self.transaction(scope):
            index = await self.search_indexes.lock(scope)
            if index.beside is Beside.REMOVING:
                index.was_removed()
            await self.search_indexes.save(index)
            await self.jobs.finish(claim)

    async def _begin(self, claim: Claim) -> Space | None:
        """What is to be removed now. None: nothing, or another job was queued for it."""
        scope = claim.scope
        async with self.transaction(scope):
            await self.jobs.keep(claim)
            index = await self.search_indexes.lock(scope)
            if claim.payload["step"] == REMOVE and index.beside is Beside.REMOVING:
                return index.other
            if index.is_over(self.clock.now()):
                index.drop(self.clock.now())
                await self.search_indexes.save(index)
                await self.jobs.put(scope, remove_job(index))
            await self.jobs.finish(claim)
            return None


def embed_call(call_id: UUID, index: SearchIndex, target: Index, clock: Clock) -> ModelCall:
    return ModelCall(
        id=call_id,
        owner=index.owner,
        purpose="embed",
        provider=target.embedding.provider,
        model=target.embedding.model,
        started_at=clock.now(),
    )
