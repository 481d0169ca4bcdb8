"""Comparing two indexes by the same questions, before one takes the place of the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from atende.core.credits.admit import Admit
from atende.core.kernel import NO_CREDITS, Clock, Credits, Ids, TenantScope, Transaction
from atende.core.knowledge.build_index import EndIndexAttempt, embed_call
from atende.core.knowledge.change_index import SwitchIndex
from atende.core.knowledge.indexes import Index, Indexes
from atende.core.knowledge.model import ModelCall, Passage
from atende.core.knowledge.ports import ModelCalls, SearchIndexes
from atende.core.knowledge.search_index import After, Beside, SearchIndex, Trial
from atende.core.language.text import estimate_tokens, fold
from atende.core.tenancy.ports import Projects
from atende.core.work.model import Claim
from atende.core.work.ports import Jobs

BEST = 5
"""Passages of each index that are compared."""
STORED = 50
"""Questions that are taken from those that were asked last."""
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Tried:
    """A question, and the best passages of both indexes."""

    trial: Trial
    before: tuple[Passage, ...]
    after: tuple[Passage, ...]

    @property
    def agreement(self) -> float:
        """The share of the best passages that both have."""
        before, after = {one.chunk_id for one in self.before}, {one.chunk_id for one in self.after}
        return len(before & after) / max(len(before), len(after), 1) if before or after else 1.0

    @property
    def same_first(self) -> bool:
        return [one.chunk_id for one in self.before[:1]] == [one.chunk_id for one in self.after[:1]]


def figures(tried: Sequence[Tried], *, gate: float, own: bool) -> dict[str, Any]:
    """What is shown, and whether the new index passes: by quotes that are found if the questions have any, else by agreement."""
    if not tried:
        return {"questions": 0, "own": own, "passed": False, "reason": "there are no questions to compare by"}
    agreement = sum(one.agreement for one in tried) / len(tried)
    made: dict[str, Any] = {
        "questions": len(tried),
        "own": own,
        "gate": gate,
        "agreement": round(agreement, 4),
        "same_first": round(sum(one.same_first for one in tried) / len(tried), 4),
    }
    quoted = [one for one in tried if one.trial.quote]
    if quoted:
        before, after = (sum(_finds(one.trial, found) for one, found in pairs) for pairs in _both(quoted))
        made |= {"quotes": len(quoted), "found_before": before, "found_after": after}
        made["passed"] = after >= before
        worse = [one for one in quoted if _finds(one.trial, one.before) and not _finds(one.trial, one.after)]
        made["reason"] = f"of {len(quoted)} quotes it finds {after}, the present one {before}"
    else:
        made["passed"] = agreement >= gate
        worse = sorted((one for one in tried if one.agreement < gate), key=lambda one: one.agreement)
        made["reason"] = f"they agree on {agreement:.0%} of the best passages; {gate:.0%} are asked for"
    made["worst"] = [one.trial.question[:200] for one in worse[:_SHOWN]]
    return made


def _both(tried: Sequence[Tried]) -> tuple[list[tuple[Tried, tuple[Passage, ...]]], ...]:
    return [(one, one.before) for one in tried], [(one, one.after) for one in tried]


def _finds(trial: Trial, found: Sequence[Passage]) -> bool:
    wanted = " ".join(fold(trial.quote).split())
    return any(wanted in " ".join(fold(one.content).split()) for one in found)


@dataclass(frozen=True, slots=True)
class _Comparison:
    trials: list[Trial]
    own: bool
    sides: tuple[Index, ...]
    calls: tuple[ModelCall, ...]
    bound: Credits


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareIndexes:
    """Searches the same questions in both indexes, and switches if that was asked for and the new one is good enough. The figures
    are shown in any case, and below the gate it waits for a person.
    """

    indexes: Indexes
    search_indexes: SearchIndexes
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
        begun = await self._begin(claim)
        if begun is None:
            return
        tried = list[Tried]()
        if len(begun.sides) == 2:
            before, after = [
                await self._search(claim.scope, side, call, begun.trials)
                for side, call in zip(begun.sides, begun.calls, strict=True)
            ]
            tried = [Tried(*one) for one in zip(begun.trials, before, after, strict=True)]
        await self._end(claim, begun, tried)

    async def _begin(self, claim: Claim) -> _Comparison | None:
        scope = claim.scope
        async with self.transaction(scope):
            await self.jobs.keep(claim)
            (await self.projects.pinned(scope)).require_active()
            index = await self.search_indexes.lock(scope)
            await self.end.release(index)
            if index.beside is not Beside.BUILDING or index.other is None:
                await self.search_indexes.save(index)
                await self.jobs.finish(claim)
                return None
            asked = [Trial(one) for one in await self.search_indexes.questions(scope, limit=STORED)]
            trials = list(index.trials) or asked
            known = self.indexes.embeddings.find(index.live) is not None
            sides = (self.indexes.of(index.live), self.indexes.of(index.other)) if known and trials else ()
            calls = tuple(embed_call(self.ids.new(), index, side, self.clock) for side in sides)
            bound = NO_CREDITS
            tokens = 2 * sum(estimate_tokens(trial.question) + 2 for trial in trials)
            for side in sides:
                bound = Credits(bound + await self._cost(side, tokens))
            if bound:
                reference = f"index:compare:{index.owner.project_id}:{claim.job_id}.{claim.token}"
                index.hold_id = (await self.admit.hold(scope, amount=bound, reference=reference)).id
            await self.model_calls.save(calls)
            await self.search_indexes.save(index)
            return _Comparison(trials, bool(index.trials), sides, calls, bound)

    async def _search(
        self, scope: TenantScope, side: Index, call: ModelCall, trials: Sequence[Trial]
    ) -> list[tuple[Passage, ...]]:
        embedded = await side.embedding.embed([trial.question for trial in trials], asking=True)
        call.done(usage=embedded.usage, cost=await self._cost(side, embedded.usage.tokens), at=self.clock.now())
        return [
            tuple(await side.passages.search(scope, text=trial.question, vector=vector, limit=BEST))
            for trial, vector in zip(trials, embedded.vectors, strict=True)
        ]

    async def _end(self, claim: Claim, begun: _Comparison, tried: Sequence[Tried]) -> None:
        scope = claim.scope
        cost = Credits(min(sum(call.cost for call in begun.calls), begun.bound))
        async with self.transaction(scope):
            await self.jobs.keep(claim)
            await self.model_calls.save(begun.calls)
            index = await self.search_indexes.lock(scope)
            if index.beside is Beside.BUILDING:
                await self.admit.settle(scope, index.hold_id, cost=cost, note="index")
                index.hold_id = None
                index.was_built(index.done, index.total, cost)
                index.complete(self.clock.now(), figures(tried, gate=index.gate, own=begun.own))
                await self._go_on(index)
            else:
                await self.end.release(index)
            await self.search_indexes.save(index)
            await self.jobs.finish(claim)

    async def _go_on(self, index: SearchIndex) -> None:
        if index.after is After.SWITCH_IF_GOOD and index.is_good:
            await self.switch.now(index)

    async def _cost(self, side: Index, tokens: int) -> Credits:
        return await self.admit.cost(side.embedding.provider, side.embedding.model, "embed", tokens=tokens)
