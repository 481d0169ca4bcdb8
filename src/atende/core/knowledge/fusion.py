"""Reciprocal rank fusion: what several searches rank high comes first, whatever the scale of their scores."""

from collections.abc import Sequence
from uuid import UUID

RANK_CONSTANT = 60


def fuse(*rankings: Sequence[UUID]) -> list[UUID]:
    """One ranking of all that any of them found, best first; ties by id, so that the order is always the same."""
    scores: dict[UUID, float] = {}
    for ranking in rankings:
        for rank, found in enumerate(ranking, start=1):
            scores[found] = scores.get(found, 0.0) + 1 / (RANK_CONSTANT + rank)
    return sorted(scores, key=lambda found: (-scores[found], found))
