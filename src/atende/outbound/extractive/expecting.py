"""Which kinds of answer a question expects, and whether a sentence contains one."""

import re
from functools import lru_cache

from atende.core.language.text import fold
from atende.outbound.extractive.kinds import ASKS, BY_WORD, HAS, INTERROGATIVE, Expected

_NAMED = re.compile(
    r"(?<=[\w,;:)] )[\"'“]?[A-ZÀ-Ý][\w'.-]+|\b(?:cliente|equipe|customer|team|nós|fabricante|manufacturer)\b"
)
_FIGURE = r"(?:r\$|us\$|[$€£])? ?(\d+(?:[.,]\d+)*)(?: ?(?:kg|km|dias?|anos?|horas?|days?|years?|hours?|h))?"
_BETWEEN = re.compile(
    rf"\b(?:de|entre|from|between|desde|das) (?:as )?{_FIGURE} (?:a|as|e|to|and|y|ate|until|hasta) (?:as )?{_FIGURE}"
)
_AT_MOST = re.compile(
    r"\b(?:ate|no maximo|menos de|menores de|abaixo de|up to|at most|under|less than|hasta|maximo) " + _FIGURE
)
_AT_LEAST = re.compile(
    r"\b(?:a partir d[eo]s?|acima de|mais de|maiores de|no minimo|pelo menos|at least|over|more than|above|from|mas de|mayores de"
    r"|desde|al menos) (?:los )?" + _FIGURE
)


def expected(question: str) -> frozenset[Expected]:
    """All kinds of answer that the question may expect."""
    folded = fold(question)
    found = {kind for kind, pattern in ASKS.items() if pattern.search(folded)}
    first = INTERROGATIVE.search(folded)
    for kind, pattern in BY_WORD.items():
        own = pattern.search(folded)
        if own and first and own.start() == first.start():
            found.add(kind)
    if Expected.DURATION in found:
        found.discard(Expected.NUMBER)
    if Expected.ADDRESS in found:
        found.discard(Expected.PLACE)
    if Expected.PAYER in found:
        found.discard(Expected.PERSON)
    return frozenset(found)


@lru_cache(maxsize=16_384)
def has(text: str, kind: Expected) -> bool:
    """Whether the sentence contains an answer of this kind."""
    if kind is Expected.PERSON:
        return _NAMED.search(text) is not None
    return HAS[kind].search(fold(text)) is not None


def within(number: int, text: str) -> bool:
    """Whether the text has a range or bound that includes the number: 8 is in `from 6 to 11`, and 250 is `over 199`."""
    folded = fold(text)
    for low, high in _BETWEEN.findall(folded):
        if min(_value(low), _value(high)) <= number <= max(_value(low), _value(high)):
            return True
    if any(number <= _value(bound) for bound in _AT_MOST.findall(folded)):
        return True
    return any(number >= _value(bound) for bound in _AT_LEAST.findall(folded))


def _value(figure: str) -> float:
    """The value of a number: 1.250,00 and 1,250.00 are the same; a mark before three digits is a thousands separator."""
    whole, _, rest = figure.replace(",", ".").rpartition(".")
    if not whole:
        return float(rest)
    digits = whole.replace(".", "")
    return float(digits + rest) if len(rest) == 3 else float(f"{digits}.{rest}")
