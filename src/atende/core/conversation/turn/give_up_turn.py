"""What becomes of a turn whose attempt failed: it is tried again later, or given up."""

from dataclasses import dataclass
from datetime import timedelta

from atende.core.conversation.model import Conversation, Delivery, HandoffReason, Message
from atende.core.conversation.ports import Conversations, Messages, Turns
from atende.core.conversation.turn.doubtful_send import LeaveInDoubt
from atende.core.conversation.turn.end_turn import EndTurn
from atende.core.conversation.turn.hand_over import HandOver
from atende.core.conversation.turn.refund_reply import RefundReply
from atende.core.conversation.turn.steps import CallPerson, StaySilent
from atende.core.conversation.turns import Turn
from atende.core.credits.admit import Admit
from atende.core.kernel import TenantScope, Transaction
from atende.core.work.model import Claim
from atende.core.work.ports import Jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryTurn:
    """The job is put back, and what the failed attempt held is released, in one transaction."""

    conversations: Conversations
    turns: Turns
    jobs: Jobs
    admit: Admit
    transaction: Transaction

    async def __call__(self, claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> None:
        """Raises Fenced: then another worker has the job, and the hold with it."""
        scope = claim.scope
        async with self.transaction(scope):
            conversation = await self.conversations.lock(scope, claim.id("conversation_id"))
            await self.jobs.put_back(claim, delay=delay, error=error, counts=counts)
            turn, _ = await self.turns.latest_in(scope, conversation.id)
            if turn is not None and turn.is_open and turn.hold_id is not None:
                await self.admit.release(scope, turn.hold_id, note="the attempt failed")
                turn.hold_id = None
                await self.turns.save(scope, turn)


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonTurn:
    """A turn that could not be answered is left to a person, its credits released; its job is among the dead letters."""

    conversations: Conversations
    messages: Messages
    turns: Turns
    jobs: Jobs
    refund: RefundReply
    end_turn: EndTurn
    hand_over: HandOver
    in_doubt: LeaveInDoubt
    transaction: Transaction

    async def __call__(self, claim: Claim, error: str) -> None:
        scope = claim.scope
        async with self.transaction(scope):
            conversation = await self.conversations.lock(scope, claim.id("conversation_id"))
            await self.jobs.bury(claim, error)
            turn, reply = await self.turns.latest_in(scope, conversation.id)
            if turn is not None and turn.is_open:
                await self._end(scope, conversation, turn, error)
            elif reply is not None and reply.delivery is Delivery.SENDING:
                await self.in_doubt(scope, reply, "the worker that sent it did not come back")
            elif reply is not None and reply.delivery is Delivery.PENDING:
                await self._not_sent(scope, conversation, reply, error)
            elif conversation.agent_may_speak:
                await self.hand_over(scope, conversation, HandoffReason.TURN_FAILED, note=error)

    async def _end(self, scope: TenantScope, conversation: Conversation, turn: Turn, error: str) -> None:
        silence = conversation.silence_for(turn)
        refusal = CallPerson(HandoffReason.TURN_FAILED) if silence is None else StaySilent(silence)
        await self.end_turn(scope, conversation, turn, refusal, note=error)

    async def _not_sent(self, scope: TenantScope, conversation: Conversation, reply: Message, error: str) -> None:
        reply.withdraw(error)
        await self.messages.save(scope, reply)
        await self.hand_over(scope, conversation, HandoffReason.SEND_FAILED, note=error, message_id=reply.id)
        await self.refund(scope, reply)
