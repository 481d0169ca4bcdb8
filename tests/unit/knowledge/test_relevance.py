"""One scale from 0 to 1 for every embedding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atende.core.knowledge.relevance import relevance, standing
from atende.outbound.hashed import vector

FREIGHT = "Entrega e frete\n\nO frete para o Nordeste custa R$ 36,90 e a entrega leva de 7 a 12 dias úteis."
WARRANTY = "A garantia legal é de 90 dias. O conserto fica pronto em até 30 dias corridos."


def score(question: str, passage: str, language: str = "pt") -> float:
    cosine = sum(a * b for a, b in zip(vector(question), vector(passage), strict=True))
    return relevance(question=question, passage=passage, cosine=cosine, model="hashed-384", language=language)


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("Quanto custa o frete para o Nordeste?", FREIGHT),
        ("oi\nbom dia\nqual o prazo de entrega", FREIGHT),
        ("quanto custa o frete\nvocês têm loja em Manaus com estacionamento coberto, fraldário e restaurante", FREIGHT),
        ("How much is shipping to the Nordeste?", FREIGHT),
        ("quanto tempo demora o conserto?", WARRANTY),
        ("tem grantia?", WARRANTY),
    ],
)
def test_what_a_person_would_call_relevant_is_at_least_seven_tenths(question: str, passage: str) -> None:
    assert score(question, passage) >= 0.7


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("Quanto custa o frete para o Nordeste?", WARRANTY),
        ("Vocês fazem lista de casamento?", FREIGHT),
        ("oi, bom dia, vocês têm wi-fi?", WARRANTY),
    ],
)
def test_what_nobody_would_is_less(question: str, passage: str) -> None:
    assert score(question, passage) < 0.7


@given(
    st.text(max_size=80),
    st.text(max_size=200),
    st.floats(-1, 1),
    st.sampled_from(["hashed-384", "text-embedding-3-large", "x"]),
)
def test_every_score_is_from_nought_to_one(question: str, passage: str, cosine: float, model: str) -> None:
    found = relevance(question=question, passage=passage, cosine=cosine, model=model, language="pt")
    assert 0.0 <= found <= 1.0


@pytest.mark.parametrize(
    "model", ["text-embedding-3-large", "text-embedding-3-small", "text-embedding-ada-002", "other"]
)
@given(st.floats(-1, 1), st.floats(-1, 1))
def test_nearer_never_scores_less(model: str, one: float, other: float) -> None:
    near, far = max(one, other), min(one, other)
    scores = [relevance(question="prazo?", passage=WARRANTY, cosine=c, model=model, language="pt") for c in (far, near)]
    assert scores == sorted(scores)


def test_the_meaning_of_a_cosine_depends_on_its_model() -> None:
    def of(model: str) -> float:
        return relevance(question="horário?", passage=FREIGHT, cosine=0.45, model=model, language="pt")

    assert of("text-embedding-3-large") > 0.75
    assert of("text-embedding-ada-002") == 0.0


def test_words_decide_between_passages_of_about_the_same_meaning() -> None:
    def place(passage: str, cosine: float, words: float, model: str = "text-embedding-3-large") -> float:
        question = "Quanto custa o frete?"
        return standing(question=question, passage=passage, cosine=cosine, model=model, language="pt", words=words)[1]

    assert place(FREIGHT, 0.40, 1.0) > place(WARRANTY, 0.42, 0.0)
    assert place(FREIGHT, 0.30, 1.0) < place(WARRANTY, 0.50, 0.0), "but not against it"
    foreign = "El frete es una palabra que aquí cuesta entender, y custa más."
    assert place(foreign, 0.40, 1.0) == place(foreign, 0.40, 0.0), "nor where two languages share a word"
    assert place(FREIGHT, 0.2, 1.0, "hashed-384") > place(FREIGHT, 0.2, 0.5, "hashed-384")


def test_a_question_in_another_language_is_not_held_to_the_same_cosine() -> None:
    def of(question: str) -> float:
        model = "multilingual-e5-small-q4"
        return relevance(question=question, passage=WARRANTY, cosine=0.785, model=model, language="pt")

    assert of("How long does it take to mend it?") >= 0.7 > of("Em quanto tempo fica arrumado?")
