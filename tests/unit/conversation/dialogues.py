"""Dialogues that the tests of closing start from."""

from datetime import UTC, datetime, timedelta
from typing import Any

from atende.core.conversation.closure.detector import (
    ClosureDetector,
    Factor,
    Signals,
    Utterance,
    Verdict,
    closure_detector,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)

ANSWER = {"pt": "A loja abre às 9h.", "en": "The shop opens at nine.", "es": "La tienda abre a las 9."}
MORE = {
    "pt": "Feito. Posso ajudar em mais alguma coisa?",
    "en": "Done. Is there anything else I can help you with?",
    "es": "Hecho. ¿Puedo ayudarle en algo más?",
}
PENDING = {"pt": "Quer que eu reserve?", "en": "Shall I book it for you?", "es": "¿Quiere que lo reserve?"}


def dialogue(*texts: str, last: str = "customer", **extras: Any) -> Signals:
    """Turns that alternate, the last of them by `last`."""
    parties = ("customer", "assistant") if (last == "customer") == (len(texts) % 2 == 1) else ("assistant", "customer")
    turns = [
        Utterance("customer" if parties[n % 2] == "customer" else "assistant", text) for n, text in enumerate(texts)
    ]
    return Signals(turns=turns, **extras)


def detect(*texts: str, **extras: Any) -> Verdict:
    return ClosureDetector().detect(dialogue(*texts, **extras))


def by_rules(*texts: str, **extras: Any) -> Verdict:
    return closure_detector("rules").detect(dialogue(*texts, **extras))


def names(factors: tuple[Factor, ...]) -> set[str]:
    return {factor.name for factor in factors}
