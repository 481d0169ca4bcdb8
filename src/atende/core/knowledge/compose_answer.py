"""Composing a checked answer: search, call the model, check its citations. No transaction is open meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from atende.core.credits.price_list import PriceList
from atende.core.kernel import NO_CREDITS, Clock, Credits, DomainError, Ids, Owner
from atende.core.knowledge import citations, courtesies
from atende.core.knowledge.indexes import Index, Indexes
from atende.core.knowledge.model import (
    Agent,
    Answer,
    CallState,
    Courtesy,
    Draft,
    ModelCall,
    Outcome,
    Passage,
    Question,
    Said,
    Sentence,
    Usage,
)
from atende.core.knowledge.ports import Answerer, OnSentence
from atende.core.knowledge.screening import Screen
from atende.core.language.text import estimate_tokens

TEMPERATURE, MAX_TOKENS = 0.7, 1_000
CONTEXT_TOKENS = 6_000
"""Tokens of all passages given to a model, at most; the hold covers them."""


OnChecked = Callable[[Sentence], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question and how to answer it. Passages with a score below `min_score` are not used. `index`: where they are searched;
    None for the one of tenants without a document.
    """

    owner: Owner
    text: str
    language: str
    history: tuple[Said, ...] = ()
    agent_id: UUID | None = None
    system_prompt: str | None = None
    model: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    top_k: int = 5
    min_score: float = 0.7
    index: Index | None = None

    def by(self, agent: Agent | None) -> "Ask":
        """The same question with the settings of this agent; model, temperature and max_tokens only if they are not set."""
        if agent is None:
            return self
        return replace(
            self,
            agent_id=agent.id,
            system_prompt=agent.system_prompt,
            model=self.model or agent.model,
            temperature=agent.temperature if self.temperature is None else self.temperature,
            max_tokens=self.max_tokens or agent.max_tokens,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A checked answer that is not stored yet, with its cost."""

    text: str
    outcome: Outcome
    model: str
    sentences: tuple[Sentence, ...] = ()
    passages: tuple[Passage, ...] = ()
    cost: Credits = NO_CREDITS
    tokens: int = 0
    courtesy: Courtesy | None = None
    resolved: float | None = None
    degraded: bool = False

    def within(self, most: int, language: str) -> "Composed":
        """The same in at most `most` characters: the last sentences are dropped with their citations. UNKNOWN if none is left."""
        kept = self.sentences
        while kept and len(citations.render(kept, language)) > most:
            kept = kept[:-1]
        if kept:
            return replace(self, sentences=kept, text=citations.render(kept, language))
        return replace(self, sentences=(), outcome=Outcome.UNKNOWN)

    def to_answer(
        self,
        answer_id: UUID,
        *,
        owner: Owner,
        question: str,
        at: datetime,
        started_at: datetime,
        turn_id: UUID | None = None,
    ) -> Answer:
        return Answer(
            id=answer_id,
            owner=owner,
            question=question,
            text=self.text,
            outcome=self.outcome,
            model=self.model,
            tokens=self.tokens,
            cost=self.cost,
            created_at=at,
            sentences=self.sentences,
            passages=self.passages,
            turn_id=turn_id,
            processing_ms=int((at - started_at).total_seconds() * 1_000),
            degraded=self.degraded,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeAnswer:
    """An answer consists of sentences with checked quotes, or is one of a closed list of courtesies; all else is dropped.

    - Sentences that no passage supports are dropped; if none remains, the answer is not known.
    - A sentence with a link or image to a place that is not allowed, or with parts of the agent's prompt, is dropped too.
    - Without a passage, no model is called.
    - Every model call is a row that is planned, with a hold for its highest cost, before the call, and settled after it.
    - A call that fails is marked as failed with its error; it never becomes an answer that is not known.
    """

    indexes: Indexes
    answerer: Answerer
    screen: Screen
    clock: Clock
    ids: Ids

    async def located(self, ask: Ask) -> Ask:
        """The same question, to be searched in the index that its tenant has now."""
        return replace(ask, index=await self.indexes.reading(ask.owner.scope))

    def plan(self, ask: Ask, *, turn_id: UUID | None = None) -> list[ModelCall]:
        """The model calls of one answer: the embedding for the search, and the answerer."""
        now, index = self.clock.now(), ask.index or self.indexes.default
        planned = (
            ("embed", index.embedding.provider, index.embedding.model),
            ("chat", self.answerer.provider, self.answerer.model(ask.model)),
        )
        return [
            ModelCall(
                id=self.ids.new(),
                owner=ask.owner,
                purpose=purpose,
                provider=provider,
                model=model,
                started_at=now,
                turn_id=turn_id,
            )
            for purpose, provider, model in planned
        ]

    def bound(self, ask: Ask, prices: PriceList) -> Credits:
        """The highest possible cost of one answer."""
        embed, chat = self.plan(ask)
        tokens = estimate_tokens(ask.text) + sum(estimate_tokens(said.text) for said in ask.history)
        asked = prices.cost(embed.provider, embed.model, "embed", tokens=tokens * 2)
        answered = prices.cost(
            chat.provider,
            chat.model,
            "chat",
            tokens=CONTEXT_TOKENS + tokens * 2 + (ask.max_tokens or MAX_TOKENS) + 2_000,
        )
        return Credits(asked + answered)

    async def __call__(
        self, ask: Ask, calls: Sequence[ModelCall], prices: PriceList, *, on_sentence: OnChecked | None = None
    ) -> Composed:
        """Settles `calls`, which `plan` made, at these prices. Raises what the model calls raise; the caller saves `calls`.

        `on_sentence` is given each sentence of the answer as soon as its quotes are checked.
        """
        try:
            return await self._compose(ask, calls, prices, on_sentence)
        except DomainError as error:
            unsettled = [call for call in calls if call.state is CallState.INTENT]
            for n, call in enumerate(unsettled):
                call.failed(error.detail if n == 0 else "not made: the call before it failed", self.clock.now())
            raise

    async def _compose(
        self, ask: Ask, calls: Sequence[ModelCall], prices: PriceList, on_sentence: OnChecked | None
    ) -> Composed:
        embed, chat = calls
        # Whatever an endpoint reports, an answer costs at most what was held for it.
        bound = self.bound(ask, prices)
        found, degraded = await self.search(ask, embed, prices)
        if not found:
            return self._unknown(
                ask,
                chat,
                Composed(
                    text="",
                    outcome=Outcome.UNKNOWN,
                    model=chat.model,
                    cost=min(embed.cost, bound),
                    degraded=degraded,
                ),
            )
        checked = citations.Verifier(found, self._lets(ask), on_sentence)
        draft = await self._ask(ask, found, chat, prices, checked.take if on_sentence else None)
        for sentence in draft.sentences:  # of these, what the answerer did not tell as it came
            checked.take(sentence)
        sentences = checked.sentences
        composed = Composed(
            text=citations.render(sentences, ask.language),
            outcome=Outcome.ANSWERED if sentences else Outcome.UNKNOWN,
            model=chat.model,
            sentences=sentences,
            passages=found,
            cost=min(Credits(embed.cost + chat.cost), bound),
            tokens=draft.usage.tokens,
            resolved=draft.resolved,
            degraded=degraded,
        )
        return composed if sentences else self._unknown(ask, chat, composed)

    def _lets(self, ask: Ask) -> Callable[[Sentence], bool]:
        asked = "\n".join([*(said.text for said in ask.history if said.by_customer), ask.text])
        return lambda sentence: self.screen.lets(sentence, private=ask.system_prompt, asked=asked)

    def _unknown(self, ask: Ask, chat: ModelCall, composed: Composed) -> Composed:
        if chat.state is CallState.INTENT:
            chat.failed("not needed: no passage was found", self.clock.now())
        nothing = courtesies.say(Courtesy.NOTHING_FOUND, ask.language)
        return replace(composed, text=nothing, courtesy=Courtesy.NOTHING_FOUND)

    async def search(self, ask: Ask, call: ModelCall, prices: PriceList) -> tuple[tuple[Passage, ...], bool]:
        """The passages that may be used, and whether the search was degraded. Settles `call`, that of the embedding."""
        previous = [said.text for said in ask.history if said.by_customer][-1:]
        # A short follow-up question ("and on Sundays?") means little without the one before it.
        text = "\n".join([*previous, ask.text]) if len(ask.text) < 40 else ask.text
        index = ask.index or self.indexes.default
        vector: Sequence[float] | None = None
        if index.whole:
            embedded = await index.embedding.embed([text], asking=True)
            self._settle(call, embedded.usage, prices, quantity=1)
            vector = embedded.vectors[0]
        else:
            call.failed("not needed: the settings do not have the embedding of this index", self.clock.now())
        found = await index.passages.search(
            ask.owner.scope, text=text, vector=vector, limit=ask.top_k, agent_id=ask.agent_id
        )
        kept, tokens = list[Passage](), 0
        for passage in found:
            tokens += estimate_tokens(passage.content)
            if passage.score >= ask.min_score and tokens <= CONTEXT_TOKENS:
                kept.append(passage)
        return tuple(kept), found.degraded

    async def _ask(
        self,
        ask: Ask,
        passages: tuple[Passage, ...],
        call: ModelCall,
        prices: PriceList,
        on_sentence: OnSentence | None,
    ) -> Draft:
        question = Question(
            text=ask.text,
            language=ask.language,
            passages=passages,
            history=ask.history,
            system_prompt=ask.system_prompt,
            model=ask.model,
            temperature=TEMPERATURE if ask.temperature is None else ask.temperature,
            max_tokens=ask.max_tokens or MAX_TOKENS,
            organization_id=ask.owner.organization_id,
        )
        draft = await self.answerer.answer(question, on_sentence=on_sentence)
        self._settle(call, draft.usage, prices, quantity=1 if draft.sentences else 0)
        return draft

    def _settle(self, call: ModelCall, usage: Usage, prices: PriceList, *, quantity: int) -> None:
        cost = NO_CREDITS
        if quantity or usage.tokens:
            cost = prices.cost(call.provider, call.model, call.purpose, quantity=quantity or 1, tokens=usage.tokens)
        call.done(usage=usage, cost=cost, at=self.clock.now())
