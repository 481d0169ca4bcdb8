"""What the trained model sees of a dialogue's end: named features, most of them there or not."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from atende.core.conversation.closure.acts import End

Features = dict[str, float]
_LENGTHS: Final = (0, 1, 2, 3, 5, 8, 12, 18, 25)
_WORDS: Final = 80
_OUR_WORDS: Final = 120
_CHARACTERS: Final = 600
_LETTERS: Final = 3.0
"""What all pieces of words together weigh against one feature that is there."""

_CROSSED: Final = (
    *("promise", "askdata", "asks", "choice", "offer", "done", "optional", "cond", "more", "neg", "bye", "solved"),
    *("notify", "instruct", "wait", "auto", "third", "deadline", "rate"),
)
"""Acts of ours that give the customer's their meaning."""


_COURTEOUS: Final = frozenset(
    {*("thanks", "bye", "wish", "ok", "yes", "no", "good"), *("praise", "laugh", "relief", "end", "hello", "only")}
)
"""What courtesies are about; a message of nothing else has nothing of its own."""

_MOVING: Final = ("promise", "askdata", "asks", "done", "wait", "third")


def features(end: End) -> Features:
    found = dict.fromkeys(_acts(end), 1.0)
    found |= dict.fromkeys(_meanings(end), 1.0)
    found |= dict.fromkeys(_words("w", end.customer.tokens[-_WORDS:]), 1.0)
    found |= dict.fromkeys(_words("ow", end.ours.tokens[-_OUR_WORDS:]), 1.0)
    found |= _pieces(end.customer.text[-_CHARACTERS:])
    return found | _shape(end)


def _acts(end: End) -> Iterator[str]:
    """What both sides do, what the customer does after what we did, and what they do together."""
    move, customer, ours = end.move, end.customer.acts, end.ours.acts
    yield f"m:{move}"
    for act in ours:
        yield f"o:{act}"
    for act in end.ours.last:
        yield f"ol:{act}"
    for act in customer:
        yield f"c:{act}"
        yield f"mc:{move}:{act}"
    for act in end.customer.last:
        yield f"cl:{act}"
    for act in end.before.acts:
        yield f"b:{act}"
    yield from _together(end)
    if not customer:
        yield f"c:none:{move}"
    own = _own_words(end)
    yield f"own:{own}"
    yield f"own:{own}:{move}"
    yield from (f"own:{own}:{mine}" for mine in _MOVING if mine in ours)
    if "asks" in customer:
        yield f"own:{own}:asking"


def _together(end: End) -> Iterator[str]:
    """What both sides do, and what the customer does beside it."""
    customer, ours = end.customer.acts, end.ours.acts
    for mine in _CROSSED:
        if mine in ours:
            for act in customer:
                yield f"oc:{mine}:{act}"
    ordered = sorted(customer)
    for n, act in enumerate(ordered):
        for other in ordered[n + 1 :]:
            yield f"cc:{act}:{other}"


def _own_words(end: End) -> str:
    """How many of the customer's words are no courtesy: none, a few, or many."""
    words = sum(token.isalnum() and not token.startswith("emo") for token in end.customer.tokens)
    courteous = sum(1 for names in end.customer.concepts if not _COURTEOUS.isdisjoint(names))
    own = words - courteous
    return "none" if own <= 0 else "few" if own <= 2 else "some" if own <= 6 else "many"


def _meanings(end: End) -> Iterator[str]:
    """What the words are about, and which follow each other."""
    known = end.customer.concepts
    for name in dict.fromkeys(name for names in known for name in names):
        yield f"k:{name}"
        yield f"mk:{end.move}:{name}"
    for names, following in pairwise(known):
        yield from (f"k2:{name}_{other}" for name in names for other in following)
    if known:
        yield from (f"kf:{name}" for name in known[0])
        yield from (f"kl:{name}" for name in known[-1])
    for names in end.ours.concepts:
        for name in names:
            yield f"ok:{name}"


def _words(family: str, tokens: Sequence[str]) -> Iterator[str]:
    before = "^"
    for token in tokens:
        yield f"{family}:{token}"
        yield f"{family}2:{before}_{token}"
        before = token
    yield f"{family}2:{before}_$"


def _pieces(text: str) -> Features:
    """Pieces of three to five letters, which bear slips of the thumb and unknown endings."""
    text = f" {text} "
    pieces = {text[n : n + size] for size in (3, 4, 5) for n in range(len(text) - size + 1)}
    share = _LETTERS / max(1, len(pieces)) ** 0.5
    return {f"p:{piece}": share for piece in pieces}


def _shape(end: End) -> Features:
    words = [token for token in end.customer.tokens if token.isalnum()]
    emoji = [token for token in words if token.startswith("emo")]
    shape: Features = dict.fromkeys((f"e:{one}" for one in emoji), 1.0)
    shape |= dict.fromkeys((f"me:{end.move}:{one}" for one in emoji), 1.0)
    if words and len(words) == len(emoji):
        shape |= {"only_emoji": 1.0, f"only_emoji:{end.move}": 1.0}
    longest = next((str(length) for length in _LENGTHS if len(words) <= length), "more")
    return shape | {
        f"length:{longest}": 1.0,
        "length": min(len(words), 30) / 15,
        "opens": float(end.opens),
        "turns": min(end.turns, 8) / 8,
        "burst": float(end.messages > 1),
        "our_length": min(len(end.ours.tokens), 60) / 40,
        "ends_asking": float(end.customer.text.endswith("?")),
        "we_end_asking": float(end.ours.text.endswith("?")),
        "we_exclaim": float("!" in end.ours.tokens),
        "numbers": float(any(word[0].isdigit() for word in words)),
    }
