"""Recall and mean reciprocal rank."""

import pytest

from atende.core.kernel import Invalid
from atende.core.knowledge.evaluate_retrieval import Paragraph, Ranking, RetrievalQuestion, score


def ranking(gold: str | None, *ranked: str) -> Ranking:
    return Ranking(RetrievalQuestion("q", "?", gold), ranked)


def test_the_measures_by_hand() -> None:
    found = score(
        [
            ranking("a", "a", "b"),
            ranking("c", "a", "b", "d", "c"),
            ranking("f", "a", "b", "c", "d", "e", "f"),
            ranking("z", "a"),
            ranking(None, "a"),
        ]
    )
    assert found is not None
    assert (found.questions, found.recall_at_1, found.recall_at_5) == (4, 0.25, 0.5)
    assert found.mrr == pytest.approx((1 + 1 / 4 + 1 / 6) / 4)
    assert str(found) == "4 questions: recall@1 0.250, recall@5 0.500, MRR 0.354"


def test_the_eleventh_place_does_not_count() -> None:
    names = [f"p{n}" for n in range(12)]
    assert ranking("p10", *names).place is None
    assert ranking("p9", *names).place == 10
    assert ranking("p9", *names).row == {"id": "q", "ranked": names[:10]}


def test_without_gold_there_is_no_score() -> None:
    assert score([ranking(None, "a")]) is None


def test_rows_are_read() -> None:
    assert Paragraph.of({"id": 7, "text": "Olá", "title": "T"}) == Paragraph("7", "Olá", "T")
    assert RetrievalQuestion.of({"id": "q1", "question": "O quê?", "gold_paragraph_id": 7}).gold == "7"
    assert RetrievalQuestion.of({"id": "q1", "question": "O quê?"}).gold is None


@pytest.mark.parametrize(
    "row", [{}, {"id": "a"}, {"id": "a", "text": " "}, {"id": None, "text": "x"}, {"id": True, "text": "x"}]
)
def test_a_row_without_what_it_needs_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        Paragraph.of(row)
