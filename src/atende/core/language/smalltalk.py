"""Messages that ask and tell nothing: courtesies, chatter, a short pause, a word of assent. Pure predicates on text."""

from functools import lru_cache
from typing import Final

from atende.core.language.chat import chat_form, chat_tokens
from atende.core.language.concepts import smalltalk
from atende.core.language.phrasebook import Phrasebook

_BOOK: Final = Phrasebook(smalltalk.TABLE)
_LONGEST: Final = 160
"""Characters; a longer message says something."""


def is_courtesy(text: str) -> bool:
    """Whether it is nothing but thanks, a farewell, assent or a smile: what may follow an end without beginning anything."""
    return "courtesy" in _kinds(text) and _kinds(text) <= {"courtesy", "filler", "chatter"}


def is_small_talk(text: str) -> bool:
    """Whether it neither asks nor tells anything that could be looked up, nor wants anything."""
    kinds = _kinds(text)
    return not kinds.isdisjoint({"courtesy", "chatter"}) and kinds <= {"courtesy", "chatter", "filler", "yes"}


def is_pause(text: str) -> bool:
    """Whether the writer asks for a moment: `peraí`, `brb`."""
    return "pause" in _kinds(text)


def is_yes(text: str) -> bool:
    """Whether it is nothing but yes."""
    kinds = _kinds(text)
    return "yes" in kinds and kinds <= {"yes", "filler", "courtesy"}


@lru_cache(maxsize=1_024)
def asks_for_robot(text: str) -> bool:
    """Whether the writer asks if a machine answers: `você é um robô?`"""
    if len(text) > _LONGEST:
        return False
    tokens = [token for token in chat_tokens(chat_form(text)) if token.isalnum()]
    return any(name == "robot" for place in range(len(tokens)) for name, _ in _BOOK.at(tokens, place))


@lru_cache(maxsize=1_024)
def _kinds(text: str) -> frozenset[str]:
    """The kinds of phrases that the whole message is made of; empty if it has other words, or a question mark."""
    if len(text) > _LONGEST or "?" in text:
        return frozenset()
    tokens = [token for token in chat_tokens(chat_form(text)) if token.isalnum()]
    found: set[str] = set()
    place = 0
    while place < len(tokens):
        phrases = [(length, name) for name, length in _BOOK.at(tokens, place) if name != "robot"]
        if not phrases:
            return frozenset()
        longest = max(length for length, _ in phrases)
        found.update(name for length, name in phrases if length == longest)
        place += longest
    return frozenset(found)
