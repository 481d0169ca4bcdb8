"""The second step of a turn: reply, citations, cost, ledger entry and closure, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from atende.core.conversation.channel import Dispatch
from atende.core.conversation.model import CloseReason, Delivery, Direction, HandoffReason, Message, Sender
from atende.core.conversation.ports import TurnRecords
from atende.core.conversation.turn.end_turn import EndTurn
from atende.core.conversation.turn.hand_over import HandOver
from atende.core.conversation.turn.plan import closure_record
from atende.core.conversation.turn.prepare_answer import PrepareAnswer, PreparedAnswer
from atende.core.conversation.turn.steps import AnswerNow, Done, SendNow, StaySilent, Step
from atende.core.credits.admit import Admit
from atende.core.kernel import Clock, Ids, Transaction
from atende.core.knowledge import courtesies
from atende.core.knowledge.compose_answer import Composed
from atende.core.knowledge.model import Courtesy, Outcome
from atende.core.knowledge.ports import ModelCalls
from atende.core.tenancy.model import ProjectNotActive
from atende.core.work.model import Claim
from atende.core.work.ports import Jobs

BUILT_IN = "atende/courtesy"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReply:
    """The one reply to a turn is recorded with its citations, its cost and the capture, or not at all.

    - A newer message came meanwhile: the draft is dropped, once, and the turn covers that message too.
    - A person took over (and perhaps gave back) or the contact opted out meanwhile: nothing is said, the hold is released.
    - The project was switched off meanwhile: nothing is recorded or charged, and the turn is answered when it is switched on.
    - What the agent does not know is said so, and a person is called.
    - The reply is recorded as `sending`: whoever finds it so later does not send it again.
    """

    records: TurnRecords
    model_calls: ModelCalls
    jobs: Jobs
    admit: Admit
    prepare: PrepareAnswer
    end_turn: EndTurn
    hand_over: HandOver
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def at_once(self, claim: Claim, prepared: PreparedAnswer, newer: Sequence[Message] = ()) -> Step:
        """A reply that needs no model call, in the caller's transaction, which has locked the conversation and read it.

        `newer`: messages that came after those of the turn.
        """
        assert not prepared.calls, "a reply that needs model calls is recorded after them"
        return await self._settle(claim, prepared, None, newer)

    async def __call__(self, claim: Claim, prepared: PreparedAnswer, composed: Composed) -> Step:
        """Raises Fenced, and ProjectNotActive: the calls were made and are on record, nothing else is."""
        async with self.transaction(claim.scope):
            resumed = await self.records.resume(claim, prepared.context, after_seq=prepared.turn.to_seq)
            project = resumed.context.project
            if project.is_active:
                return await self._settle(claim, replace(prepared, context=resumed.context), composed, resumed.newer)
            await self.model_calls.save(prepared.calls)
        raise ProjectNotActive(status=str(project.status))

    async def _settle(
        self, claim: Claim, prepared: PreparedAnswer, composed: Composed | None, newer: Sequence[Message]
    ) -> Step:
        conversation, turn = prepared.context.conversation, prepared.turn
        silence = conversation.silence_for(turn)
        if silence is not None:
            await self.model_calls.save(prepared.calls)
            await self.end_turn(claim.scope, conversation, turn, StaySilent(silence))
            await self.jobs.finish(claim)
            return Done()
        latest = max((message.seq for message in newer if message.direction is Direction.INBOUND), default=None)
        if latest is not None and turn.take_in(latest):
            await self.model_calls.save(prepared.calls)
            messages = [*prepared.messages, *newer]
            again = await self.prepare(claim, prepared.context, turn, messages, prepared.prices)
            return AnswerNow(again) if again.calls else await self.at_once(claim, again)
        return SendNow(await self._record(claim, prepared, _said(prepared, composed), last_word=latest is None))

    async def _record(self, claim: Claim, prepared: PreparedAnswer, composed: Composed, *, last_word: bool) -> Dispatch:
        context, turn, now = prepared.context, prepared.turn, self.clock.now()
        conversation = context.conversation
        answer = composed.to_answer(
            self.ids.new(),
            owner=conversation.owner,
            question=prepared.ask.text,
            at=now,
            started_at=turn.created_at,
            turn_id=turn.id,
        )
        message = Message(
            id=self.ids.new(),
            conversation_id=conversation.id,
            seq=conversation.next_seq(),
            direction=Direction.OUTBOUND,
            sender=Sender.AI,
            text=composed.text,
            created_at=now,
            delivery=Delivery.PENDING,
            turn_id=turn.id,
            answer_id=answer.id,
        )
        message.sending(now)
        turn.reply(at=now)
        conversation.language = prepared.ask.language
        conversation.answered_seq, conversation.last_message_at = turn.to_seq, now
        await self._close_or_call(claim, prepared, composed, message, last_word=last_word)
        await self.records.record(context, turn=turn, message=message, answer=answer, calls=prepared.calls)
        # The ledger is locked last, so that the organization's other turns wait for it as shortly as can be.
        await self.admit.settle(claim.scope, turn.hold_id, cost=answer.cost, note=f"answer:{answer.id}")
        return Dispatch.of(message, conversation, context.account)

    async def _close_or_call(
        self, claim: Claim, prepared: PreparedAnswer, composed: Composed, message: Message, *, last_word: bool
    ) -> None:
        conversation, plan = prepared.context.conversation, prepared.plan
        reason = plan.handoff or (HandoffReason.NOT_KNOWN if composed.outcome is Outcome.UNKNOWN else None)
        conversation.closure = closure_record(plan.verdict)
        if reason is not None:
            await self.hand_over(claim.scope, conversation, reason, message_id=message.id)
        elif plan.closes and last_word:
            conversation.close(CloseReason.CLOSURE_DETECTED, at=self.clock.now(), closure=conversation.closure)


def _said(prepared: PreparedAnswer, composed: Composed | None) -> Composed:
    """The reply as its channel takes it and the customer reads it; what is not known is said so, and a person is called."""
    language = prepared.ask.language
    if composed is not None and composed.outcome is Outcome.ANSWERED:
        composed = composed.within(prepared.longest, language)
    if composed is not None and composed.outcome is Outcome.UNKNOWN:
        return replace(composed, text=courtesies.say(Courtesy.NOT_KNOWN, language))
    return composed or _courtesy(prepared)


def _courtesy(prepared: PreparedAnswer) -> Composed:
    courtesy = prepared.plan.courtesy or Courtesy.ASK_BACK
    text = courtesies.say(courtesy, prepared.ask.language)
    return Composed(text=text, outcome=Outcome.COURTESY, model=BUILT_IN, courtesy=courtesy)
