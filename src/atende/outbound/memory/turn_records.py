"""What a turn reads and writes, in memory."""

from collections.abc import Sequence
from dataclasses import replace

from atende.core.conversation.model import Message
from atende.core.conversation.ports import ChannelAccounts, Conversations, Messages, TurnContext, TurnRecords, Turns
from atende.core.conversation.turns import Turn
from atende.core.kernel import TenantScope
from atende.core.knowledge.model import Answer, ModelCall
from atende.core.knowledge.ports import Agents, Answers, ModelCalls
from atende.core.tenancy.ports import Projects
from atende.core.work.model import Claim
from atende.core.work.ports import Jobs


class MemoryTurnRecords(TurnRecords):
    def __init__(
        self,
        conversations: Conversations,
        messages: Messages,
        turns: Turns,
        accounts: ChannelAccounts,
        agents: Agents,
        projects: Projects,
        answers: Answers,
        calls: ModelCalls,
        jobs: Jobs,
    ) -> None:
        self._conversations, self._messages, self._turns = conversations, messages, turns
        self._accounts, self._agents, self._projects = accounts, agents, projects
        self._answers, self._calls, self._jobs = answers, calls, jobs

    async def open(self, claim: Claim) -> TurnContext:
        scope = claim.scope
        conversation = await self._conversations.lock(scope, claim.id("conversation_id"))
        await self._jobs.keep(claim)
        return TurnContext(
            conversation=conversation,
            project=await self._projects.pinned(scope),
            account=await self._accounts.get(scope, conversation.channel_account_id),
            agent=await self._agents.pick(scope, conversation.agent_id),
        )

    async def resume(self, claim: Claim, context: TurnContext) -> TurnContext:
        return replace(await self.open(claim), account=context.account, agent=context.agent)

    async def prepare(self, scope: TenantScope, turn: Turn, calls: Sequence[ModelCall]) -> None:
        await self._turns.save(scope, turn)
        await self._calls.save(calls)

    async def record(
        self, context: TurnContext, *, turn: Turn, message: Message, answer: Answer, calls: Sequence[ModelCall]
    ) -> None:
        scope = context.conversation.owner.scope
        await self._conversations.save(context.conversation)
        await self._turns.save(scope, turn)
        await self._calls.save(calls)
        await self._answers.add(answer)
        await self._messages.save(scope, message)
