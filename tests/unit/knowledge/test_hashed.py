"""The embedding that needs no model."""

from math import isclose, isfinite

from hypothesis import given
from hypothesis import strategies as st

from atende.outbound.hashed import DIMENSION, HashedEmbedding, vector


def near(one: str, other: str) -> float:
    return sum(a * b for a, b in zip(vector(one), vector(other), strict=True))


@given(st.text(max_size=300))
def test_every_text_has_a_unit_vector(text: str) -> None:
    found = vector(text)
    assert len(found) == DIMENSION
    assert all(isfinite(value) for value in found)
    assert isclose(sum(value * value for value in found), 1.0, rel_tol=1e-9)


def test_the_vector_is_the_same_in_every_process() -> None:
    found = vector("prazo de troca")
    assert {place: round(found[place], 3) for place in (15, 65, 90, 149)} == {
        15: 0.471,
        65: -0.471,
        90: -0.471,
        149: 0.471,
    }


def test_forms_and_accents_stay_near_and_strangers_far() -> None:
    assert near("Qual o prazo de devolução?", "prazos de devolucoes") > 0.4
    assert abs(near("Qual o prazo de devolução?", "Where can I park my car?")) < 0.2


async def test_a_batch_is_embedded_in_order_and_costs_nothing() -> None:
    texts = [f"texto número {n}" for n in range(150)]
    embedded = await HashedEmbedding().embed(texts)
    assert embedded.vectors == tuple(vector(text) for text in texts)
    assert embedded.usage.tokens == 0
