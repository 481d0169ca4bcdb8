"""Text made comparable, the language of a message, and the tables of patterns."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from atende.core.language.colloquial import mend, plain_form
from atende.core.language.detect import guess_language
from atende.core.language.phrases import en as phrases_en
from atende.core.language.phrases import es as phrases_es
from atende.core.language.phrases import pt as phrases_pt
from atende.core.language.phrases.kinds import Kind
from atende.core.language.phrases.lexer import rows_of

quick = settings(max_examples=80, deadline=None)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("  NÃO,  Só\tisso ", "nao, so isso"),
        ("¿Cuánto?  ¡Ñandú!", "cuanto? nandu!"),
        ("Straße ＯＫ", "strasse ok"),
        ("obrigadaaaa", "obrigada"),
        ("obrigadaa", "obrigada"),
        ("Goooood booook, soooo", "good book, so"),
        ("thankssss!!!", "thanks!!!"),
        ("I'll go, that’s it, don't", "i will go, thats it, dont"),
        ("that 's all , i do n't", "thats all, i dont"),
        ("valeu👍🏽🙏", "valeu emojiok emojithanks"),
        ("ok :) <3", "ok emojismile emojismile"),
        ("até\u200b logo\ufe0f", "ate logo"),
        ("e\u0301", "e"),
        ("", ""),
    ],
)
def test_normalise(text: str, plain: str) -> None:
    assert plain_form(text) == plain


@quick
@given(st.text(max_size=300))
@example("\ud800\x00\u0315\u0300İıŉ")
def test_normalise_takes_any_text(text: str) -> None:
    plain = plain_form(text)
    assert plain == plain.strip()
    assert "  " not in plain
    assert plain.casefold() == plain


@pytest.mark.parametrize(
    ("slip", "word"),
    [
        ("thnaks", "thanks"),
        ("thansk", "thanks"),
        ("obirgada", "obrigada"),
        ("obrgado", "obrigado"),
        ("graicas", "gracias"),
        ("gravias", "gracias"),
    ],
)
def test_slips_in_the_words_that_matter_are_mended(slip: str, word: str) -> None:
    assert mend(f"ok {slip}!") == f"ok {word}!"


@pytest.mark.parametrize(
    "word", ["tanks", "thinks", "think", "thanos", "gracas", "obrigatorio", "granizo", "good", "muchos"]
)
def test_other_words_are_not_slips(word: str) -> None:
    assert mend(word) == word


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("obrigado", "pt"),
        ("não", "pt"),
        ("cadê meu pedido", "pt"),
        ("quero saber o preço", "pt"),
        ("thanks a lot", "en"),
        ("where is my order?", "en"),
        ("gracias", "es"),
        ("nada más", "es"),
        ("quiero saber el precio", "es"),
        ("¿dónde está mi pedido?", "es"),
    ],
)
def test_guess_language(text: str, language: str) -> None:
    assert guess_language(text, default="fr") == language
    assert guess_language(text.upper()) == language


@pytest.mark.parametrize(
    ("default", "language"), [("es", "es"), ("pt-BR", "pt"), ("EN_us", "en"), ("fr", "pt"), ("", "pt")]
)
def test_what_tells_no_language_has_the_default(default: str, language: str) -> None:
    assert guess_language("123 ok :)", default) == language


@pytest.mark.parametrize("module", [phrases_pt, phrases_en, phrases_es], ids=["pt", "en", "es"])
def test_tables_are_plain_and_complete_and_no_pattern_matches_nothing(module: object) -> None:
    table, words = vars(module)["TABLE"], vars(module)["WORDS"]
    rows = list(rows_of(table, words))
    assert {Kind.CLOSING, Kind.THANKS, Kind.FAREWELL, Kind.QUESTION, Kind.REQUEST, Kind.NO, Kind.YES} <= {
        kind for kind, _ in rows
    }
    for kind, pattern in rows:
        assert re.fullmatch(pattern, "") is None, kind
        assert pattern.isascii(), f"{kind}: the patterns see text without accents"
        assert "<" not in re.sub(r"\(\?<[=!]", "", pattern), f"{kind}: a part without a meaning"
