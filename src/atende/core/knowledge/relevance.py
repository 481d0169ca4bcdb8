"""One scale for every embedding: a similarity from 0 to 1 where 0.7 is what a person would call relevant.

Cosines of different models do not mean the same: with `text-embedding-3-large` a question and the paragraph that answers it
lie near 0.4-0.6 and strangers near 0.1-0.2; older and smaller models crowd everything between 0.7 and 0.9; a hashed lexical
vector of a short question and a long passage seldom passes 0.4. So each family has its own curve, given as the cosines that
stand for the scores 0, 0.5, 0.7, 0.9 and 1, and the words that question and passage share correct it: they lift a passage
that a curve underrates, and for the hashed vectors, which know words only, they are nearly all of the score.
"""

from atende.core.knowledge.matching import coverage, vocabulary, weights
from atende.core.language.detect import guess_language

_SCORES = (0.0, 0.5, 0.7, 0.9, 1.0)
_CURVES = (
    ("text-embedding-3-large", (0.08, 0.25, 0.34, 0.55, 0.80)),
    ("text-embedding-3-small", (0.10, 0.27, 0.36, 0.58, 0.82)),
    ("text-embedding-ada-002", (0.66, 0.76, 0.79, 0.86, 0.95)),
    ("e5", (0.68, 0.78, 0.81, 0.88, 0.96)),
    ("bge", (0.30, 0.50, 0.58, 0.72, 0.90)),
    ("nomic", (0.40, 0.55, 0.62, 0.75, 0.90)),
)
_ANY = (0.10, 0.35, 0.50, 0.70, 0.90)
_HASHED = "hashed"
_WORDS_LIFT = 0.35
_ENOUGH_MATTER = 0.7


def relevance(*, question: str, passage: str, cosine: float, model: str, language: str) -> float:
    """How relevant a passage is to a question, 0 to 1. `cosine` is that of their vectors by the embedding `model`.

    Of several lines (a burst of messages) a passage need only answer one. `language` is that of the passage or the project,
    believed where a question is too short to tell its own.
    """
    shared = max((_shared(line, passage, language) for line in _lines(question, language)), default=None, key=_known)
    if model.startswith(_HASHED):
        return round(_between(cosine, _ANY) if shared is None else _by_words(shared, cosine), 4)
    meaning = _between(cosine, _curve(model))
    return round(meaning + (1.0 - meaning) * _WORDS_LIFT * (shared or 0.0) ** 2, 4)


def _lines(question: str, language: str) -> list[str]:
    """The whole, and each line that would mean something alone."""
    lines = question.split("\n") if "\n" in question else []
    return [question, *(line for line in lines if sum(weights(line, language).values()) >= _ENOUGH_MATTER)]


def _shared(question: str, passage: str, language: str) -> float | None:
    """The share of the question's matter that the passage has; None for a question without matter."""
    asking = guess_language(question, language)
    asked = weights(question, asking)
    return coverage(asked, vocabulary(passage, asking, guess_language(passage, language)), asking) if asked else None


def _known(share: float | None) -> float:
    return -1.0 if share is None else share


def _by_words(shared: float, cosine: float) -> float:
    """Two fifths of the question's matter in the passage is 0.7; the cosine decides between passages that share as much."""
    matter = shared * 1.75 if shared < 0.4 else 0.7 + (shared - 0.4) * 0.45
    return min(1.0, matter + 0.25 * max(0.0, min(cosine, 0.4)))


def _curve(model: str) -> tuple[float, ...]:
    return next((points for family, points in _CURVES if family in model), _ANY)


def _between(cosine: float, points: tuple[float, ...]) -> float:
    """The score of a cosine, on straight lines between the known points."""
    if cosine <= points[0]:
        return 0.0
    for i in range(1, len(points)):
        if cosine <= points[i]:
            share = (cosine - points[i - 1]) / (points[i] - points[i - 1])
            return _SCORES[i - 1] + share * (_SCORES[i] - _SCORES[i - 1])
    return 1.0
