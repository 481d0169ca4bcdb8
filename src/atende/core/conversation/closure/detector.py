"""Whether a conversation should end: several factors, each with its evidence, added up by interchangeable strategies."""

from dataclasses import dataclass
from typing import Final

from atende.core.conversation.closure.model import Decision, Factor, Signals, Strategy, Verdict
from atende.core.conversation.closure.reading import Utterance
from atende.core.conversation.closure.strategies import (
    AIVerdictStrategy,
    DialogueStrategy,
    KeywordStrategy,
    SilenceStrategy,
)

__all__ = [
    "AIVerdictStrategy",
    "ClosureDetector",
    "Decision",
    "DialogueStrategy",
    "Factor",
    "KeywordStrategy",
    "Signals",
    "SilenceStrategy",
    "Strategy",
    "Utterance",
    "Verdict",
]

ALL_STRATEGIES: Final = (KeywordStrategy(), DialogueStrategy(), SilenceStrategy(), AIVerdictStrategy())


@dataclass(frozen=True, slots=True)
class ClosureDetector:
    """The composite: adds up what its strategies see, and decides by two thresholds.

    The sum is held in 0 to 1. At `close_at` or more the conversation ends; from `ask_at` on the customer is asked once;
    below, nothing happens. While a person is awaited it never ends and nobody is asked.
    """

    strategies: tuple[Strategy, ...] = ALL_STRATEGIES
    close_at: float = 0.80
    ask_at: float = 0.50

    def detect(self, signals: Signals) -> Verdict:
        factors = tuple(factor for strategy in self.strategies for factor in strategy(signals))
        confidence = round(min(1.0, max(0.0, sum(factor.weight for factor in factors))), 4)
        return Verdict(self._decision(confidence, signals), confidence, factors)

    def _decision(self, confidence: float, signals: Signals) -> Decision:
        if signals.hand_off_pending or confidence < self.ask_at:
            return Decision.KEEP
        return Decision.CLOSE if confidence >= self.close_at else Decision.ASK
