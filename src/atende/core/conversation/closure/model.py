"""What a closure verdict rests on, and what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from atende.core.conversation.closure.reading import Utterance


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """All that a verdict rests on; time is passed in.

    `turns` oldest first. `idle_after` is the silence that speaks fully for an end. `ai_verdict` is a model's opinion as
    data: -1 go on, 1 over.
    """

    turns: Sequence[Utterance]
    language: str | None = None
    now: datetime | None = None
    last_customer_at: datetime | None = None
    idle_after: timedelta | None = None
    hand_off_pending: bool = False
    ai_verdict: float | None = None


@dataclass(frozen=True, slots=True)
class Factor:
    """A reason for (weight above 0) or against an end, with the words or the fact that it was seen in."""

    name: str
    weight: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Costs:
    """What a mistake costs. To ask costs the same whatever the answer: it delays an end, and bothers who waits for us."""

    wrong_close: float = 10
    missed_close: float = 2
    unneeded_question: float = 1

    @property
    def close_at(self) -> float:
        """The probability of an end from which closing costs less than asking."""
        return 1 - self.unneeded_question / self.wrong_close

    @property
    def ask_at(self) -> float:
        """The probability from which asking costs less than to stay."""
        return self.unneeded_question / self.missed_close


class Decision(StrEnum):
    CLOSE = "close"
    ASK = "ask"
    STAY = "stay"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Close, ask once whether anything is left, or stay; confidence in an end from 0 to 1; the factors that made it."""

    decision: Decision
    confidence: float
    factors: tuple[Factor, ...]


class Strategy(Protocol):
    def __call__(self, signals: Signals) -> tuple[Factor, ...]:
        """The factors that this view of the conversation contributes."""
