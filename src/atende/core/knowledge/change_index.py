"""Changing the embedding of a tenant's index: what it would cost, beginning, switching, and giving up."""

from collections.abc import Sequence
from dataclasses import dataclass

from atende.core.audit.model import Event
from atende.core.audit.ports import AuditLog
from atende.core.credits.admit import Admit
from atende.core.credits.ports import Ledgers
from atende.core.credits.price import PriceNotFound
from atende.core.kernel import Clock, Credits, InsufficientCredits, Invalid, TenantScope, Transaction, in_credits
from atende.core.knowledge.index_jobs import build_job, expire_job, remove_job
from atende.core.knowledge.indexes import Indexes, space_of
from atende.core.knowledge.ports import Embedding, Lacking, SearchIndexes
from atende.core.knowledge.search_index import KEPT, USUAL_GATE, After, Beside, NotReady, SearchIndex, Space, Trial
from atende.core.tenancy.ports import Projects
from atende.core.work.ports import Jobs

MOST_TRIALS = 500


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an index of this embedding lacks, and what it would cost: about `cost`, as tokens are counted here before the provider
    counts them. None if the model has no price, which means that it cannot be used.
    """

    space: Space
    provider: str
    lacking: Lacking
    cost: Credits | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateIndexes:
    """The embeddings that the index of this project can be changed to, and what each would cost. What is kept of an earlier index
    costs nothing again.
    """

    indexes: Indexes
    search_indexes: SearchIndexes
    admit: Admit
    transaction: Transaction

    async def __call__(self, scope: TenantScope) -> list[Estimate]:
        async with self.transaction(scope):
            index = await self.search_indexes.find(scope)
            live = index.live if index else space_of(self.indexes.default.embedding)
            return [await self.one(scope, one) for one in self.indexes.embeddings.offered if space_of(one) != live]

    async def one(self, scope: TenantScope, embedding: Embedding) -> Estimate:
        """Inside a transaction."""
        space = space_of(embedding)
        lacking = await self.search_indexes.lacking(scope, space)
        try:
            cost = await self.admit.cost(embedding.provider, embedding.model, "embed", tokens=lacking.tokens)
        except PriceNotFound:
            return Estimate(space, embedding.provider, lacking, None)
        return Estimate(space, embedding.provider, lacking, cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeIndex:
    """Begins to build an index of another embedding beside the one that is searched, in the background and behind documents that
    are being read. Nothing changes for questions until it is complete and is switched to.

    - It costs as embedding the documents anew does, captured with each batch. It is refused with a 402 if the balance does not
      cover the estimate, and with a 422 if the estimate is above `maxCost`.
    - When it is complete, the same questions are searched in both: your own, or the last that were asked. If both agree on enough
      of the best passages (or, where quotes are given, if the new one finds at least as many), it is switched to by itself.
    - If it stopped, this goes on where it was.
    """

    indexes: Indexes
    search_indexes: SearchIndexes
    estimate: EstimateIndexes
    ledgers: Ledgers
    jobs: Jobs
    projects: Projects
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(
        self,
        scope: TenantScope,
        space: Space,
        *,
        after: After = After.SWITCH_IF_GOOD,
        gate: float = USUAL_GATE,
        keep_days: int = KEPT.days,
        trials: Sequence[Trial] = (),
        most: Credits | None = None,
    ) -> SearchIndex:
        """Raises Invalid, NotFound, IndexBusy, InsufficientCredits or ProjectNotActive."""
        embedding = self.indexes.embeddings.find(space)
        if embedding is None:
            raise Invalid(f"the settings do not have {space.model} with {space.dimension} dimensions")
        if len(trials) > MOST_TRIALS:
            raise Invalid(f"at most {MOST_TRIALS} questions can be given")
        async with self.transaction(scope):
            (await self.projects.pinned(scope)).require_active()
            index = await self.search_indexes.lock(scope)
            index.build(space, self.clock.now(), after=after, gate=gate, keep_days=keep_days, trials=tuple(trials))
            await self._require_affordable(scope, embedding, most)
            await self.search_indexes.save(index)
            await self.audit.add(scope, _event("index.change", index))
            await self.jobs.put(scope, build_job(index))
            return index

    async def _require_affordable(self, scope: TenantScope, embedding: Embedding, most: Credits | None) -> None:
        cost = (await self.estimate.one(scope, embedding)).cost
        if cost is None:
            raise Invalid(f"there is no price for {embedding.model}")
        if most is not None and cost > most:
            raise Invalid(f"it would cost about {in_credits(cost)} credits, more than {in_credits(most)}")
        balance = await self.ledgers.balance(scope.organization_id)
        if cost > balance.available:
            raise InsufficientCredits(required=in_credits(cost), balance=in_credits(balance.available))


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchIndex:
    """From now on questions are searched in the index beside, and the one before is kept for the days that were asked for. It is
    the way back too: the same call switches again, to exactly what was searched before.

    If documents were published since the index beside was complete, they are embedded for it first, which costs as much as they
    do, and it is switched to then: `state` is `building` until it is. The whole switch is one transaction.
    """

    search_indexes: SearchIndexes
    jobs: Jobs
    projects: Projects
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, scope: TenantScope) -> SearchIndex:
        """Raises NotFound, NotReady or ProjectNotActive."""
        async with self.transaction(scope):
            (await self.projects.pinned(scope)).require_active()
            index = await self.search_indexes.lock(scope)
            if index.beside not in {Beside.READY, Beside.KEPT}:
                raise NotReady
            await self.now(index)
            return index

    async def now(self, index: SearchIndex) -> None:
        """Inside a transaction that has locked the index: at once if it lacks nothing, else when it does."""
        scope, at, space = index.scope, self.clock.now(), index.require_complete()
        lacking = await self.search_indexes.lacking(scope, space)
        if lacking.passages:
            index.catch_up(at)
            await self.jobs.put(scope, build_job(index))
        else:
            index.switch(at)
            await self.audit.add(scope, _event("index.switch", index))
            assert index.kept_until is not None, "what was searched before is kept"
            await self.jobs.put(scope, expire_job(delay=index.kept_until - at))
        await self.search_indexes.save(index)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropIndex:
    """Gives up the index beside the one that is searched, whether it is being built, complete or kept after a switch. Its vectors
    are removed in the background; what it has cost stays paid.
    """

    search_indexes: SearchIndexes
    jobs: Jobs
    projects: Projects
    admit: Admit
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, scope: TenantScope) -> None:
        """Raises NotFound or ProjectNotActive."""
        async with self.transaction(scope):
            (await self.projects.pinned(scope)).require_active()
            index = await self.search_indexes.lock(scope)
            index.drop(self.clock.now())
            if index.hold_id is not None:
                await self.admit.release(scope, index.hold_id, note="the index was given up")
                index.hold_id = None
            await self.search_indexes.save(index)
            await self.audit.add(scope, _event("index.drop", index))
            await self.jobs.put(scope, remove_job(index))


def _event(action: str, index: SearchIndex) -> Event:
    beside = {"model": index.beside_model, "dimension": index.beside_dimension, "state": index.beside}
    new = {"model": index.model, "dimension": index.dimension, "beside": beside}
    return Event(action=action, resource_type="search_index", resource_id=str(index.owner.project_id), new=new)
