"""The first step of a turn: what there is to answer, and whether the agent may."""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from uuid import UUID

from atende.core.conversation.channel import ChannelCatalogue
from atende.core.conversation.closure.detector import ClosureDetector
from atende.core.conversation.model import Conversation, Delivery, Direction, HandoffReason, Message, Turn
from atende.core.conversation.ports import ChannelAccounts, Conversations, Messages, Turns
from atende.core.conversation.turn.hand_over import HandOver
from atende.core.conversation.turn.job import SILENT_KINDS
from atende.core.conversation.turn.plan import Plan, plan_reply, signals_of
from atende.core.credits.admit import Admit
from atende.core.kernel import Clock, Ids, InsufficientCredits, TenantScope, Transaction
from atende.core.knowledge.compose_answer import Ask, ComposeAnswer
from atende.core.knowledge.model import Courtesy, ModelCall, Said
from atende.core.knowledge.ports import Agents, ModelCalls
from atende.core.language.detect import guess_language
from atende.core.tenancy.ports import Projects
from atende.core.work.model import RESOLVE_SEND, Claim, NewJob
from atende.core.work.ports import Jobs

HISTORY = 20
ROUNDS = 2
"""An answer is made at most twice: once more when a newer message comes meanwhile. The customer pays for the one that is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnPolicy:
    """`max_age`: a message older than this is a person's to answer. `doubt`: how long a proof of a doubtful send is awaited."""

    max_age: timedelta = timedelta(hours=6)
    doubt: timedelta = timedelta(seconds=60)
    min_score: float = 0.5


@dataclass(slots=True, kw_only=True)
class OpenedTurn:
    """A turn that this worker answers. `calls` are the planned model calls of this round; empty when a courtesy will do.

    `longest`: the characters that the channel takes in one message.
    """

    turn: Turn
    conversation: Conversation
    ask: Ask
    plan: Plan
    calls: list[ModelCall]
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTurn:
    """Opens the turn over every message that waits for an answer, holds its cost, and commits the intent of its model calls.

    - A conversation that a person attends, or whose contact opted out, is left alone.
    - Messages that are too old, or cannot be answered within the channel's window, are a person's.
    - Credits that do not cover the answer: a person is called, which costs nothing to say.
    - A project that rests answers nobody: the job waits until it wakes.
    - A reply that was being sent when a worker died is never sent again; a reply that certainly was not sent is.
    """

    conversations: Conversations
    messages: Messages
    turns: Turns
    agents: Agents
    accounts: ChannelAccounts
    channels: ChannelCatalogue
    projects: Projects
    model_calls: ModelCalls
    jobs: Jobs
    admit: Admit
    compose: ComposeAnswer
    hand_over: HandOver
    detector: ClosureDetector
    transaction: Transaction
    clock: Clock
    ids: Ids
    policy: TurnPolicy

    async def __call__(self, claim: Claim) -> OpenedTurn | UUID | None:
        """The turn to answer; or the id of a reply to be sent again; or None: nothing to do, and the job is finished."""
        scope = claim.scope
        async with self.transaction(scope):
            conversation = await self.conversations.lock(scope, claim.id("conversation_id"))
            await self.jobs.keep(claim)
            unsent = await self._unsent(scope, conversation)
            if unsent is not None:
                return await self._settle_unsent(claim, unsent)
            turn = await self.turns.open_in(scope, conversation.id) or await self._new_turn(scope, conversation)
            if turn is None:
                await self.jobs.finish(claim)
                return None
            refusal = await self._refusal(scope, conversation, turn)
            if refusal is None:
                return await self.prepare(scope, conversation, turn)
            await self.hand_over.turn(scope, conversation, turn, refusal)
            await self.jobs.finish(claim)
            return None

    async def _unsent(self, scope: TenantScope, conversation: Conversation) -> Message | None:
        turn = await self.turns.latest_in(scope, conversation.id)
        reply = await self.messages.reply_to(scope, turn.id) if turn else None
        return reply if reply and reply.delivery in {Delivery.SENDING, Delivery.PENDING} else None

    async def _settle_unsent(self, claim: Claim, reply: Message) -> UUID | None:
        if reply.delivery is Delivery.PENDING:
            return reply.id
        reply.doubted("the worker that sent it did not come back")
        await self.messages.save(claim.scope, reply)
        resolve = NewJob(kind=RESOLVE_SEND, payload={"message_id": str(reply.id)}, delay=self.policy.doubt)
        await self.jobs.put(claim.scope, resolve)
        await self.jobs.finish(claim)
        return None

    async def _new_turn(self, scope: TenantScope, conversation: Conversation) -> Turn | None:
        waiting = await self._waiting(scope, conversation, conversation.answered_seq)
        if not waiting:
            return None
        turn = Turn(
            id=self.ids.new(),
            conversation_id=conversation.id,
            from_seq=waiting[0].seq,
            to_seq=waiting[-1].seq,
            created_at=self.clock.now(),
        )
        await self.turns.save(scope, turn)
        return turn

    async def _waiting(self, scope: TenantScope, conversation: Conversation, after_seq: int) -> list[Message]:
        later = await self.messages.of(scope, conversation.id, after_seq=after_seq)
        return [message for message in later if message.direction is Direction.INBOUND]

    async def _refusal(self, scope: TenantScope, conversation: Conversation, turn: Turn) -> HandoffReason | None:
        """Why the agent must not answer; TURN_FAILED stands for: it is somebody else's already, call nobody."""
        if not conversation.agent_may_speak or conversation.has_settled(turn):
            return HandoffReason.TURN_FAILED
        now, account = self.clock.now(), await self.accounts.get(scope, conversation.channel_account_id)
        first = (await self._waiting(scope, conversation, turn.from_seq - 1))[0]
        if now - (first.provider_at or first.created_at) > self.policy.max_age:
            return HandoffReason.TOO_OLD
        if not self.channels.traits(account.kind).takes_free_text(conversation.last_customer_at, now):
            return HandoffReason.WINDOW_CLOSED
        return None

    async def prepare(self, scope: TenantScope, conversation: Conversation, turn: Turn) -> OpenedTurn:
        """The turn as it is to be answered now: what it may cost is held, and its model calls are saved."""
        opened = await self._look_at(scope, conversation, turn)
        if opened.plan.courtesy is None and not await self._afford(scope, opened):
            opened.plan = replace(opened.plan, courtesy=Courtesy.HANDING_OVER, handoff=HandoffReason.NO_CREDITS)
            opened.calls = []
        await self.model_calls.save(opened.calls)
        return opened

    async def _afford(self, scope: TenantScope, opened: OpenedTurn) -> bool:
        turn, bound = opened.turn, await self.compose.bound(opened.ask)
        if turn.hold_id is not None or not bound:
            return True
        try:
            hold = await self.admit.hold(scope, amount=bound, reference=f"turn:{turn.id}:{turn.discards}")
        except InsufficientCredits:
            return False
        turn.hold_id = hold.id
        await self.turns.save(scope, turn)
        return True

    async def _look_at(self, scope: TenantScope, conversation: Conversation, turn: Turn) -> OpenedTurn:
        known = await self.messages.of(scope, conversation.id, last=HISTORY + turn.to_seq - turn.from_seq + 1)
        known = in_provider_order([m for m in known if m.seq <= turn.to_seq])
        asked = [m for m in known if m.direction is Direction.INBOUND and m.seq >= turn.from_seq]
        text = "\n".join(message.text for message in asked if message.text.strip() and message.kind not in SILENT_KINDS)
        project = await self.projects.pinned(scope)
        project.require_active()
        conversation.language = guess_language(text, default=conversation.language or project.language)
        ask = Ask(
            owner=conversation.owner,
            text=text,
            language=conversation.language,
            history=tuple(Said(m.direction is Direction.INBOUND, m.text) for m in known if m not in asked),
            min_score=self.policy.min_score,
        ).by(await self.agents.pick(scope, conversation.agent_id))
        plan = plan_reply(self.detector, text, signals_of(conversation, known, now=self.clock.now()))
        calls = [] if plan.courtesy else self.compose.plan(ask, turn_id=turn.id)
        account = await self.accounts.get(scope, conversation.channel_account_id)
        return OpenedTurn(
            turn=turn,
            conversation=conversation,
            ask=ask,
            plan=plan,
            calls=calls,
            longest=self.channels.traits(account.kind).longest,
        )


def in_provider_order(messages: list[Message]) -> list[Message]:
    """What the customer wrote between two of our messages in the provider's order, by arrival on ties.

    Only there: the provider's time is in whole seconds, so that beside ours it would put a quick reply before its cause. What
    arrives late stays behind the answer that it missed.
    """
    ordered = list[Message]()
    for _, run in groupby(messages, key=lambda message: message.direction):
        ordered += sorted(run, key=lambda m: ((m.provider_at or m.created_at).timestamp(), m.seq))
    return ordered
