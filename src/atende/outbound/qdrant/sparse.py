"""Sparse vectors of words: what a text says literally, weighted as BM25 does. The server adds how rare each word is."""

from collections import Counter
from zlib import crc32

from atende.core.language.languages import LANGUAGES
from atende.core.language.text import terms

_SATURATION, _LENGTH_SHARE, _USUAL_LENGTH = 1.2, 0.75, 120
"""How soon a repeated word counts no more, how much long texts are held back, and the terms of a usual chunk."""

Sparse = tuple[list[int], list[float]]
"""Dimensions, each once, and their weights."""


def of_passage(text: str, language: str) -> Sparse:
    stems = terms(text, language)
    damping = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * len(stems) / _USUAL_LENGTH)
    counted = Counter(crc32(stem.encode()) for stem in stems)
    weighed = {place: n * (_SATURATION + 1) / (n + damping) for place, n in sorted(counted.items())}
    return list(weighed), list(weighed.values())


def of_question(text: str) -> Sparse:
    """A question may be in another language than the passages: its words count in the form that each language gives them."""
    places = sorted({crc32(stem.encode()) for language in LANGUAGES for stem in terms(text, language)})
    return places, [1.0] * len(places)
