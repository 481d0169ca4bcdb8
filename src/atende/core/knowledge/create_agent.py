"""Creating an AI agent."""

from dataclasses import dataclass

from atende.core.audit.model import Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.kernel import Clock, Ids, Owner, Transaction
from atende.core.knowledge.model import Agent
from atende.core.knowledge.ports import Agents
from atende.core.tenancy.ports import Projects


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAgent:
    """Creates an AI agent. The default agent of a project answers all conversations and questions that name no other."""

    agents: Agents
    projects: Projects
    audit: AuditLog
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
            (await self.projects.pinned(owner.scope)).require_active()
            await self.agents.add(agent)
            await self.audit.add(
                owner.scope,
                Event(
                    action="agent.create",
                    resource_type="agent",
                    resource_id=str(agent.id),
                    new=snapshot(agent, "name", "is_default"),
                ),
            )
        return agent
