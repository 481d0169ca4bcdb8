"""A new AI attendant."""

from dataclasses import dataclass

from atende.core.kernel import Clock, Ids, Owner, Transaction
from atende.core.knowledge.model import Agent
from atende.core.knowledge.ports import Agents


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAgent:
    """The default agent of a project attends whatever names no other."""

    agents: Agents
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(
        self, owner: Owner, *, name: str, system_prompt: str | None = None, is_default: bool = False
    ) -> Agent:
        agent = Agent(
            id=self.ids.new(),
            owner=owner,
            name=name,
            system_prompt=system_prompt,
            is_default=is_default,
            created_at=self.clock.now(),
        )
        async with self.transaction(owner.scope):
            await self.agents.add(agent)
        return agent
