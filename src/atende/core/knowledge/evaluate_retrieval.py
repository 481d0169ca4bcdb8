"""Metrics of a search: recall at 1 and 5, and the mean reciprocal rank."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from atende.core.kernel import Invalid

MOST_RANKED = 10
"""Only this many paragraphs of a ranking count."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    id: str
    text: str
    title: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Paragraph":
        """From `{"id", "text", "title"?}`. Raises Invalid."""
        return cls(_text(row, "id"), _text(row, "text"), _optional(row, "title") or "")


@dataclass(frozen=True, slots=True)
class RetrievalQuestion:
    id: str
    question: str
    gold: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "RetrievalQuestion":
        """From `{"id", "question", "gold_paragraph_id"?}`. Raises Invalid."""
        return cls(_text(row, "id"), _text(row, "question"), _optional(row, "gold_paragraph_id"))


@dataclass(frozen=True, slots=True)
class Ranking:
    """The paragraphs found for one question, best first."""

    question: RetrievalQuestion
    paragraphs: tuple[str, ...]

    @property
    def row(self) -> dict[str, Any]:
        """`{"id", "ranked"}`, the output format."""
        return {"id": self.question.id, "ranked": list(self.paragraphs[:MOST_RANKED])}

    @property
    def place(self) -> int | None:
        """Position of the gold paragraph, from 1; None if it is not among the first MOST_RANKED."""
        ranked = self.paragraphs[:MOST_RANKED]
        return ranked.index(self.question.gold) + 1 if self.question.gold in ranked else None


@dataclass(frozen=True, slots=True)
class RetrievalScore:
    """Metrics from 0 to 1 over the questions with a gold paragraph."""

    questions: int
    recall_at_1: float
    recall_at_5: float
    mrr: float

    def __str__(self) -> str:
        return (
            f"{self.questions} questions: recall@1 {self.recall_at_1:.3f}, recall@5 {self.recall_at_5:.3f}, "
            f"MRR {self.mrr:.3f}"
        )


def score(rankings: Iterable[Ranking]) -> RetrievalScore | None:
    """None if no question has a gold paragraph."""
    places = [ranking.place for ranking in rankings if ranking.question.gold is not None]
    if not places:
        return None
    return RetrievalScore(
        questions=len(places),
        recall_at_1=sum(1 for place in places if place == 1) / len(places),
        recall_at_5=sum(1 for place in places if place is not None and place <= 5) / len(places),
        mrr=sum(1 / place for place in places if place is not None) / len(places),
    )


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and key == "id":
        return str(value)
    if not isinstance(value, str) or not value.strip():
        raise Invalid(f"each row must have a text under {key!r}")
    return value


def _optional(row: Mapping[str, Any], key: str) -> str | None:
    return None if row.get(key) is None else str(row[key])
