"""Whether a conversation should end: several factors, each with its evidence, added up by interchangeable strategies."""

from dataclasses import dataclass
from typing import Final

from atende.core.conversation.closure.model import Costs, Decision, Factor, Signals, Strategy, Verdict
from atende.core.conversation.closure.reading import Utterance
from atende.core.conversation.closure.strategies import (
    AIVerdictStrategy,
    DialogueStrategy,
    KeywordStrategy,
    SilenceStrategy,
)
from atende.core.conversation.closure.trained import TrainedStrategy

__all__ = [
    "AIVerdictStrategy",
    "ClosureDetector",
    "Costs",
    "Decision",
    "DialogueStrategy",
    "Factor",
    "KeywordStrategy",
    "Signals",
    "SilenceStrategy",
    "Strategy",
    "TrainedStrategy",
    "Utterance",
    "Verdict",
    "closure_detector",
]

TRAINED: Final = (TrainedStrategy(), SilenceStrategy())
REFEREE: Final = AIVerdictStrategy()
RULES: Final = (KeywordStrategy(), DialogueStrategy(), SilenceStrategy())


@dataclass(frozen=True, slots=True)
class ClosureDetector:
    """The composite: adds up what its strategies see, and decides by two thresholds.

    The sum is held in 0 to 1. At `close_at` or more the conversation ends; from `ask_at` on the customer is asked once;
    below, nothing happens. Between the two `referee` may tip the balance, if there is an opinion. While a person is
    awaited it never ends and nobody is asked.
    """

    strategies: tuple[Strategy, ...] = TRAINED
    close_at: float = Costs().close_at
    ask_at: float = Costs().ask_at
    referee: Strategy | None = REFEREE

    def detect(self, signals: Signals) -> Verdict:
        factors = tuple(factor for strategy in self.strategies for factor in strategy(signals))
        confidence = _sum(factors)
        if self.referee is not None and self.ask_at <= confidence < self.close_at:
            factors += self.referee(signals)
            confidence = _sum(factors)
        return Verdict(self._decision(confidence, signals), confidence, factors)

    def _decision(self, confidence: float, signals: Signals) -> Decision:
        if signals.hand_off_pending or confidence < self.ask_at:
            return Decision.STAY
        return Decision.CLOSE if confidence >= self.close_at else Decision.ASK


def closure_detector(name: str) -> ClosureDetector:
    """`trained`: the model; its confidence is a probability. `rules`: phrases weighed by hand, with other thresholds."""
    return ClosureDetector(RULES, close_at=0.80, ask_at=0.50) if name == "rules" else ClosureDetector()


def _sum(factors: tuple[Factor, ...]) -> float:
    return round(min(1.0, max(0.0, sum(factor.weight for factor in factors))), 4)
