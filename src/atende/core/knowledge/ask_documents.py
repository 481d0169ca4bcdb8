"""Answering a question outside a conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from atende.core.audit.model import Event
from atende.core.audit.ports import AuditLog
from atende.core.credits.admit import Admit
from atende.core.credits.ports import Prices
from atende.core.kernel import Clock, Ids, Invalid, TenantScope, Transaction, in_credits
from atende.core.knowledge.compose_answer import Ask, ComposeAnswer, OnChecked
from atende.core.knowledge.model import MAX_QUESTION, Answer, ModelCall
from atende.core.knowledge.ports import Agents, Answers, ModelCalls
from atende.core.tenancy.model import ProjectNotActive
from atende.core.tenancy.ports import Projects
from atende.core.work.idempotency import AlreadyApplied


@dataclass(frozen=True, slots=True, kw_only=True)
class AskDocuments:
    """Answers from the project's documents with checked citations, or says that nothing was found.

    Credits for the highest possible cost are held first (402 if there are too few). The actual cost is captured together with
    the stored answer; a failure costs nothing.
    """

    compose: ComposeAnswer
    agents: Agents
    answers: Answers
    model_calls: ModelCalls
    projects: Projects
    prices: Prices
    admit: Admit
    audit: AuditLog
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(
        self, ask: Ask, *, answer_id: UUID | None = None, on_sentence: OnChecked | None = None
    ) -> Answer:
        """Raises Invalid, NotFound (the agent), ProjectNotActive, InsufficientCredits or Unavailable.

        `answer_id`: a new id for the answer, for callers who must say it before there is one.
        `on_sentence` is given each sentence of the answer as soon as its quotes are checked, before the answer is stored.
        """
        if not ask.text.strip() or len(ask.text) > MAX_QUESTION:
            raise Invalid(f"a question must have 1 to {MAX_QUESTION} characters")
        scope, answer_id, started_at = ask.owner.scope, answer_id or self.ids.new(), self.clock.now()
        async with self.transaction(scope):
            (await self.projects.pinned(scope)).require_active()
            ask = ask.by(await self.agents.pick(scope, ask.agent_id))
        ask, prices = await self.compose.located(ask), await self.prices.current()
        bound, calls = self.compose.bound(ask, prices), self.compose.plan(ask)
        hold_id = None
        async with self.transaction(scope):
            await self.model_calls.save(calls)
            if bound:
                hold_id = (await self.admit.hold(scope, amount=bound, reference=f"answer:{answer_id}")).id
        try:
            composed = await self.compose(ask, calls, prices, on_sentence=on_sentence)
        except BaseException:
            await self._release(scope, hold_id, calls)
            raise
        answer = composed.to_answer(
            answer_id, owner=ask.owner, question=ask.text, at=self.clock.now(), started_at=started_at
        )
        try:
            async with self.transaction(scope):
                (await self.projects.pinned(scope)).require_active()
                await self.audit.add(scope, _event(answer))
                await self.answers.add(answer)
                await self.model_calls.save(calls)
                await self.admit.settle(scope, hold_id, cost=composed.cost, note=f"answer:{answer_id}")
        except (AlreadyApplied, ProjectNotActive):
            await self._release(scope, hold_id, calls)
            raise
        return answer

    async def _release(self, scope: TenantScope, hold_id: UUID | None, calls: Sequence[ModelCall]) -> None:
        """What became of the model calls stays on record."""
        async with self.transaction(scope):
            await self.model_calls.save(calls)
            if hold_id is not None:
                await self.admit.release(scope, hold_id, note="no answer")


def _event(answer: Answer) -> Event:
    """Outcome, model, usage and cost, without the text of question and answer."""
    new = {"outcome": answer.outcome, "model": answer.model, "usage": answer.tokens, "cost": in_credits(answer.cost)}
    return Event(action="rag.query", resource_type="answer", resource_id=str(answer.id), new=new)
