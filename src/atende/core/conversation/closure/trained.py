"""The trained view of a conversation's end: a logistic model over acts, meanings and words, its weights learned from dialogues."""

import json
from dataclasses import dataclass
from functools import cache
from itertools import chain
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
_SMALLEST: Final = 0.0001


@dataclass(frozen=True, slots=True)
class Model:
    """By feature: the factor that it belongs to, and its weight. Made by `tests/training/closings/train.py`."""

    bias: float
    weights: dict[str, tuple[str, float]]

    def contributions(self, found: dict[str, float]) -> dict[str, list[float]]:
        """What the features of each factor add to the log-odds of an end."""
        added: dict[str, list[float]] = {}
        weight_of = self.weights.get
        for name, value in found.items():
            known = weight_of(name)
            if known is not None:
                added.setdefault(known[0], []).append(value * known[1])
        return added

    def log_odds(self, added: dict[str, list[float]]) -> float:
        """The same on every platform: sums are exact before they are rounded, whatever the order."""
        return fsum((self.bias, *chain.from_iterable(added.values())))

    def probability(self, end: End) -> float:
        return probability(self.log_odds(self.contributions(features(end))))


@cache
def model() -> Model:
    kept = json.loads(_FILE.read_text("utf-8"))
    weights = {name: (_factor(*name.partition(":")[::2]), weight / _SCALE) for name, weight in kept["weights"].items()}
    return Model(kept["bias"], weights)


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
    added = learned.contributions(features(end))
    log_odds = learned.log_odds(added)
    likely = probability(log_odds)
    scale = (likely - _UNDECIDED) / log_odds if abs(log_odds) > 1e-6 else 0.25
    sums = ((name, fsum(some) * scale) for name, some in added.items())
    weighed = [(name, round(weight, 4)) for name, weight in sums if abs(weight) >= _SMALLEST]
    weighed.sort(key=lambda pair: (-abs(pair[1]), pair[0]))
    named = [Factor(name, weight, _evidence(name, end)) for name, weight in weighed[:_SHOWN]]
    rest = round(likely - _UNDECIDED - fsum(factor.weight for factor in named), 4)
    others = (Factor("others", rest, "smaller factors together"),) if rest else ()
    return (Factor("undecided", _UNDECIDED, "before anything is read"), *named, *others)


_WORDS: Final = {
    "w": "customer_words", "w2": "customer_words", "p": "customer_spelling", "k": "customer_meaning",
    "k2": "customer_meaning", "kf": "customer_meaning", "kl": "customer_meaning", "mk": "customer_meaning",
    "ow": "our_words", "ow2": "our_words", "ok": "our_meaning",
}  # fmt: skip
_OTHERS: Final = {
    "m": "our_move", "own": "own_words", "b": "before", "e": "emoji", "me": "emoji", "only_emoji": "emoji",
}  # fmt: skip


def _factor(family: str, rest: str) -> str:
    """The factor that a feature belongs to."""
    if family in _WORDS:
        return _WORDS[family]
    if family in {"c", "mc", "oc"}:
        act = rest.partition(":")[0] if family == "c" else rest.rpartition(":")[2]
        return f"customer_{act}"
    if family in {"cl", "cc"}:
        return f"customer_{rest.rpartition(':')[2]}"
    if family in {"o", "ol"}:
        return f"we_{rest}"
    return _OTHERS.get(family, "shape")


def _evidence(factor: str, end: End) -> str:
    """What a factor was seen in."""
    if factor in {"our_words", "our_meaning"}:
        return _shown(end.ours.text)
    if factor == "our_move":
        return end.move
    if factor == "shape":
        return "length and place of the words"
    if factor == "before":
        return "the customer's words before"
    side, _, act = factor.partition("_")
    acts = end.ours.acts if side == "we" else end.customer.acts
    return acts.get(act) or _shown(end.customer.text)


def _shown(text: str) -> str:
    return text[-60:] or "nothing"
