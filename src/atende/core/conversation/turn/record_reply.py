"""The second step of a turn: reply, citations, cost, ledger entry and closure, in one transaction."""

from dataclasses import dataclass, replace

from atende.core.conversation.channel import Departure
from atende.core.conversation.model import (
    CloseReason,
    Conversation,
    Delivery,
    Direction,
    HandoffReason,
    Message,
    Sender,
    Turn,
    TurnState,
)
from atende.core.conversation.ports import ChannelAccounts, Conversations, Messages, Turns
from atende.core.conversation.turn.hand_over import HandOver
from atende.core.conversation.turn.open_turn import OpenedTurn, OpenTurn
from atende.core.conversation.turn.plan import closure_record
from atende.core.credits.admit import Admit
from atende.core.kernel import NO_CREDITS, Clock, Credits, Ids, Transaction
from atende.core.knowledge import courtesies
from atende.core.knowledge.compose_answer import Composed
from atende.core.knowledge.model import Answer, Courtesy, Outcome
from atende.core.knowledge.ports import Answers, ModelCalls
from atende.core.tenancy.model import ProjectNotActive
from atende.core.tenancy.ports import Projects
from atende.core.work.model import Claim
from atende.core.work.ports import Jobs

BUILT_IN = "atende/courtesy"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReply:
    """The one reply to a turn is recorded with its citations, its cost and the capture, or not at all.

    - A newer message came meanwhile: the draft is dropped, once, and the turn covers that message too.
    - A person took over (and perhaps gave back) or the contact opted out meanwhile: nothing is said, the held credits flow back.
    - The project was switched off meanwhile: nothing is recorded or charged, and the turn is answered anew when it is switched on.
    - What the agent does not know is said so, and a person is called.
    - The reply is recorded as `sending`: whoever finds it so later does not send it again.
    """

    conversations: Conversations
    messages: Messages
    accounts: ChannelAccounts
    turns: Turns
    answers: Answers
    model_calls: ModelCalls
    jobs: Jobs
    projects: Projects
    admit: Admit
    open_turn: OpenTurn
    hand_over: HandOver
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(
        self, claim: Claim, opened: OpenedTurn, composed: Composed | None
    ) -> OpenedTurn | Departure | None:
        """The message to hand to its channel; or the turn to answer again; or None: nothing is said, and the job is finished.

        Raises ProjectNotActive: the calls were made and are on record, nothing else is.
        """
        scope = claim.scope
        async with self.transaction(scope):
            conversation = await self.conversations.lock(scope, opened.conversation.id)
            await self.jobs.keep(claim)
            await self.model_calls.save(opened.calls)
            project = await self.projects.pinned(scope)
            if project.is_active:
                return await self._settle(claim, opened, conversation, composed)
        raise ProjectNotActive(status=str(project.status))

    async def _settle(
        self, claim: Claim, opened: OpenedTurn, conversation: Conversation, composed: Composed | None
    ) -> OpenedTurn | Departure | None:
        scope, turn = claim.scope, opened.turn
        if not conversation.agent_may_speak or conversation.has_settled(turn):
            await self.hand_over.turn(scope, conversation, turn, HandoffReason.TURN_FAILED, note="a person attends")
            await self.jobs.finish(claim)
            return None
        newer = await self._newest(claim, conversation, turn.to_seq)
        if newer is not None and turn.take_in(newer):
            return await self._again(claim, conversation, turn)
        conversation.language = opened.conversation.language
        return await self._record(claim, opened, conversation, _said(opened, composed), last_word=newer is None)

    async def _again(self, claim: Claim, conversation: Conversation, turn: Turn) -> OpenedTurn:
        """The turn with the newer messages in it, which may cost more to answer than the first ones: it is held anew."""
        if turn.hold_id is not None:
            await self.admit.release(claim.scope, turn.hold_id, note="answered again")
            turn.hold_id = None
        await self.turns.save(claim.scope, turn)
        again = await self.open_turn.prepare(claim.scope, conversation, turn)
        await self.conversations.save(conversation)
        return again

    async def _newest(self, claim: Claim, conversation: Conversation, after_seq: int) -> int | None:
        later = await self.messages.of(claim.scope, conversation.id, after_seq=after_seq)
        return max((m.seq for m in later if m.direction is Direction.INBOUND), default=None)

    async def _record(
        self, claim: Claim, opened: OpenedTurn, conversation: Conversation, composed: Composed, *, last_word: bool
    ) -> Departure:
        scope, turn, now = claim.scope, opened.turn, self.clock.now()
        answer = composed.to_answer(
            self.ids.new(),
            owner=conversation.owner,
            question=opened.ask.text,
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
        turn.finish(TurnState.REPLIED, at=now)
        conversation.answered_seq, conversation.last_message_at = turn.to_seq, now
        await self._close_or_call(claim, opened, conversation, composed, message, last_word=last_word)
        await self.turns.save(scope, turn)
        await self.answers.add(answer)
        await self.messages.save(scope, message)
        account = await self.accounts.get(scope, conversation.channel_account_id)
        await self._pay(claim, opened, answer)
        return Departure.of(message, conversation, account)

    async def _close_or_call(
        self,
        claim: Claim,
        opened: OpenedTurn,
        conversation: Conversation,
        composed: Composed,
        message: Message,
        *,
        last_word: bool,
    ) -> None:
        reason = opened.plan.handoff or (HandoffReason.NOT_KNOWN if composed.outcome is Outcome.UNKNOWN else None)
        conversation.closure = closure_record(opened.plan.verdict)
        if reason is not None:
            await self.hand_over.conversation(claim.scope, conversation, reason, message_id=message.id)
            return
        if opened.plan.closes and last_word:
            conversation.close(CloseReason.CLOSURE_DETECTED, at=self.clock.now(), closure=conversation.closure)
        await self.conversations.save(conversation)

    async def _pay(self, claim: Claim, opened: OpenedTurn, answer: Answer) -> None:
        """The account is locked last, so that it is locked shortly."""
        hold_id = opened.turn.hold_id
        if hold_id is None:
            assert answer.cost == NO_CREDITS, "what costs credits has a hold"
        elif answer.cost:
            await self.admit.capture(claim.scope, hold_id, amount=Credits(answer.cost), note=f"answer:{answer.id}")
        else:
            await self.admit.release(claim.scope, hold_id, note=f"answer:{answer.id}")


def _said(opened: OpenedTurn, composed: Composed | None) -> Composed:
    """The reply as its channel takes it and the customer reads it; what is not known is said so, and a person is called."""
    if composed is not None and composed.outcome is Outcome.ANSWERED:
        composed = composed.within(opened.longest, opened.ask.language)
    if composed is not None and composed.outcome is Outcome.UNKNOWN:
        return replace(composed, text=courtesies.say(Courtesy.NOT_KNOWN, opened.ask.language))
    return composed or _courtesy(opened)


def _courtesy(opened: OpenedTurn) -> Composed:
    courtesy = opened.plan.courtesy or Courtesy.ASK_BACK
    text = courtesies.say(courtesy, opened.ask.language)
    return Composed(text=text, outcome=Outcome.COURTESY, model=BUILT_IN, courtesy=courtesy)
