"""The acts of a dialogue's end: what our last turn does, what the customer's last words do, and what is owed after them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from atende.core.conversation.closure.reading import Utterance
from atende.core.language.chat import chat_form, chat_tokens
from atende.core.language.concepts.lookup import CONCEPTS, CUSTOMER_ACTS, OUR_ACTS
from atende.core.language.detect import language_scores
from atende.core.language.languages import Language, known_language
from atende.core.language.phrasebook import Phrasebook

_BURST: Final = 8
_MOST_READ: Final = 1_000
"""Characters that are read of a side's turn: its end."""

_MOST_BEFORE: Final = 300
_SENTENCE: Final = re.compile(r"[^.!?\n]+[.!?\n]*")
_OPENERS: Final = frozenset(
    {
        *("e", "y", "and", "mas", "pero", "but", "so", "entao"),
        *("ah", "oi", "ola", "hola", "hi"),
        *("ou", "o", "ok", "sim", "si"),
    }
)
"""What may stand before a question's first word."""

_WITH_MARK: Final = frozenset({"more", "solved", "choice", "offer", "asked1"})
"""Acts of ours that are questions: without a question mark they are something else."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one side said last: folded text, words, acts with their words, and the acts of its last sentence."""

    text: str = ""
    tokens: tuple[str, ...] = ()
    acts: dict[str, str] = field(default_factory=dict)
    last: frozenset[str] = frozenset()
    concepts: tuple[tuple[str, ...], ...] = ()
    """What each word that is known is about, in order."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of a dialogue: the customer's last words, our turn before them, and the customer's before that."""

    customer: Side
    ours: Side
    before: Side
    after: str
    """What our side said after the customer's last words."""

    opens: bool
    """Nothing was said before."""

    messages: int
    """In which the customer's last words came."""

    turns: int
    unread: bool

    @property
    def move(self) -> str:
        """What our last turn mainly does, by what would be owed after it."""
        acts, last = self.ours.acts, self.ours.last
        if not self.ours.tokens:
            return "none"
        for name, found in (("more", last), ("rate", acts), ("choice", last), ("solved", last), ("asks", last)):
            if name in found:
                return name
        return next((name for name in ("askdata", "promise", "done", "neg", "bye") if name in acts), "told")


def read_end(turns: Sequence[Utterance], language: str | None) -> End | None:
    """None when the customer has said nothing."""
    end = _before(len(turns), turns, customer=False)
    if not end:
        return None
    start = _before(end, turns, customer=True)
    ours_from = _before(start, turns, customer=False)
    before_from = _before(ours_from, turns, customer=True)
    said, ours = _joined(turns[start:end]), _joined(turns[ours_from:start])
    spoken = known_language(language) or _language(f"{said} {ours}")
    return End(
        customer=_customer(said, spoken),
        ours=_ours(ours, spoken),
        before=Side(acts=_acts(_sentences(_joined(turns[before_from:ours_from])[-_MOST_BEFORE:]), CUSTOMER_ACTS)[0]),
        after=_joined(turns[end:]),
        opens=start == 0,
        messages=end - start,
        turns=end,
        unread=sum(len(turn.text) for turn in turns[start:end]) > 2 * _MOST_READ,
    )


def our_acts(text: str) -> dict[str, str]:
    return _acts(_sentences(text[-_MOST_READ:]), OUR_ACTS, ours=True)[0]


def _before(end: int, turns: Sequence[Utterance], *, customer: bool) -> int:
    while end and (turns[end - 1].by == "customer") is customer:
        end -= 1
    return end


def _joined(turns: Sequence[Utterance]) -> str:
    return "\n".join(turn.text[-_MOST_READ:] for turn in turns[-_BURST:])


def _language(text: str) -> Language:
    scores = language_scores(text)
    return max(scores, key=scores.__getitem__)


def _sentences(text: str) -> list[list[str]]:
    """The tokens of each sentence; a question keeps its mark."""
    found = [chat_tokens(sentence) for sentence in _SENTENCE.findall(chat_form(text))]
    return [tokens for tokens in found if any(token.isalnum() for token in tokens)] or [t for t in found if t]


def _customer(text: str, language: Language) -> Side:
    return _side(text[-_MOST_READ:], language, CUSTOMER_ACTS, ours=False)


def _ours(text: str, language: Language) -> Side:
    return _side(text[-_MOST_READ:], language, OUR_ACTS, ours=True) if text else Side()


def _side(text: str, language: Language, book: Phrasebook, *, ours: bool) -> Side:
    sentences = _sentences(text)
    acts, last = _acts(sentences, book, ours=ours)
    tokens = tuple(token for sentence in sentences for token in sentence)
    thesaurus = CONCEPTS[language]
    concepts = [thesaurus.entries(token).alone for token in tokens]
    return Side(" ".join(tokens), tokens, acts, last, tuple(names for names in concepts if names))


def _acts(sentences: list[list[str]], book: Phrasebook, *, ours: bool = False) -> tuple[dict[str, str], frozenset[str]]:
    """The acts of all sentences, each with its first words, and those of the last sentence."""
    acts: dict[str, str] = {}
    found: dict[str, str] = {}
    for sentence in sentences:
        found = _of_sentence(sentence, book)
        found = _ours_of(found) if ours else found
        for name, words in found.items():
            acts.setdefault(name, words)
    return acts, frozenset(found)


def _of_sentence(tokens: list[str], book: Phrasebook) -> dict[str, str]:
    found: dict[str, str] = {}
    for place in range(len(tokens)):
        for name, length in book.at(tokens, place):
            if name == "qw" and place and tokens[place - 1].isalnum() and tokens[place - 1] not in _OPENERS:
                continue
            if name not in found:
                found[name] = " ".join(tokens[place : place + length])
    if "?" in tokens:
        found["asks"] = "?"
    return found


def _ours_of(found: dict[str, str]) -> dict[str, str]:
    """The acts of one sentence of ours, seen together: what is left to the customer's pleasure is owed by nobody."""
    if "asks" not in found:
        for name in _WITH_MARK & found.keys():
            words = found.pop(name)
            if name == "more":
                found["offers_more"] = words
    for name in ("promise", "askdata"):
        if name in found and "optional" in found:
            found[f"{name}_optional"] = found.pop(name)
    if "promise" in found and "cond" in found:
        found["promise_if"] = found["promise"]
    return found
