"""Questions as they are typed: shortened, and written by ear."""

import pytest

from atende.core.knowledge.matching import coverage, sound, vocabulary, weights
from atende.core.knowledge.query import read_query
from atende.core.language.shorthand import written_out
from tests.unit.knowledge.test_extractive import ask


@pytest.mark.parametrize(
    ("language", "short", "long"),
    [
        ("pt", "qto custa, vcs sabem?", "quanto custa, vocês sabem?"),
        ("pt", "a Q do DOM", "a Q do DOM"),
        ("es", "xq no abren el finde", "por qué no abren el fin de semana"),
        ("en", "wen r u open", "when are you open"),
        ("en", "the dom is here", "the dom is here"),
    ],
)
def test_shorthand_is_written_out_in_its_own_language(language: str, short: str, long: str) -> None:
    assert written_out(short, language) == long


def test_shorthand_is_not_searched() -> None:
    assert "qto" not in read_query("qto custa a matrícula de vcs?").matter
    assert set(weights("qto custa a matrícula?", "pt")) == set(weights("quanto custa a matrícula?", "pt"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("caxorro", "cachorro"), ("zuelta", "suelta"), ("watsap", "whatsapp"), ("ospedagem", "hospedagem")],
)
def test_what_sounds_alike_is_found(one: str, other: str) -> None:
    assert sound(one) == sound(other)
    assert coverage(weights(one, "pt"), vocabulary(other, "pt"), "pt") > 0


def test_what_sounds_otherwise_is_not() -> None:
    assert sound("tarifa") != sound("tarefa")
    assert sound("ab12") == "ab12"


@pytest.mark.parametrize(
    ("question", "passage", "said"),
    [
        ("qto custa a matricula?", "A matrícula custa R$ 60,00.", "R$ 60,00"),
        ("hj a academia abre q horas?", "A academia abre às 6h.", "6h"),
        ("tb abre domingo?", "A loja abre aos domingos das 9h às 13h.", "9h"),
        ("qual o watsap de vcs", "Fale conosco pelo WhatsApp (47) 99911-2043.", "99911-2043"),
    ],
)
def test_they_are_answered_as_if_written_out(question: str, passage: str, said: str) -> None:
    assert said in ask(question, passage)
