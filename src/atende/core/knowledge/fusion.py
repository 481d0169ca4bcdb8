"""Combining the results of several searches into one ranking."""

from collections.abc import Mapping, Sequence
from uuid import UUID

RANK_CONSTANT = 60
RELEVANCE = 3.0
"""Weight of the relevance by words, relative to the full-text score, whose maximum counts 1.

The full-text score accounts for rare words; relevance accounts for the share of the question that is covered, and for
related words.
"""


def fuse(*rankings: Sequence[UUID], weights: Sequence[float] = ()) -> list[UUID]:
    """Reciprocal rank fusion: everything that any ranking found, best first. Each ranking has the weight 1 by default.

    Ties are ordered by id, so that the result is deterministic.
    """
    scores: dict[UUID, float] = {}
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        for rank, found in enumerate(ranking, start=1):
            scores[found] = scores.get(found, 0.0) + weight / (RANK_CONSTANT + rank)
    return best_first(scores)


def best_first(scores: Mapping[UUID, float]) -> list[UUID]:
    return sorted(scores, key=lambda found: (-scores[found], found))
