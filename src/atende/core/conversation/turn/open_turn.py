"""The first step of a turn: whether there is something to answer, and whether the agent may."""

from collections.abc import Sequence
from dataclasses import dataclass

from atende.core.conversation.channel import ChannelCatalogue, Dispatch
from atende.core.conversation.model import Attendance, Delivery, Direction, HandoffReason, Message
from atende.core.conversation.ports import Messages, TurnContext, TurnRecords
from atende.core.conversation.turn.doubtful_send import LeaveInDoubt
from atende.core.conversation.turn.end_turn import EndTurn
from atende.core.conversation.turn.policy import TurnPolicy
from atende.core.conversation.turn.prepare_answer import HISTORY, PrepareAnswer
from atende.core.conversation.turn.record_reply import RecordReply
from atende.core.conversation.turn.refund_reply import RefundReply
from atende.core.conversation.turn.steps import AnswerNow, CallPerson, Done, Refusal, SendNow, StaySilent, Step
from atende.core.conversation.turns import Turn
from atende.core.credits.ports import Prices
from atende.core.kernel import Clock, Ids, Transaction
from atende.core.work.model import Claim
from atende.core.work.ports import Jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTurn:
    """Opens the turn over every message that waits for an answer, if the agent may answer it.

    - A reply that was being sent when its worker died is in doubt, and never sent again. One that certainly was not sent leaves
      now, unless a person took over or the contact opted out meanwhile.
    - A conversation that a person attends, or whose contact opted out, is left alone.
    - Messages that are too old, or cannot be answered within the channel's window, are left to a person.
    - A project that is switched off answers nobody: the job waits until it is switched on.
    """

    records: TurnRecords
    messages: Messages
    channels: ChannelCatalogue
    prices: Prices
    jobs: Jobs
    prepare: PrepareAnswer
    record: RecordReply
    end_turn: EndTurn
    in_doubt: LeaveInDoubt
    refund: RefundReply
    transaction: Transaction
    clock: Clock
    ids: Ids
    policy: TurnPolicy

    async def __call__(self, claim: Claim) -> Step:
        """Raises Fenced, NotFound (the conversation) or ProjectNotActive."""
        prices = await self.prices.current()
        async with self.transaction(claim.scope):
            opened = await self.records.open(claim, history=HISTORY)
            context, messages = opened.context, opened.messages
            context.project.require_active()
            if opened.reply is not None and opened.reply.delivery in {Delivery.SENDING, Delivery.PENDING}:
                return await self._settle_unsent(claim, context, opened.reply)
            turn = opened.latest if opened.latest is not None and opened.latest.is_open else None
            turn = turn or self._new_turn(context, messages)
            if turn is None:
                return await self._done(claim)
            refusal = self._refusal(context, turn, messages)
            if refusal is None:
                prepared = await self.prepare(claim, context, turn, messages, prices)
                newer = [message for message in messages if message.seq > turn.to_seq]
                return AnswerNow(prepared) if prepared.calls else await self.record.at_once(claim, prepared, newer)
            await self.end_turn(claim.scope, context.conversation, turn, refusal)
            return await self._done(claim)

    async def _settle_unsent(self, claim: Claim, context: TurnContext, reply: Message) -> Step:
        conversation = context.conversation
        if reply.delivery is Delivery.SENDING:
            await self.in_doubt(claim.scope, reply, "the worker that sent it did not come back")
        elif (why := _held_back(context)) is not None:
            reply.withdraw(why)
            await self.messages.save(claim.scope, reply)
            await self.refund(claim.scope, reply)
        else:
            reply.sending(self.clock.now())
            await self.messages.save(claim.scope, reply)
            return SendNow(Dispatch.of(reply, conversation, context.account))
        return await self._done(claim)

    async def _done(self, claim: Claim) -> Done:
        await self.jobs.finish(claim)
        return Done()

    def _new_turn(self, context: TurnContext, messages: Sequence[Message]) -> Turn | None:
        conversation = context.conversation
        waiting = [m.seq for m in messages if m.direction is Direction.INBOUND and m.seq > conversation.answered_seq]
        if not waiting:
            return None
        return Turn(
            id=self.ids.new(),
            conversation_id=conversation.id,
            from_seq=waiting[0],
            to_seq=waiting[-1],
            created_at=self.clock.now(),
        )

    def _refusal(self, context: TurnContext, turn: Turn, messages: Sequence[Message]) -> Refusal | None:
        """Why the agent must not answer."""
        conversation, now = context.conversation, self.clock.now()
        silence = conversation.silence_for(turn)
        if silence is not None:
            return StaySilent(silence)
        if not context.account.is_active:
            return CallPerson(HandoffReason.CHANNEL_OFF)
        first = next(message for message in messages if message.seq >= turn.from_seq)
        if now - (first.provider_at or first.created_at) > self.policy.max_age:
            return CallPerson(HandoffReason.TOO_OLD)
        if not self.channels.traits(context.account.kind).takes_free_text(conversation.last_customer_at, now):
            return CallPerson(HandoffReason.WINDOW_CLOSED)
        return None


def _held_back(context: TurnContext) -> str | None:
    """Why a reply that is recorded must not be sent any more."""
    if context.conversation.attendance is Attendance.HUMAN or context.conversation.opted_out:
        return "a person took over before it was sent"
    return None if context.account.is_active else "the number was paused before it was sent"
