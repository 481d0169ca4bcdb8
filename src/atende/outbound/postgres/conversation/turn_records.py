"""What a turn reads and writes under its conversation's lock, in few statements: every one of them keeps others waiting."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Executable, case, column, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from atende.core.conversation.model import Conversation, Message
from atende.core.conversation.ports import TurnContext, TurnRecords
from atende.core.conversation.turns import Turn
from atende.core.kernel import NotFound, TenantScope
from atende.core.knowledge.model import Agent, Answer, ModelCall
from atende.core.tenancy.model import Project
from atende.core.tenancy.ports import Cipher
from atende.core.work.model import Claim
from atende.outbound.postgres.base import fresh, to_entity, to_values, upserted, within
from atende.outbound.postgres.conversation.conversations import (
    ChannelAccountRow,
    ConversationRow,
    MessageRow,
    to_account,
)
from atende.outbound.postgres.conversation.turns import TurnRow
from atende.outbound.postgres.jobs import JobRow, PostgresJobs, held
from atende.outbound.postgres.knowledge import AgentRow, ModelCallRow, answer_inserts
from atende.outbound.postgres.tenancy.projects import ProjectRow

_PINNED = aliased(
    ProjectRow,
    func.pin_project().table_valued(*(column(c.name, c.type) for c in ProjectRow.__table__.columns), name="pinned"),
    adapt_on_names=True,
)
"""The project, whose status nobody changes before the transaction ends."""

_AGENT = aliased(
    AgentRow,
    select(AgentRow)
    .where(AgentRow.tenant_id == ConversationRow.tenant_id)
    .where(func.coalesce(AgentRow.id == ConversationRow.agent_id, AgentRow.is_active))
    .order_by(case((AgentRow.is_default, 0), else_=1), AgentRow.created_at)
    .limit(1)
    .lateral("agent_of"),
)
"""The conversation's own agent, else the project's default one, else its oldest active one."""


class PostgresTurnRecords(TurnRecords):
    def __init__(self, session: AsyncSession, cipher: Cipher) -> None:
        self._session, self._cipher = session, cipher

    async def open(self, claim: Claim) -> TurnContext:
        account = (
            ChannelAccountRow.tenant_id == ConversationRow.tenant_id,
            ChannelAccountRow.id == ConversationRow.channel_account_id,
        )
        query = _locked(claim, ConversationRow, _PINNED, ChannelAccountRow, _AGENT)
        query = query.join(ChannelAccountRow, account[0] & account[1]).outerjoin(_AGENT, true())
        conversation, project, row, agent = await self._one(claim, query)
        return TurnContext(
            conversation=to_entity(conversation, Conversation),
            project=to_entity(project, Project),
            account=to_account(row, self._cipher),
            agent=None if agent is None else to_entity(agent, Agent),
        )

    async def resume(self, claim: Claim, context: TurnContext) -> TurnContext:
        conversation, project = await self._one(claim, _locked(claim, ConversationRow, _PINNED))
        return TurnContext(
            conversation=to_entity(conversation, Conversation),
            project=to_entity(project, Project),
            account=context.account,
            agent=context.agent,
        )

    async def _one(self, claim: Claim, query: Executable) -> Any:
        found = (await self._session.execute(fresh(query))).one_or_none()
        if found is None:
            await PostgresJobs(self._session).keep(claim)
            raise NotFound("no such conversation")
        return found

    async def prepare(self, scope: TenantScope, turn: Turn, calls: Sequence[ModelCall]) -> None:
        statement = upserted(TurnRow, [to_values(turn, scope)])
        if calls:
            statement = statement.add_cte(_saved(calls).cte("calls"))
        await self._session.execute(statement)

    async def record(
        self, context: TurnContext, *, turn: Turn, message: Message, answer: Answer, calls: Sequence[ModelCall]
    ) -> None:
        conversation = context.conversation
        scope = conversation.owner.scope
        written = to_values(message, scope, channel_account_id=context.account.id)
        parts = [
            upserted(TurnRow, [to_values(turn, scope)]),
            *answer_inserts(answer),
            upserted(MessageRow, [written]),
            *([_saved(calls)] if calls else []),
        ]
        statement = (
            update(ConversationRow)
            .where(ConversationRow.tenant_id == scope.tenant_id, ConversationRow.id == conversation.id)
            .values(to_values(conversation))
        )
        await self._session.execute(statement.add_cte(*(part.cte(f"part_{n}") for n, part in enumerate(parts))))


def _locked(claim: Claim, *read: Any) -> Any:
    """What is read of the claim's conversation, which is locked, then its job; the project is pinned before either.

    Whoever pins a project and locks a conversation does it in this order. Rows that are locked are seen as they are once they
    are; what is only joined may be as old as the statement.
    """
    scope = claim.scope
    return (
        select(*read)
        .select_from(ConversationRow)
        .join(JobRow, JobRow.tenant_id == ConversationRow.tenant_id)
        .join(_PINNED, _PINNED.tenant_id == ConversationRow.tenant_id)
        .where(ConversationRow.id == claim.id("conversation_id"))
        .where(*within(ConversationRow, scope))
        .where(*held(claim))
        .with_for_update(of=[ConversationRow, JobRow])
    )


def _saved(calls: Sequence[ModelCall]) -> Any:
    return upserted(ModelCallRow, [to_values(call) for call in calls])
