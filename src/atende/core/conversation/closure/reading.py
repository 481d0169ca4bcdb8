"""Reads the end of a dialogue: what the customer's last words do, and what our side said before and after them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from atende.core.language.colloquial import plain_form
from atende.core.language.detect import language_scores
from atende.core.language.languages import Language, known_language
from atende.core.language.phrases.cues import (
    ASKS_DONE,
    ASKS_INPUT,
    ASKS_MORE,
    ASKS_SOLVED,
    IF_NEEDED,
    OFFERS,
    WELCOME,
)
from atende.core.language.phrases.kinds import Kind
from atende.core.language.phrases.lexer import MAX_READ, lex
from atende.core.language.phrases.scan import Scan

_LOOK_BACK: Final = 6
"""Turns that are asked for the language when the last words do not tell it."""

_BURST: Final = 8
_SURE: Final = 4
"""By how much a language must lead before it is believed over the given one: two everyday words."""
_SENTENCE: Final = re.compile(r"[^.!?]+[.!?]*")

Party = Literal["customer", "assistant", "human"]


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message. `human` is a person on our side of the conversation."""

    by: Party
    text: str
    at: datetime | None = None


class Asked(StrEnum):
    """What our side's turn before the customer's last words was about."""

    NOTHING_YET = "nothing_yet"  # there was no such turn
    TOLD = "told"  # it told something
    MORE = "more"  # anything else?
    DONE = "done"  # is that all?
    SOLVED = "solved"  # did that help?
    PENDING = "pending"  # any other question: it waits for an answer


@dataclass(frozen=True, slots=True)
class Reading:
    """The customer's last words and what stands around them. Texts are evidence; an empty one means: not there."""

    words: Scan
    unread: bool  # they are longer than what is read of them
    asked: Asked
    offered: bool  # our side offered more help without asking
    parted_before: str
    parted_after: str
    welcomed: str
    asked_after: bool  # and ended it with a question
    answered: bool  # our side had the last word

    @property
    def may_end(self) -> bool:
        """Whether the last words were read whole and want nothing."""
        return not self.unread and not self.words.is_open


def read(turns: Sequence[Utterance], language: str | None = None) -> Reading | None:
    """The reading of a dialogue's end; None when the customer has said nothing. What it reads of a message is capped."""
    end = len(turns)
    while end and turns[end - 1].by != "customer":
        end -= 1
    if not end:
        return None
    start = end
    while start and turns[start - 1].by == "customer":
        start -= 1
    words = _joined(turns[start:end][-_BURST:])
    spoken = _language(words, turns[max(0, end - _LOOK_BACK) :], language)
    before = start
    while before and turns[before - 1].by != "customer":
        before -= 1
    said_before, said_after = _joined(turns[before:start][-_BURST:]), _joined(turns[end:][:_BURST])
    asked, offered = _asked(said_before, spoken) if said_before else (Asked.NOTHING_YET, False)
    return Reading(
        words=Scan.of(lex(words, spoken)),
        unread=len(words) > MAX_READ,
        asked=asked,
        offered=offered,
        parted_before=_parting(said_before, spoken),
        parted_after=_parting(said_after, spoken),
        welcomed=_search(WELCOME[spoken], _plain(said_after)),
        asked_after=bool(said_after) and _asked(said_after, spoken)[0] is not Asked.TOLD,
        answered=bool(said_after),
    )


def _joined(turns: Sequence[Utterance]) -> str:
    """Messages as sentences of one text; of a long one the end."""
    return " . ".join(turn.text[-MAX_READ - 1 :] for turn in turns if turn.text.strip())


def _plain(text: str) -> str:
    return plain_form(text[-MAX_READ:])


def _language(words: str, turns: Sequence[Utterance], language: str | None) -> Language:
    """The language of the last words; where they do not tell it, the given one, or that of the turns around them."""
    scores = language_scores(words)
    given = known_language(language)
    best = max(scores, key=scores.__getitem__)
    if given:
        return best if scores[best] >= scores[given] + _SURE else given
    if sum(score == scores[best] for score in scores.values()) == 1 and scores[best] >= _SURE:
        return best
    around = language_scores(_joined(turns))
    return max(around, key=lambda each: around[each] + 2 * scores[each])


def _search(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[0] if match else ""


def _asked(text: str, language: Language) -> tuple[Asked, bool]:
    """What a turn of ours asks last, and whether it offers more help in passing."""
    sentences = _SENTENCE.findall(_plain(text))
    offered = any(ASKS_MORE[language].search(sentence) for sentence in sentences)
    for sentence in reversed(sentences):
        offers = IF_NEEDED.search(sentence)
        if ASKS_MORE[language].search(sentence) and ("?" in sentence or not offers):
            return Asked.MORE, offered
        if "?" not in sentence and (offers or not _asks_unmarked(sentence, language)):
            continue
        if ASKS_DONE[language].search(sentence):
            return Asked.DONE, offered
        return (Asked.SOLVED if ASKS_SOLVED[language].search(sentence) else Asked.PENDING), offered
    return Asked.TOLD, offered


def _asks_unmarked(sentence: str, language: Language) -> bool:
    """A question or a wish for data that lacks its question mark."""
    if ASKS_INPUT.search(sentence):
        return True
    if sentence[-1] in ".!":
        return False
    return bool(OFFERS.search(sentence) or Scan.of(lex(sentence, language)).question)


def _parting(text: str, language: Language) -> str:
    """The farewell that our side said, if it did."""
    return Scan.of(lex(text, language)).found.get(Kind.FAREWELL, "") if text else ""
