"""How a turn is to be answered: read, planned, its cost held, its model calls on record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from atende.core.conversation.channel import ChannelCatalogue
from atende.core.conversation.closure.detector import ClosureDetector
from atende.core.conversation.model import Direction, HandoffReason, Message
from atende.core.conversation.ports import TurnContext, TurnRecords
from atende.core.conversation.turn.job import SILENT_KINDS
from atende.core.conversation.turn.plan import Plan, plan_reply, signals_of
from atende.core.conversation.turn.policy import TurnPolicy
from atende.core.conversation.turns import Turn
from atende.core.credits.admit import Admit
from atende.core.credits.price_list import PriceList
from atende.core.kernel import NO_CREDITS, Clock, InsufficientCredits
from atende.core.knowledge.compose_answer import Ask, ComposeAnswer
from atende.core.knowledge.model import Courtesy, ModelCall, Said
from atende.core.language.detect import guess_language
from atende.core.work.model import Claim

HISTORY = 20
"""Earlier messages that the model is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedAnswer:
    """A turn that this worker answers, with all that was read for it.

    `messages`: the turn's own and up to HISTORY before it, by seq. `calls`: the model calls to make; none for a courtesy.
    `longest`: the characters that the channel takes in one message.
    """

    turn: Turn
    context: TurnContext
    messages: tuple[Message, ...]
    prices: PriceList
    ask: Ask
    plan: Plan
    calls: tuple[ModelCall, ...]
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareAnswer:
    """Part of the caller's transaction, under the conversation's lock. A reply without model calls is to be recorded in it too.

    - What was held for this turn before is released first: a turn never has two holds.
    - Credits that do not cover the answer: the customer is told that a person comes, which costs nothing.
    """

    compose: ComposeAnswer
    admit: Admit
    channels: ChannelCatalogue
    records: TurnRecords
    detector: ClosureDetector
    clock: Clock
    policy: TurnPolicy

    async def __call__(
        self, claim: Claim, context: TurnContext, turn: Turn, messages: Sequence[Message], prices: PriceList
    ) -> PreparedAnswer:
        prepared = self._look_at(context, turn, messages, prices)
        if not prepared.plan.courtesy:
            ask = await self.compose.located(prepared.ask)
            prepared = replace(prepared, ask=ask, calls=tuple(self.compose.plan(ask, turn_id=turn.id)))
        if not await self._hold(claim, prepared):
            no_credits = replace(prepared.plan, courtesy=Courtesy.HANDING_OVER, handoff=HandoffReason.NO_CREDITS)
            prepared = replace(prepared, plan=no_credits, calls=())
        if prepared.calls:
            await self.records.prepare(claim.scope, turn, prepared.calls)
        return prepared

    def _look_at(
        self, context: TurnContext, turn: Turn, messages: Sequence[Message], prices: PriceList
    ) -> PreparedAnswer:
        conversation = context.conversation
        known = in_provider_order([m for m in messages if turn.from_seq - HISTORY <= m.seq <= turn.to_seq])
        asked = [m for m in known if m.direction is Direction.INBOUND and m.seq >= turn.from_seq]
        text = "\n".join(message.text for message in asked if message.text.strip() and message.kind not in SILENT_KINDS)
        conversation.language = guess_language(text, default=conversation.language or context.project.language)
        ask = Ask(
            owner=conversation.owner,
            text=text,
            language=conversation.language,
            history=tuple(Said(m.direction is Direction.INBOUND, m.text) for m in known if m not in asked),
            min_score=self.policy.min_score,
        ).by(context.agent)
        plan = plan_reply(self.detector, text, signals_of(conversation, known, now=self.clock.now()))
        return PreparedAnswer(
            turn=turn,
            context=context,
            messages=tuple(sorted(known, key=lambda message: message.seq)),
            prices=prices,
            ask=ask,
            plan=plan,
            calls=(),
            longest=self.channels.traits(context.account.kind).longest,
        )

    async def _hold(self, claim: Claim, prepared: PreparedAnswer) -> bool:
        """False when the credits do not cover the calls."""
        turn = prepared.turn
        if turn.hold_id is not None:
            await self.admit.release(claim.scope, turn.hold_id, note="held anew")
            turn.hold_id = None
        bound = self.compose.bound(prepared.ask, prepared.prices) if prepared.calls else NO_CREDITS
        if not bound:
            return True
        reference = f"turn:{turn.id}:{claim.job_id}.{claim.token}.{turn.discards}"
        try:
            turn.hold_id = (await self.admit.hold(claim.scope, amount=bound, reference=reference)).id
        except InsufficientCredits:
            return False
        return True


def in_provider_order(messages: list[Message]) -> list[Message]:
    """Between two messages of ours, what the customer wrote in the order of the provider's time, then of arrival.

    Only there: the provider's time is in whole seconds, and beside our own times it would put a quick reply before its cause.
    What arrives late stays behind the answer that it missed.
    """
    ordered = list[Message]()
    for _, run in groupby(messages, key=lambda message: message.direction):
        ordered += sorted(run, key=lambda m: ((m.provider_at or m.created_at).timestamp(), m.seq))
    return ordered
