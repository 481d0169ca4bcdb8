"""A question that is asked outside a conversation."""

from dataclasses import dataclass

from atende.core.credits.admit import Admit
from atende.core.kernel import Clock, Credits, Ids, Invalid, Transaction
from atende.core.knowledge.compose_answer import Ask, ComposeAnswer
from atende.core.knowledge.model import MAX_QUESTION, Answer
from atende.core.knowledge.ports import Agents, Answers, ModelCalls


@dataclass(frozen=True, slots=True, kw_only=True)
class AskDocuments:
    """An answer out of the project's documents with checked citations, or the plain statement that nothing was found.

    What it may cost is held before, and what it did cost is captured with the stored answer; a failure costs nothing.
    """

    compose: ComposeAnswer
    agents: Agents
    answers: Answers
    model_calls: ModelCalls
    admit: Admit
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(self, ask: Ask) -> Answer:
        """Raises Invalid, NotFound (the agent), InsufficientCredits or Unavailable."""
        if not ask.text.strip() or len(ask.text) > MAX_QUESTION:
            raise Invalid(f"a question has 1 to {MAX_QUESTION} characters")
        scope, answer_id, started_at = ask.owner.scope, self.ids.new(), self.clock.now()
        async with self.transaction(scope):
            ask = ask.by(await self.agents.pick(scope, ask.agent_id))
        bound = await self.compose.bound(ask)
        calls = self.compose.plan(ask)
        hold_id = None
        async with self.transaction(scope):
            await self.model_calls.save(calls)
            if bound:
                hold_id = (await self.admit.hold(scope, amount=bound, reference=f"answer:{answer_id}")).id
        try:
            composed = await self.compose(ask, calls)
        except BaseException:
            if hold_id is not None:
                async with self.transaction(scope):
                    await self.admit.release(scope, hold_id, note="no answer")
            raise
        answer = composed.to_answer(
            answer_id, owner=ask.owner, question=ask.text, at=self.clock.now(), started_at=started_at
        )
        async with self.transaction(scope):
            await self.answers.add(answer)
            await self.model_calls.save(calls)
            if hold_id is not None and composed.cost:
                await self.admit.capture(scope, hold_id, amount=Credits(composed.cost), note=f"answer:{answer_id}")
            elif hold_id is not None:
                await self.admit.release(scope, hold_id, note=f"answer:{answer_id}")
        return answer
