"""A common scale for all embeddings: a similarity from 0 to 1, where 0.7 is what a person would call relevant.

Cosines of different models are not comparable. With `text-embedding-3-large`, a question and the paragraph that answers it have
about 0.4-0.6, unrelated texts about 0.1-0.2; with older and smaller models almost everything is between 0.7 and 0.9; hashed
lexical vectors of a short question and a long passage rarely exceed 0.4. So each family of models has its own curve, given as the
cosines for the scores 0, 0.5, 0.7, 0.9 and 1. Words that question and passage share raise the score; for hashed vectors, which
only represent words, they are almost the whole score.
"""

from math import sqrt

from atende.core.knowledge.fusion import RELEVANCE
from atende.core.knowledge.matching import coverage, vocabulary, weights
from atende.core.language.detect import guess_language

_SCORES = (0.0, 0.5, 0.7, 0.9, 1.0)
_CURVES = (
    ("text-embedding-3-large", (0.08, 0.25, 0.34, 0.55, 0.80)),
    ("text-embedding-3-small", (0.10, 0.27, 0.36, 0.58, 0.82)),
    ("text-embedding-ada-002", (0.66, 0.76, 0.79, 0.86, 0.95)),
    ("multilingual-e5-small-q4", (0.72, 0.79, 0.81, 0.855, 0.92)),
    ("e5", (0.68, 0.78, 0.81, 0.88, 0.96)),
    ("bge", (0.30, 0.50, 0.58, 0.72, 0.90)),
    ("nomic", (0.40, 0.55, 0.62, 0.75, 0.90)),
)
_ANY = (0.10, 0.35, 0.50, 0.70, 0.90)
_HASHED = "hashed"
_WORDS_LIFT = 0.35
_OTHER_LANGUAGE = {"multilingual-e5-small-q4": 0.03}
"""By how much the cosines of a question and the passage that answers it are lower if they are in two languages."""
_WORDS_PLACE = 0.09
"""How far words can move a passage up among those found by meaning: about as far as 0.02 of a cosine of the model e5."""
_ENOUGH_MATTER = 0.7


def relevance(*, question: str, passage: str, cosine: float, model: str, language: str) -> float:
    """How relevant a passage is to a question, from 0 to 1. `cosine` is the similarity of their vectors by the embedding `model`.

    If the question has several lines (a burst of messages), the passage only needs to answer one. `language` is that of the
    passage or the project, used if the language of the question cannot be guessed.
    """
    shared = max((_shared(line, passage, language) for line in _lines(question, language)), default=None, key=_known)
    if model.startswith(_HASHED):
        return round(_between(cosine, _ANY) if shared is None else _by_words(shared, cosine), 4)
    handicap = _OTHER_LANGUAGE.get(model, 0.0)
    if handicap and guess_language(question, language) != guess_language(passage, language):
        cosine += handicap
    meaning = _between(cosine, _curve(model))
    return round(meaning + (1.0 - meaning) * _WORDS_LIFT * (shared or 0.0) ** 2, 4)


def standing(
    *, question: str, passage: str, cosine: float, model: str, language: str, words: float
) -> tuple[float, float]:
    """The relevance of a passage, and its place in the order, where higher is better.

    `words` is the score of the full-text search, from 0 to 1. For hashed vectors, which only represent words, it counts a third.
    A model of meaning orders better than words do: they decide between passages that it finds about equal, and only if question and
    passage are in one language, because words that two languages share by chance mislead.
    """
    score = relevance(question=question, passage=passage, cosine=cosine, model=model, language=language)
    if model.startswith(_HASHED):
        return score, score + words / RELEVANCE
    meaning = _between(cosine, _curve(model))
    if not words or guess_language(question, language) != guess_language(passage, language):
        return score, meaning
    shared = _shared(question, passage, language) or 0.0
    return score, meaning + _WORDS_PLACE * words * sqrt(shared)


def _lines(question: str, language: str) -> list[str]:
    """The whole question, and each line with enough content words of its own."""
    lines = question.split("\n") if "\n" in question else []
    return [question, *(line for line in lines if sum(weights(line, language).values()) >= _ENOUGH_MATTER)]


def _shared(question: str, passage: str, language: str) -> float | None:
    """The share of the question's content words that the passage has; None for a question without any."""
    asking = guess_language(question, language)
    asked = weights(question, asking)
    return coverage(asked, vocabulary(passage, asking, guess_language(passage, language)), asking) if asked else None


def _known(share: float | None) -> float:
    return -1.0 if share is None else share


def _by_words(shared: float, cosine: float) -> float:
    """A share of 0.4 gives the score 0.7; the cosine decides between passages with the same share."""
    matter = shared * 1.75 if shared < 0.4 else 0.7 + (shared - 0.4) * 0.45
    return min(1.0, matter + 0.25 * max(0.0, min(cosine, 0.4)))


def _curve(model: str) -> tuple[float, ...]:
    return next((points for family, points in _CURVES if family in model), _ANY)


def _between(cosine: float, points: tuple[float, ...]) -> float:
    """The score of a cosine, by linear interpolation between the known points."""
    if cosine <= points[0]:
        return 0.0
    for i in range(1, len(points)):
        if cosine <= points[i]:
            share = (cosine - points[i - 1]) / (points[i] - points[i - 1])
            return _SCORES[i - 1] + share * (_SCORES[i] - _SCORES[i - 1])
    return 1.0
