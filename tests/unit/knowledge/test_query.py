"""What of a question is looked for, and how what several searches found becomes one order."""

from uuid import UUID

import pytest

from atende.core.knowledge.fusion import best_first, fuse
from atende.core.knowledge.query import read_query

A, B, C, D = (UUID(int=number) for number in range(1, 5))


@pytest.mark.parametrize(
    ("question", "matter"),
    [
        ("Qual é o prazo de troca?", "prazo troca?"),
        ("How long does the delivery take to Lisbon?", "delivery take Lisbon?"),
        ("¿Cuánto cuesta el envío a Canarias?", "cuesta envío Canarias?"),
        ("Onde acho o site www.a-o.com.br, por favor?", "acho site www.a-o.com.br,"),
    ],
)
def test_small_words_are_left_out_and_the_rest_stays_as_written(question: str, matter: str) -> None:
    assert read_query(question).matter == matter


def test_a_question_of_small_words_only_is_looked_for_whole() -> None:
    assert read_query("o que é que há?").matter == "o que é que há?"
    assert read_query("").matter == ""


def test_other_words_of_the_same_meaning_are_looked_for_too() -> None:
    related = read_query("Qual o prazo de entrega?").related.split()
    assert {"frete", "envio", "demora"} <= set(related)
    assert not {"prazo", "entrega", "delivery", "friday"} & set(related)
    assert len(related) == len(set(related))


def test_where_the_language_cannot_be_told_each_of_ours_may_be_meant() -> None:
    assert {"custo", "cuesta"} <= set(read_query("tarifa").related.split())
    assert read_query("a").matter == "a"


def test_words_near_one_another_without_meaning_the_same_are_not() -> None:
    assert "abril" not in read_query("Vocês abrem em março?").related.split()


def test_rankings_are_fused_by_rank_and_weight() -> None:
    assert fuse([A, B], [B, C]) == [B, A, C]
    assert fuse([A, B, C], [C, B, A], weights=(0.3, 1.0)) == [C, B, A]
    assert fuse([A], [B]) == fuse([B], [A]) == [A, B]
    assert fuse([], []) == []
    with pytest.raises(ValueError, match="shorter"):
        fuse([A], [B], weights=(1.0,))


def test_the_head_is_settled_by_words_and_relevance_together() -> None:
    assert best_first({A: 0.1, B: 0.2, C: 0.3}) == [C, B, A]
    assert best_first({B: 0.5, A: 0.5}) == [A, B], "the order does not depend on chance"
    assert best_first({}) == []
