"""One turn of a conversation, end to end."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.conversation.channel import Departure
from atende.core.conversation.model import Delivery, HandoffReason, Message
from atende.core.conversation.ports import Conversations, Messages, Turns
from atende.core.conversation.turn.hand_over import HandOver
from atende.core.conversation.turn.open_turn import ROUNDS, OpenedTurn, OpenTurn, TurnPolicy
from atende.core.conversation.turn.record_reply import RecordReply
from atende.core.conversation.turn.refund_reply import RefundReply
from atende.core.conversation.turn.send_reply import SendReply
from atende.core.kernel import Transaction
from atende.core.knowledge.compose_answer import ComposeAnswer
from atende.core.work.model import RESOLVE_SEND, Claim, NewJob
from atende.core.work.ports import Jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCustomer:
    """Exactly one reply is recorded per customer turn, and never a second one sent.

    Open (transaction), compose (none), record (transaction), send (none), note the outcome (transaction). A crash anywhere
    leaves a state that says what the next worker may do.
    """

    open_turn: OpenTurn
    compose: ComposeAnswer
    record: RecordReply
    send: SendReply

    async def __call__(self, claim: Claim) -> None:
        step: OpenedTurn | Departure | UUID | None = await self.open_turn(claim)
        for _ in range(ROUNDS):
            if not isinstance(step, OpenedTurn):
                break
            composed = None if step.plan.courtesy else await self.compose(step.ask, step.calls)
            step = await self.record(claim, step, composed)
        assert not isinstance(step, OpenedTurn), "a turn is answered again at most once"
        if isinstance(step, UUID):
            step = await self.send.again(claim, step)
        if step is not None:
            await self.send(claim, step)


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonTurn:
    """A turn that could not be answered ends with a person, its credits given back; its job is among the dead letters."""

    conversations: Conversations
    messages: Messages
    turns: Turns
    jobs: Jobs
    refund: RefundReply
    hand_over: HandOver
    transaction: Transaction
    policy: TurnPolicy

    async def __call__(self, claim: Claim, error: str) -> None:
        scope = claim.scope
        async with self.transaction(scope):
            conversation = await self.conversations.lock(scope, claim.id("conversation_id"))
            await self.jobs.bury(claim, error)
            turn = await self.turns.open_in(scope, conversation.id)
            if turn is not None:
                await self.hand_over.turn(scope, conversation, turn, HandoffReason.TURN_FAILED, note=error)
                return
            latest = await self.turns.latest_in(scope, conversation.id)
            reply = await self.messages.reply_to(scope, latest.id) if latest else None
            if reply is not None and reply.delivery is Delivery.SENDING:
                await self._doubt(claim, reply)
            elif reply is not None and reply.delivery is Delivery.PENDING:
                reply.delivery, reply.error = Delivery.FAILED, error[:500]
                await self.messages.save(scope, reply)
                await self.hand_over.conversation(
                    scope, conversation, HandoffReason.SEND_FAILED, note=error, message_id=reply.id
                )
                await self.refund(scope, reply)
            elif conversation.agent_may_speak:
                await self.hand_over.conversation(scope, conversation, HandoffReason.TURN_FAILED, note=error)

    async def _doubt(self, claim: Claim, reply: Message) -> None:
        reply.doubted("the worker that sent it did not come back")
        await self.messages.save(claim.scope, reply)
        resolve = NewJob(kind=RESOLVE_SEND, payload={"message_id": str(reply.id)}, delay=self.policy.doubt)
        await self.jobs.put(claim.scope, resolve)
