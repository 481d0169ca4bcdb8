"""One order out of several searches: first by rank, whatever the scale of their scores; then the head of it by a closer look."""

from collections.abc import Mapping, Sequence
from uuid import UUID

RANK_CONSTANT = 60
RELEVANCE = 3.0
"""What the closer look counts beside the words that were found, whose best score counts 1."""


def fuse(*rankings: Sequence[UUID], weights: Sequence[float] = ()) -> list[UUID]:
    """Reciprocal rank fusion: all that any ranking found, best first. Each counts 1 unless `weights` say otherwise.

    Ties by id, so that the order is always the same.
    """
    scores: dict[UUID, float] = {}
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        for rank, found in enumerate(ranking, start=1):
            scores[found] = scores.get(found, 0.0) + weight / (RANK_CONSTANT + rank)
    return _best_first(scores)


def settle(words: Mapping[UUID, float], relevance: Mapping[UUID, float]) -> list[UUID]:
    """The order of those whose `relevance` (0 to 1) is known, by that and by what the search for words gave them, best first.

    The words know which of them are rare; relevance knows how much of the question is there, and what means the same.
    """
    best = max(words.values(), default=0.0) or 1.0
    return _best_first({id_: words.get(id_, 0.0) / best + RELEVANCE * value for id_, value in relevance.items()})


def _best_first(scores: Mapping[UUID, float]) -> list[UUID]:
    return sorted(scores, key=lambda found: (-scores[found], found))
