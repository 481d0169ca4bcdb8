"""How well a text contains the words of a question: exactly, by meaning, or approximately (other endings, typing errors)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from atende.core.knowledge.concepts import CALENDAR as DATES
from atende.core.knowledge.concepts import KINDS, LOOSE, NONE, concepts, concepts_of_stem
from atende.core.language.lexicon import EVERYDAY_VERBS, GENERIC, STOP
from atende.core.language.shorthand import written_out
from atende.core.language.stems import stem
from atende.core.language.text import fold, words

_LONG_ENOUGH = 5
WHOLE, SAME_MEANING, NEARLY, SAME_KIND = 1.0, 0.85, 0.7, 0.6
NAME, MATTER, CALENDAR, FIGURE, KIND, COMMON = 1.4, 1.0, 0.7, 0.5, 0.4, 0.3
_NAME = re.compile(r"(?<=[\w,;:)\"'’”] )[\"'“‘]?([A-ZÀ-Ý][\w'’-]+)")

_DOUBLED = re.compile(r"(.)\1+")
_SOUNDS = (
    ("ch", "x"), ("sh", "x"), ("ph", "f"), ("qu", "k"), ("ce", "se"), ("ci", "si"), ("ge", "je"), ("gi", "ji"),
    ("c", "k"), ("q", "k"), ("z", "s"), ("w", "v"), ("y", "i"), ("h", ""),
)  # fmt: skip
"""Spellings that sound alike in at least one of the languages, in the order of replacing."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The stems of a text and the meanings (groups of `concepts`) of its words."""

    stems: frozenset[str]
    meanings: frozenset[str]
    _by_letter: dict[str, list[str]] = field(init=False, repr=False, compare=False, default_factory=dict)
    _sounds: list[frozenset[str]] = field(init=False, repr=False, compare=False, default_factory=list)

    @lru_cache(maxsize=32_768)  # noqa: B019  values that live as long as the cache of `vocabulary`
    def holds(self, term: str, language: str) -> float:
        """How certainly the text contains the term, from 0 to 1."""
        if term in self.stems:
            return WHOLE
        if meant := concepts_of_stem(term, language) & self.meanings:
            return SAME_KIND if meant <= LOOSE or meant & DATES else SAME_MEANING
        if any(nearly(term, other) for other in self._beginning_with(term[:1])):
            return NEARLY
        return NEARLY if len(term) >= _LONG_ENOUGH and sound(term) in self._heard() else 0.0

    def _beginning_with(self, letter: str) -> list[str]:
        """The stems that can be near to one with this first letter."""
        if letter not in self._by_letter:
            self._by_letter[letter] = [one for one in self.stems if one[0] == letter and len(one) >= _LONG_ENOUGH]
        return self._by_letter[letter]

    def _heard(self) -> frozenset[str]:
        """The sounds of the longer stems."""
        if not self._sounds:
            self._sounds.append(frozenset(sound(one) for one in self.stems if len(one) >= _LONG_ENOUGH))
        return self._sounds[0]

    def __or__(self, other: "Vocabulary") -> "Vocabulary":
        return Vocabulary(self.stems | other.stems, self.meanings | other.meanings)


EMPTY = Vocabulary(frozenset(), NONE)


_GENERIC_STEMS = {
    language: frozenset(stem(word, language) for word in GENERIC[language] | EVERYDAY_VERBS[language])
    for language in GENERIC
}


@lru_cache(maxsize=1_024)
def vocabulary(text: str, language: str, spoken: str | None = None) -> Vocabulary:
    """The vocabulary of a text: stems by the rules of `language`, meanings by those of `spoken`, the text's own language."""
    stems, meanings = set[str](), set[str]()
    for word in set(words(text)):
        read = _read(word, language, spoken or language)
        if read is not None:
            stems.add(read[0])
            meanings |= read[1]
    return Vocabulary(frozenset(stems), frozenset(meanings))


@lru_cache(maxsize=131_072)
def _read(word: str, language: str, spoken: str) -> tuple[str, frozenset[str]] | None:
    """Stem and meanings of a word; None for one that says nothing. In one look: passages have hundreds of words."""
    if word in STOP.get(language, STOP["pt"]) or (len(word) == 1 and not word.isdecimal()):
        return None
    return stem(word, language), frozenset(concepts(word, spoken))


def names(question: str, language: str) -> frozenset[str]:
    """The stems of words with a capital letter inside a sentence, except days and months."""
    found = {word for match in _NAME.finditer(question) for word in words(match.group(1))}
    terms = {stem(word, language) for word in found if word not in STOP.get(language, STOP["pt"])}
    return frozenset(
        term for term in terms if not concepts_of_stem(term, language) & DATES and term not in _GENERIC_STEMS[language]
    )


@lru_cache(maxsize=1_024)
def weights(question: str, language: str) -> Mapping[str, float]:
    """The weight of each content word of a question, by stem: names have the highest weight, generic words the lowest."""
    stop, named = STOP.get(language, STOP["pt"]), names(question, language)
    found: dict[str, float] = {}
    for word in words(written_out(question, language)):
        if word not in stop and (len(word) > 1 or word.isdecimal()):
            term = stem(word, language)
            found[term] = NAME if term in named else _weight(term, language)
    return MappingProxyType(found)


def _weight(term: str, language: str) -> float:
    if term.isdecimal():
        return FIGURE if len(term) < 3 else MATTER
    if concepts_of_stem(term, language) & DATES:
        return CALENDAR
    if term in _GENERIC_STEMS[language]:
        return COMMON
    return KIND if concepts_of_stem(term, language) & KINDS else MATTER


def coverage(asked: Mapping[str, float], held: Vocabulary, language: str) -> float:
    """The weighted share of the `asked` terms that the text contains; 0 without terms."""
    total = sum(asked.values())
    return sum(weight * held.holds(term, language) for term, weight in asked.items()) / total if total else 0.0


@lru_cache(maxsize=65_536)
def sound(word: str) -> str:
    """How a folded word is heard, for those who write by ear: `caxorro` like `cachorro`, `zuelta` like `suelta`."""
    if not word.isalpha():
        return word
    for letters, heard in _SOUNDS:
        word = word.replace(letters, heard)
    return _DOUBLED.sub(r"\1", word)


@lru_cache(maxsize=65_536)
def nearly(one: str, other: str) -> bool:
    """Whether two stems are forms of one word, or one typing error apart."""
    if min(len(one), len(other)) < _LONG_ENOUGH or one[0] != other[0] or not (one.isalpha() and other.isalpha()):
        return False
    shared, longer = _common(one, other), max(len(one), len(other))
    if shared > _LONG_ENOUGH and longer - shared <= max(1, longer // 5):
        return True
    return shared < min(len(one), len(other)) and _one_slip(one, other)


def _common(one: str, other: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _one_slip(one: str, other: str) -> bool:
    """Whether they differ by one letter added, missing or replaced, or by two swapped letters."""
    if abs(len(one) - len(other)) > 1:
        return False
    at = _common(one, other)
    a, b = one[at:], other[at:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def union(parts: Iterable[Vocabulary]) -> Vocabulary:
    whole = EMPTY
    for part in parts:
        whole = whole | part
    return whole


def has_any(text: str, folded_words: frozenset[str]) -> bool:
    return not folded_words.isdisjoint(words(text))


__all__ = ["EMPTY", "Vocabulary", "coverage", "fold", "has_any", "nearly", "union", "vocabulary", "weights"]
