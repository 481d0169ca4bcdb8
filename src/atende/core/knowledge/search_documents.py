"""Searching the documents without an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from atende.core.audit.model import Event
from atende.core.audit.ports import AuditLog
from atende.core.credits.admit import Admit
from atende.core.credits.ports import Prices
from atende.core.kernel import NO_CREDITS, Clock, Credits, Ids, Invalid, TenantScope, Transaction, in_credits
from atende.core.knowledge.compose_answer import Ask, ComposeAnswer
from atende.core.knowledge.model import MAX_QUESTION, CallState, ModelCall, Passage
from atende.core.knowledge.ports import Agents, ModelCalls
from atende.core.language.text import estimate_tokens
from atende.core.tenancy.ports import Projects


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """Passages, best first, with what the search cost. `degraded`: found by words alone, because the search by meaning was away."""

    passages: Sequence[Passage]
    cost: Credits
    degraded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDocuments:
    """Finds the passages of the project's documents that a question is about, without answering it.

    It costs what its embedding costs, which is held before the search and captured after it.
    """

    compose: ComposeAnswer
    agents: Agents
    model_calls: ModelCalls
    projects: Projects
    prices: Prices
    admit: Admit
    audit: AuditLog
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(self, ask: Ask) -> Searched:
        """Raises Invalid, NotFound (the agent), ProjectNotActive, InsufficientCredits or Unavailable."""
        if not ask.text.strip() or len(ask.text) > MAX_QUESTION:
            raise Invalid(f"a question must have 1 to {MAX_QUESTION} characters")
        scope, search_id = ask.owner.scope, self.ids.new()
        async with self.transaction(scope):
            (await self.projects.pinned(scope)).require_active()
            ask = ask.by(await self.agents.pick(scope, ask.agent_id))
        ask, prices = await self.compose.located(ask), await self.prices.current()
        call = self.compose.plan(ask)[0]
        bound = prices.cost(call.provider, call.model, call.purpose, tokens=estimate_tokens(ask.text) * 2)
        hold_id: UUID | None = None
        async with self.transaction(scope):
            await self.model_calls.save([call])
            if bound:
                hold_id = (await self.admit.hold(scope, amount=bound, reference=f"search:{search_id}")).id
        try:
            passages, degraded = await self.compose.search(ask, call, prices)
        except BaseException as error:
            await self._give_up(scope, hold_id, call, error)
            raise
        cost = min(call.cost or NO_CREDITS, bound)
        async with self.transaction(scope):
            await self.audit.add(scope, _event(search_id, call, len(passages), cost))
            await self.model_calls.save([call])
            await self.admit.settle(scope, hold_id, cost=cost, note=f"search:{search_id}")
        return Searched(passages=passages, cost=cost, degraded=degraded)

    async def _give_up(self, scope: TenantScope, hold_id: UUID | None, call: ModelCall, error: BaseException) -> None:
        if call.state is CallState.INTENT:
            call.failed(str(error)[:500], self.clock.now())
        async with self.transaction(scope):
            await self.model_calls.save([call])
            if hold_id is not None:
                await self.admit.release(scope, hold_id, note="no search")


def _event(search_id: UUID, call: ModelCall, found: int, cost: Credits) -> Event:
    """Without the text of the question."""
    new = {"passages": found, "model": call.model, "cost": in_credits(cost)}
    return Event(action="rag.search", resource_type="search", resource_id=str(search_id), new=new)
