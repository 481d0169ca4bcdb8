"""Splitting a customer's message into questions, with the terms that a follow-up question leaves out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from atende.core.knowledge.matching import MATTER, names, weights
from atende.core.knowledge.model import Question, Said
from atende.core.language.detect import guess_language
from atende.core.language.shorthand import written_out
from atende.core.language.stems import stem
from atende.core.language.text import fold, sentences
from atende.outbound.extractive.expecting import expected
from atende.outbound.extractive.kinds import HOW_MANY, IMPLIED, Expected, one_of

CARRIED = 0.4
"""Factor for the weights of terms of the previous question, if this one depends on it."""

_FRAGMENT = re.compile(
    r"^(?:d[eoa]s?|em|n[oa]s?|com|sem|pa?ra|pro|por|pel[oa]|ate|aos?|of|for|to|in|on|at|with|from|by|del|con|en)\b"
)
_DANGLING = re.compile(
    r"\b(?:d[eoa]s?|em|n[oa]s?|com|pa?ra|pro|por|[oa]s?|of|for|to|in|on|at|with|the|del|con|en|el|la)$"
)
_AND_ALSO = re.compile(
    r"(?:,|;)?\s+(?:e|and|y|ou|or|também|tambem|also)\s+(?="
    + one_of("""
        se; qual; quais; quanto; quanta; quantos; quantas; quando; onde; como; quem; que horas; what; how; when;
        where; which; who; do; does; is; are; can; if; whether; cu[aá]nt[oa]s?; cu[aá]l(?:es)?; d[oó]nde; cu[aá]ndo;
        si; c[oó]mo; qui[eé]n; qué
    """)
    + ")",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?|"
    + one_of("""
        qual; quais; quant[oa]s?; quando; onde; como; quem; posso; podem; poderia; tem; teria; existe; aceitam?;
        fazem?; voces; vcs; queria saber; gostaria de saber; quero saber; preciso saber; me (?:diz|informa|fala);
        sera que; da para; da pra; what; how; when; where; which; who; why; can i; can you; could; do you; does; is
        there; are there; is it; want to know; like to know; tell me; wondering; cuant[oa]s?; cual(?:es)?; donde;
        cuando; quien; puedo; pueden; tienen; hay; quisiera saber; quiero saber; queria saber; me (?:dice|gustaria)
    """)
)
_LEANS = re.compile(
    r"^(?:e|mas e|ah e|and|but|what about|how about|y|pero)\b|"
    + one_of(
        """isso; el[ea]s?; n?esse caso; neste caso; dess[ea]; it; that; this; them; those; they; es[eoa]; ellos; ellas; lo mismo"""
    )
)
_OF_SOMETHING = frozenset(
    {Expected.MONEY, Expected.DURATION, Expected.NUMBER, Expected.DATE, Expected.PERSON, Expected.PAYER}
)
"""Kinds that need a subject in the question."""
_FEW, _NOTHING = 1.2, 0.35


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its terms with their weights, the expected kinds of answer, its names, and the noun after `how many`.

    `carried` has terms of the previous question, `told` those of sentences that ask nothing."""

    text: str
    own: Mapping[str, float]
    wanted: frozenset[Expected]
    names: frozenset[str] = frozenset()
    counted: str | None = None
    carried: Mapping[str, float] = field(default_factory=dict)
    told: frozenset[str] = frozenset()
    denied: bool = False

    @property
    def terms(self) -> Mapping[str, float]:
        return {**self.carried, **self.own}

    def alone(self) -> "Asked | None":
        """The same without what it took over, if it took something over and yet names enough by itself: history fills only gaps."""
        if not self.carried or sum(self.own.values()) <= _FEW:
            return None
        return replace(self, carried={}, wanted=expected(self.text))


def asked(question: Question) -> tuple[list[Asked], str]:
    """All questions in order, and their language. Greetings and thanks are not questions."""
    language = guess_language(question.text, question.language)
    parts = _parts(written_out(question.text, language), language)
    before = _before(question.history, question.text, language)
    found: list[Asked] = []
    for text, told in parts:
        own, wanted = weights(text, language), expected(text)
        if sum(own.values()) < _NOTHING and not wanted and not found and before is None:
            continue
        carried: Mapping[str, float] = {}
        if found and (_leans(text, own) or not own):
            carried = _lighter(found[-1].own)
        elif not found and _leans(text, own) and before is not None:
            carried = _lighter(before.terms)
            wanted = wanted or before.wanted
        if not own and not carried:
            own = {term: 1.0 for kind in wanted if kind in IMPLIED for term in weights(IMPLIED[kind], "pt")}
        if own or carried:
            carried = {term: weight for term, weight in carried.items() if term not in own}
            found.append(
                Asked(
                    text,
                    own,
                    wanted,
                    names(text, language),
                    _counted(text, language),
                    carried,
                    frozenset(weights(told, language)),
                )
            )
    return found, language


def _parts(text: str, language: str) -> list[tuple[str, str]]:
    """The questions, each with the sentences before it that ask nothing."""
    pieces = [piece for line in _lines(text, language) for piece in _pieces(line)]
    asking = [_ASKS.search(fold(piece)) is not None for piece in pieces]
    if not any(asking):
        return [(piece, "") for piece in pieces]
    parts: list[tuple[str, str]] = []
    told: list[str] = []
    for i, (piece, asks) in enumerate(zip(pieces, asking, strict=True)):
        if asks or (i and asking[i - 1] and _continues(piece)):
            parts.append((piece, " ".join(told)))
        else:
            told.append(piece)
    if parts and told and not asking[-1]:
        parts[-1] = (parts[-1][0], " ".join(told))
    return parts


def _continues(piece: str) -> bool:
    return _LEANS.search(fold(piece)) is not None


def _lines(text: str, language: str) -> list[str]:
    """The messages of a burst; parts of one sentence that were sent separately are joined."""
    lines: list[str] = []
    for line in (line.strip() for line in text.split("\n")):
        if not line:
            continue
        unfinished = bool(lines) and _is_opening(lines[-1], language) and not _LEANS.match(fold(line))
        if (
            lines
            and (unfinished or _FRAGMENT.match(fold(line)) or _DANGLING.search(fold(lines[-1])))
            and lines[-1][-1] not in ".!?"
        ):
            lines[-1] += " " + line
        else:
            lines.append(line)
    return lines


def _is_opening(line: str, language: str) -> bool:
    """Whether it only begins a question, such as `queria saber` or `quanto custa`."""
    asks_of_something = any(weight >= MATTER for weight in weights(line, language).values())
    return not asks_of_something and expected(line) <= _OF_SOMETHING and _ASKS.search(fold(line)) is not None


def _pieces(line: str) -> list[str]:
    return [piece for start, end in sentences(line) for piece in _AND_ALSO.split(line[start:end]) if piece.strip()]


def _before(history: Sequence[Said], text: str, language: str) -> Asked | None:
    """The customer's previous question."""
    for said in reversed(history):
        if said.by_customer and said.text.strip() != text.strip():
            own, wanted = weights(said.text, language), expected(said.text)
            if own:
                return Asked(said.text, own, wanted)
    return None


def _leans(text: str, own: Mapping[str, float]) -> bool:
    """Whether it depends on the previous question."""
    return _LEANS.search(fold(text)) is not None or sum(own.values()) <= _FEW


def _counted(text: str, language: str) -> str | None:
    """The stem of the noun after `how many`."""
    match = HOW_MANY.search(fold(text))
    return stem(match.group(1), language) if match else None


def _lighter(terms: Mapping[str, float]) -> dict[str, float]:
    return {term: CARRIED * weight for term, weight in terms.items()}
