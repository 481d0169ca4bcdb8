"""The stored form of a text, and its words, stems and sentences. Everything runs in linear time."""

import re
import unicodedata
from functools import lru_cache

from atende.core.kernel import without_piles
from atende.core.language.lexicon import STOP
from atende.core.language.segments import sentences
from atende.core.language.stems import stem

__all__ = ["estimate_tokens", "fold", "normalise", "sentences", "terms", "words"]

_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
}
_LIGATURE = re.compile("[\ufb00-\ufb06]")
_LINE_END = re.compile("[\r\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff]"
)
_BLANK = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_BLANKS = re.compile(" {2,}")
_GAPS = re.compile("\n{3,}")
_LATIN_MARK = re.compile("[\u0300-\u034e\u0350-\u036f]")
_OTHER_MARK_POSSIBLE = re.compile("[\u0483-\u1dff\u20d0-\u20ff\u2cef-\u302f\u3099-\U0001efff]")
"""Wherever else a character combines with the one before; there are none among Latin and Greek letters, signs and emoji."""
_TOKEN = re.compile("[^\\W\u2e80-\ud7ff]{1,5}|[\u2e80-\ud7ff]|[^\\w\\s]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def normalise(text: str) -> str:
    """The one form in which text is stored: NFC, LF, at most one empty line, single blanks, nothing invisible, trimmed."""
    text = _INVISIBLE.sub("", _LINE_END.sub("\n", text.replace("\r\n", "\n")))
    text = _LIGATURE.sub(lambda match: _LIGATURES[match.group()], without_piles(text))
    text = unicodedata.normalize("NFC", text)
    text = _BLANKS.sub(" ", _BLANK.sub(" ", text)).replace(" \n", "\n").replace("\n ", "\n")
    return _GAPS.sub("\n\n", text).strip(" \n")


@lru_cache(maxsize=1_024)
def estimate_tokens(text: str) -> int:
    """About what a model's tokenizer would count: a mark, or up to five letters of a word, is one. Additive over blanks."""
    return len(_TOKEN.findall(text))


def fold(text: str) -> str:
    """Lower case without accents, for comparing only: the length may change."""
    if text.isascii():
        return text.lower()
    text = _LATIN_MARK.sub("", unicodedata.normalize("NFKD", without_piles(text.casefold())))
    if not _OTHER_MARK_POSSIBLE.search(text):
        return text
    return "".join(c for c in text if not unicodedata.combining(c))


@lru_cache(maxsize=4_096)
def words(text: str) -> tuple[str, ...]:
    """The folded words and numbers of a text, in order."""
    return tuple([match.replace("'", "").replace("’", "") for match in _WORD.findall(fold(text))])


def terms(text: str, language: str) -> list[str]:
    """The stems of the words that carry matter, in order, repeated as often as they stand there."""
    stop = STOP.get(language, STOP["pt"])
    return [stem(word, language) for word in words(text) if word not in stop and (len(word) > 1 or word.isdigit())]
