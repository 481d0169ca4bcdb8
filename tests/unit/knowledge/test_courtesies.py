"""The closed list of what is said without a quote."""

import pytest

from atende.core.knowledge.courtesies import say
from atende.core.knowledge.model import Courtesy
from atende.core.language.detect import guess_language


@pytest.mark.parametrize("language", ["pt", "en", "es"])
@pytest.mark.parametrize("courtesy", list(Courtesy))
def test_every_courtesy_can_be_said_in_every_language(courtesy: Courtesy, language: str) -> None:
    assert guess_language(say(courtesy, language), language) == language


def test_the_sentence_for_nothing_found_is_fixed() -> None:
    assert say(Courtesy.NOTHING_FOUND, "pt") == "Não encontrei informações relevantes nos documentos disponíveis."


def test_another_language_gets_portuguese() -> None:
    assert say(Courtesy.GREETING, "fr") == say(Courtesy.GREETING, "pt")
