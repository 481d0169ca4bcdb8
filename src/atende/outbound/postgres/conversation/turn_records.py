"""What a turn reads and writes under its conversation's lock, in few statements: every one of them keeps others waiting."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from atende.core.conversation.model import Conversation, Delivery, Message
from atende.core.conversation.ports import OpenedTurn, ResumedTurn, TurnContext, TurnRecords
from atende.core.conversation.turns import Turn
from atende.core.kernel import NotFound, TenantScope
from atende.core.knowledge.model import Agent, Answer, ModelCall
from atende.core.tenancy.model import Project
from atende.core.tenancy.ports import Cipher
from atende.core.work.model import Claim
from atende.outbound.postgres.base import to_values
from atende.outbound.postgres.constraints import database_errors
from atende.outbound.postgres.conversation.channel_accounts import to_account
from atende.outbound.postgres.conversation.conversations import SAVE_CONVERSATION
from atende.outbound.postgres.conversation.messages import SAVE_MESSAGES
from atende.outbound.postgres.conversation.turns import SAVE_TURN
from atende.outbound.postgres.jobs import PostgresJobs, raise_if_lost
from atende.outbound.postgres.knowledge.answers import ADD_ANSWER, ADD_CITATIONS, SAVE_CALLS, citations_of
from atende.outbound.postgres.records import as_json, entity, read
from atende.outbound.postgres.unit import Unit

_OPEN = "SELECT open_turn($1, $2, $3, $4, $5, $6)::text"
_RESUME = "SELECT resume_turn($1, $2, $3, $4, $5, $6)::text"
_PREPARE = f"""
WITH given AS (SELECT $1::json AS given), calls AS ({SAVE_CALLS}) {SAVE_TURN}
"""
_RECORD = f"""
WITH given AS (SELECT $1::json AS given), turns AS ({SAVE_TURN}), calls AS ({SAVE_CALLS}),
  answers AS ({ADD_ANSWER}), citations AS ({ADD_CITATIONS}), messages AS ({SAVE_MESSAGES})
{SAVE_CONVERSATION}
"""
_SENT = "SELECT note_sent($1, $2, $3, $4, $5, $6, $7, $8)"
_BEFORE_SENT = [str(one) for one in Delivery if one.rank < Delivery.SENT.rank]


class PostgresTurnRecords(TurnRecords):
    def __init__(self, unit: Unit, pool: "asyncpg.Pool[asyncpg.Record]", cipher: Cipher) -> None:
        self._unit, self._pool, self._cipher = unit, pool, cipher

    async def open(self, claim: Claim, *, history: int) -> OpenedTurn:
        found = await self._locked(_OPEN, claim, history)
        context = TurnContext(
            conversation=entity(found["conversation"], Conversation),
            project=entity(found["project"], Project),
            account=to_account(found["account"], self._cipher),
            agent=_maybe(found["agent"], Agent),
        )
        return OpenedTurn(
            context=context,
            latest=_maybe(found["turn"], Turn),
            reply=_maybe(found["reply"], Message),
            messages=_messages(found["messages"]),
        )

    async def resume(self, claim: Claim, context: TurnContext, *, after_seq: int) -> ResumedTurn:
        found = await self._locked(_RESUME, claim, after_seq)
        context = TurnContext(
            conversation=entity(found["conversation"], Conversation),
            project=entity(found["project"], Project),
            account=context.account,
            agent=context.agent,
        )
        return ResumedTurn(context=context, newer=_messages(found["messages"]))

    async def _locked(self, statement: str, claim: Claim, number: int) -> Any:
        scope, conversation_id = claim.scope, claim.id("conversation_id")
        given = (scope.organization_id, scope.tenant_id, conversation_id, claim.job_id, claim.token, number)
        found = await self._unit.connection.fetchval(statement, *given)
        if found is None:
            await PostgresJobs(self._unit).keep(claim)
            raise NotFound("no such conversation")
        return read(found)

    async def prepare(self, scope: TenantScope, turn: Turn, calls: Sequence[ModelCall]) -> None:
        given = {"turn": to_values(turn, scope), "calls": [to_values(call) for call in calls]}
        await self._unit.connection.execute(_PREPARE, as_json(given))

    async def record(
        self, context: TurnContext, *, turn: Turn, message: Message, answer: Answer, calls: Sequence[ModelCall]
    ) -> None:
        conversation = context.conversation
        scope = conversation.owner.scope
        given = {
            "turn": to_values(turn, scope),
            "calls": [to_values(call) for call in calls],
            "answer": to_values(answer),
            "citations": citations_of(answer),
            "messages": [to_values(message, scope, channel_account_id=context.account.id)],
            "conversation": to_values(conversation),
        }
        await self._unit.connection.execute(_RECORD, as_json(given))

    async def sent(self, claim: Claim, message_id: UUID, *, provider_message_id: str, at: datetime) -> None:
        scope = claim.scope
        of_job = (scope.organization_id, scope.tenant_id, claim.job_id, claim.token)
        with database_errors():
            found = await self._pool.fetchval(_SENT, *of_job, message_id, provider_message_id, at, _BEFORE_SENT)
        raise_if_lost(claim, found)


def _maybe(row: dict[str, Any] | None, kind: type[Any]) -> Any:
    return None if row is None else entity(row, kind)


def _messages(found: list[dict[str, Any]]) -> list[Message]:
    return [entity(row, Message) for row in found]
