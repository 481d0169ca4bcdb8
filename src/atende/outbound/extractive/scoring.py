"""Scoring how well a unit answers a question, from 0 to about 1."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from atende.core.knowledge.concepts import concepts, concepts_of_stem
from atende.core.knowledge.matching import MATTER, SAME_KIND, WHOLE, weights
from atende.core.knowledge.support import denies
from atende.core.language.lexicon import NUMBER_WORDS
from atende.core.language.stems import stem
from atende.core.language.text import words
from atende.outbound.extractive.asking import Asked
from atende.outbound.extractive.expecting import has, within
from atende.outbound.extractive.kinds import LACKING, MEANT_BY, Expected
from atende.outbound.extractive.units import Kind, Unit

ABOVE, QUESTION_ABOVE, NEAR, DOCUMENT, SHOWN, HINTED = 0.8, 0.95, 0.6, 0.58, 0.9, 0.5
"""Factors for terms that are not in the sentence itself but in its heading, its question, the first line of its list or table, or
the file name; `SHOWN` and `HINTED` are for terms that the sentence only implies.
"""
HELD = 0.5
COLUMN = 0.9
"""Factor for terms of the column names of a row: they are part of what it says."""
TITLED = 0.9
"""A list whose title holds this share of the question is what was asked for, of whatever kind its entries are."""
COMMONEST, RAREST, AS_NAME = 0.2, 1.4, 0.8
OTHER_DAY = 0.2
"""Factor for another day, such as Saturday for Sunday, if some unit mentions the day itself."""
STRANGER = 1.7
"""Factor for a term that no passage contains: its subject may be missing in the documents."""
_RIGHT_KIND_BONUS, _FIRST_BONUS, _OWN_BONUS, _RANK_BONUS, _TOLD_BONUS = 0.06, 0.04, 0.12, 0.03, 0.03
_DENIED_BONUS, _BARE_MALUS = 0.06, 0.05
_ROW_BONUS = 0.12
"""For the row of a table that is named by what was asked about, and holds the asked kind of value."""


@dataclass(frozen=True, slots=True)
class Scored:
    unit: Unit
    score: float
    covered: float
    held: frozenset[str]
    fits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weighed:
    """A term of a question with its weight, and how strongly each vocabulary (by its id()) holds it.

    `implied_by`: kinds of answer that imply the term (an amount implies `price`), as strongly as `implied` says. `figure`: the
    number that it is.
    """

    term: str
    weight: float
    strengths: dict[int, float]
    implied_by: frozenset[Expected]
    implied: float
    figure: int | None


class Scale:
    """Weighs terms by their rarity among the units: terms that all units contain count little."""

    def __init__(self, units: Sequence[Unit], language: str) -> None:
        self._units = units
        self._language = language
        self._vocabularies = {
            id(held): held for unit in units for held in (unit.own, unit.above, unit.near, unit.document)
        }
        self._asked: Asked | None = None
        self._terms: list[_Weighed] = []

    @property
    def language(self) -> str:
        """Of the question."""
        return self._language

    def score(self, unit: Unit, asked: Asked, *, enough: float) -> Scored | None:
        """None for a unit that covers too little of the question's terms, whatever else speaks for it."""
        total = covered = own = 0.0
        held = set[str]()
        above = QUESTION_ABOVE if unit.asked else ABOVE
        for one in self._weigh(asked):
            strengths, weight = one.strengths, one.weight
            in_own = strengths[id(unit.own)]
            if in_own < one.implied and any(has(unit.text, kind) for kind in one.implied_by):
                in_own = one.implied
            if one.figure is not None:
                in_own = max(in_own, float(within(one.figure, unit.text)))
            best = max(
                in_own,
                above * strengths[id(unit.above)],
                (COLUMN if unit.kind is Kind.ROW else NEAR) * strengths[id(unit.near)],
                DOCUMENT * strengths[id(unit.document)],
            )
            total += weight
            covered += weight * best
            own += weight * in_own
            if best >= HELD:
                held.add(one.term)
        if covered < enough * total or not total:
            return None
        share, own_share = covered / total, own / total
        score = _TOLD_BONUS * sum(1 for term in asked.told if unit.own.holds(term, self._language) == WHOLE)
        factor, fits = _kind_factor(unit, asked, self._language)
        if unit.kind is Kind.HEADING and own_share >= TITLED:
            factor = 1.0
        score += share * factor + _OWN_BONUS * own_share + (_FIRST_BONUS * share if unit.first else 0.0)
        score += _RANK_BONUS * (1.0 - unit.passage / (self._units[-1].passage + 1))
        if asked.wanted and fits:
            score += _RIGHT_KIND_BONUS + _ROW_BONUS * _is_about(unit, asked, self._language)
        if asked.denied and denies(unit.text, self._language):
            score += _DENIED_BONUS
        if unit.bare:
            score -= _BARE_MALUS
        return Scored(unit, score, share * factor, frozenset(held), fits)

    def _weigh(self, asked: Asked) -> list[_Weighed]:
        if asked is not self._asked:
            self._asked, self._terms = asked, [self._of_term(*one, asked) for one in asked.terms.items()]
        return self._terms

    def _of_term(self, term: str, weight: float, asked: Asked) -> _Weighed:
        meanings = {name for tongue in {self._language, "pt"} for name in concepts_of_stem(term, tongue)}
        kinds = {MEANT_BY[name] for name in meanings if name in MEANT_BY} & asked.wanted
        strengths = self._strengths(term)
        rarity = self._rarity(strengths)
        if term not in asked.own or weight < MATTER:
            rarity = min(rarity, 1.0)
        return _Weighed(
            term=term,
            weight=rarity * (AS_NAME if term in asked.names else weight),  # units without a name are excluded anyway
            strengths=strengths,
            implied_by=frozenset(kinds),
            implied=HINTED if "opening" in meanings else SHOWN,
            figure=int(term[:9]) if term.isdecimal() else None,
        )

    def _strengths(self, term: str) -> dict[int, float]:
        """How certainly each vocabulary contains the term."""
        found = {key: held.holds(term, self._language) for key, held in self._vocabularies.items()}
        if SAME_KIND in found.values() and any(term in unit.own.stems for unit in self._units):
            return {key: OTHER_DAY if strength == SAME_KIND else strength for key, strength in found.items()}
        return found

    def _rarity(self, strengths: dict[int, float]) -> float:
        """The rarer, the higher. COMMONEST is for a term in every unit, STRANGER for a content word in none."""
        count = sum(1 for unit in self._units if strengths[id(unit.own)] > 0 or strengths[id(unit.above)] > 0)
        if not count:
            return STRANGER
        return COMMONEST + (RAREST - COMMONEST) * (1 - log(count) / log(len(self._units) + 1))


def _kind_factor(unit: Unit, asked: Asked, language: str) -> tuple[float, bool]:
    """The factor for the expected kinds of answer, and whether the unit contains one."""
    if not asked.wanted or (unit.list_end is not None and unit.kind is not Kind.HEADING):
        return 1.0, not asked.wanted
    if asked.counted and asked.wanted == {Expected.NUMBER}:
        if (
            unit.kind is Kind.ROW
            and unit.near.holds(asked.counted, language) >= HELD
            and has(unit.text, Expected.NUMBER)
        ):
            return 1.0, True
        return (1.0, True) if _counts(unit.text, asked.counted, language) else (LACKING[Expected.NUMBER], False)
    if any(has(unit.text, kind) for kind in asked.wanted):
        return 1.0, True
    return max(LACKING[kind] for kind in asked.wanted), False


def _is_about(unit: Unit, asked: Asked, language: str) -> bool:
    """Whether it is a row of a table whose first cell, its name, is asked about as a whole."""
    if unit.kind is not Kind.ROW:
        return False
    name = weights(unit.text.split(" | ")[0], language)
    return bool(name) and asked.own.keys() >= name.keys()


def _counts(text: str, noun: str, language: str) -> bool:
    """Whether there is a number shortly before the noun (`eleven people`, `140 new bikes`) or right after it (`rooms: 12`)."""
    meant = concepts_of_stem(noun, language)
    said = words(text)
    for i, word in enumerate(said):
        if word.isdecimal() or word in NUMBER_WORDS:
            near = [*said[i + 1 : i + 3], *said[max(0, i - 1) : i]]
            if any(stem(other, language) == noun or concepts(other, language) & meant for other in near):
                return True
    return False
