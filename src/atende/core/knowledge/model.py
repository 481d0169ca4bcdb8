"""The passages that a search finds, agents, and answers with checked citations."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from atende.core.kernel import NO_CREDITS, Credits, Invalid, Owner

MAX_QUESTION = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A chunk that a search found. `score` is a calibrated similarity from 0 to 1; results are ordered by fused rank instead."""

    chunk_id: UUID
    document_id: UUID
    document_name: str
    version: int
    index: int
    content: str
    score: float
    page: int | None = None


class Found(list[Passage]):
    """What a search found, best first. `degraded`: by words alone, because the store of the vectors was away."""

    def __init__(self, passages: Iterable[Passage] = (), *, degraded: bool = False) -> None:
        super().__init__(passages)
        self.degraded = degraded


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a model call, as counted by the provider; `estimated` if it did not say, and we counted."""

    tokens_in: int = 0
    tokens_out: int = 0
    estimated: bool = False

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out


@dataclass(frozen=True, slots=True)
class Embedded:
    vectors: tuple[tuple[float, ...], ...]
    usage: Usage


@dataclass(slots=True, kw_only=True)
class Agent:
    """An AI agent of a project. `model` None means the model in the settings of the installation."""

    id: UUID
    owner: Owner
    name: str
    created_at: datetime
    system_prompt: str | None = None
    model: str | None = None
    temperature: float = 0.7
    max_tokens: int = 1_000
    is_default: bool = False
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """An earlier message of the conversation."""

    by_customer: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The input of an answerer. `history`: oldest first; `language`: pt, en or es; `organization_id`: selects the provider key."""

    text: str
    language: str
    passages: tuple[Passage, ...]
    history: tuple[Said, ...] = ()
    system_prompt: str | None = None
    model: str | None = None
    temperature: float = 0.7
    max_tokens: int = 1_000
    organization_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DraftQuote:
    """A quote that the answerer claims to be in a chunk; it counts only if it is found there."""

    chunk_id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class DraftSentence:
    text: str
    quotes: tuple[DraftQuote, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """The unchecked result of an answerer. Without sentences, it does not know the answer. `resolved` (-1 to 1) is its estimate
    whether the customer's concern is settled.
    """

    sentences: tuple[DraftSentence, ...]
    usage: Usage
    resolved: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A checked quote: `quote` is chunk.content[start:end], character offsets."""

    chunk_id: UUID
    document_id: UUID
    document_name: str
    version: int
    start: int
    end: int
    quote: str
    page: int | None = None
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Sentence:
    """A claim with the quotes that support it. Answers contain no other claims."""

    text: str
    citations: tuple[Citation, ...]


class Outcome(StrEnum):
    ANSWERED = "answered"
    COURTESY = "courtesy"
    UNKNOWN = "unknown"


class Courtesy(StrEnum):
    """The closed list of texts that are sent without a quote."""

    GREETING = "greeting"
    WELCOME = "welcome"
    FAREWELL = "farewell"
    ASK_BACK = "ask_back"
    TEXT_ONLY = "text_only"
    HANDING_OVER = "handing_over"
    NOT_KNOWN = "not_known"
    NOTHING_FOUND = "nothing_found"
    ANYTHING_ELSE = "anything_else"
    GO_AHEAD = "go_ahead"
    NO_HURRY = "no_hurry"
    AUTOMATED = "automated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A stored answer with its citations, passages and cost. Its id is the `queryId` of the API."""

    id: UUID
    owner: Owner
    question: str
    text: str
    outcome: Outcome
    model: str
    tokens: int
    cost: Credits
    created_at: datetime
    sentences: tuple[Sentence, ...] = ()
    passages: tuple[Passage, ...] = ()
    turn_id: UUID | None = None
    processing_ms: int = 0
    degraded: bool = False
    """Whether the passages were found by words alone, because the store of the vectors was away."""

    def __post_init__(self) -> None:
        if self.outcome is Outcome.ANSWERED and not (self.sentences and all(s.citations for s in self.sentences)):
            raise Invalid("every sentence of an answer must have a checked citation")


class CallState(StrEnum):
    INTENT = "intent"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True, kw_only=True)
class ModelCall:
    """One call of a model. It is committed before the call, and again with tokens and cost, or with the error, after it.

    `estimated`: the provider did not report the tokens, and they were counted here.
    """

    id: UUID
    owner: Owner
    purpose: str
    provider: str
    model: str
    started_at: datetime
    state: CallState = CallState.INTENT
    turn_id: UUID | None = None
    answer_id: UUID | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    estimated: bool = False
    cost: Credits = NO_CREDITS
    error: str | None = None
    finished_at: datetime | None = None

    def done(self, *, usage: Usage, cost: Credits, at: datetime) -> None:
        self.state, self.finished_at, self.cost = CallState.DONE, at, cost
        self.tokens_in, self.tokens_out, self.estimated = usage.tokens_in, usage.tokens_out, usage.estimated

    def failed(self, error: str, at: datetime) -> None:
        self.state, self.finished_at, self.error = CallState.FAILED, at, error[:500]
