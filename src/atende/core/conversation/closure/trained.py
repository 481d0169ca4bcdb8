"""The trained view of a conversation's end: a logistic model over acts, meanings and words, its weights learned from dialogues."""

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from math import exp, fsum
from pathlib import Path
from typing import Final

from atende.core.conversation.closure.acts import End, our_acts, read_end
from atende.core.conversation.closure.features import features
from atende.core.conversation.closure.model import Factor, Signals, Strategy

_FILE: Final = Path(__file__).with_name("weights.json")
_SCALE: Final = 1_000
_SHOWN: Final = 10
"""Factors that are named; the others are added up."""

_UNDECIDED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by feature, in thousandths; made by `training/closings/train.py`."""

    bias: float
    weights: dict[str, int]

    def contributions(self, found: dict[str, float]) -> dict[str, float]:
        """What each feature adds to the log-odds of an end."""
        weights = self.weights
        return {name: value * weights[name] / _SCALE for name, value in found.items() if name in weights}

    def probability(self, end: End) -> float:
        return probability(self.bias + fsum(self.contributions(features(end)).values()))


@cache
def model() -> Model:
    kept = json.loads(_FILE.read_text("utf-8"))
    return Model(kept["bias"], kept["weights"])


def probability(log_odds: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, log_odds))))


@dataclass(frozen=True, slots=True)
class TrainedStrategy(Strategy):
    """The probability that nobody owes anything after the customer's last words, told by the acts and words that make it.

    The weights of the factors add up to the probability: each has its part of the log-odds, drawn to that scale.
    """

    too_long: float = -0.60
    hand_off_pending: float = -0.50
    we_parted: float = 0.30
    we_asked_again: float = -0.35

    def __call__(self, signals: Signals) -> tuple[Factor, ...]:
        waiting = Factor("hand_off_pending", self.hand_off_pending, "a person was asked for")
        hand_off = (waiting,) if signals.hand_off_pending else ()
        end = read_end(signals.turns, signals.language)
        if end is None:
            return hand_off
        if end.unread:
            start = Factor("undecided", _UNDECIDED, "before anything is read")
            return (start, Factor("too_long", self.too_long, "longer than what is read"), *hand_off)
        return (*_factors(end), *self._after(end), *hand_off)

    def _after(self, end: End) -> tuple[Factor, ...]:
        """What our side said after the customer's last words."""
        acts = our_acts(end.after) if end.after else {}
        if "asks" in acts:
            return (Factor("we_asked_again", self.we_asked_again, "our last turn asks"),)
        parted = acts.get("bye") or acts.get("welcome")
        return (Factor("we_parted", self.we_parted, parted),) if parted else ()


def _factors(end: End) -> tuple[Factor, ...]:
    learned = model()
    parts = learned.contributions(features(end))
    log_odds = learned.bias + fsum(parts.values())
    likely = probability(log_odds)
    scale = (likely - _UNDECIDED) / log_odds if abs(log_odds) > 1e-6 else 0.25
    added = defaultdict[tuple[str, str], list[float]](list)
    for name, part in parts.items():
        added[_source(name, end)].append(part * scale)
    weighed = [Factor(name, round(fsum(shares), 4), seen) for (name, seen), shares in added.items()]
    weighed.sort(key=lambda factor: (-abs(factor.weight), factor.name))
    named = [factor for factor in weighed[:_SHOWN] if factor.weight]
    rest = round(likely - _UNDECIDED - fsum(factor.weight for factor in named), 4)
    others = (Factor("others", rest, "smaller factors together"),) if rest else ()
    return (Factor("undecided", _UNDECIDED, "before anything is read"), *named, *others)


_WORDS: Final = {
    "w": "customer_words", "w2": "customer_words", "p": "customer_spelling", "k": "customer_meaning",
    "k2": "customer_meaning", "kf": "customer_meaning", "kl": "customer_meaning", "mk": "customer_meaning",
    "ow": "our_words", "ow2": "our_words", "ok": "our_meaning",
}  # fmt: skip


def _source(feature: str, end: End) -> tuple[str, str]:
    """The factor that a feature belongs to, and what it was seen in."""
    family, _, rest = feature.partition(":")
    if family in _WORDS:
        side = end.ours if family.startswith("o") else end.customer
        return _WORDS[family], _shown(side.text)
    if family in {"c", "cl", "mc", "oc", "cc"}:
        act = rest.rpartition(":")[2] if family != "c" else rest.partition(":")[0]
        return f"customer_{act}", end.customer.acts.get(act, "no act of the customer is known")
    if family in {"o", "ol"}:
        return f"we_{rest}", end.ours.acts.get(rest, rest)
    if family == "m":
        return "our_move", rest
    if family in {"e", "me", "only_emoji"}:
        return "emoji", _shown(end.customer.text)
    if family == "own":
        return "own_words", "words that are no courtesy: " + rest.partition(":")[0]
    return ("before", "the customer's words before") if family == "b" else ("shape", "length and place of the words")


def _shown(text: str) -> str:
    return text[-60:] or "nothing"
