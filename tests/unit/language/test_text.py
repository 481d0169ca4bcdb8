"""Normal form, sentences, stems and languages."""

import itertools
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atende.core.language.detect import guess_language
from atende.core.language.text import estimate_tokens, fold, normalise, sentences, terms, words


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


class TestNormalise:
    def test_line_ends_blanks_and_gaps_take_one_form(self) -> None:
        assert normalise("  a\t b\r\nc\r\r\r\nd  \n") == "a b\nc\n\nd"

    def test_what_cannot_be_seen_or_stored_goes(self) -> None:
        assert normalise("a\x00b\x07c\ud800d\ufeff soft\u00adhyphen\u200b") == "abcd softhyphen"

    def test_accents_and_ligatures_are_whole_letters(self) -> None:
        assert normalise("na\u0303o e\ufb01ciente") == "não eficiente"

    def test_wide_blanks_are_blanks(self) -> None:
        assert normalise("R$\u00a010\u202f000\u3000reais") == "R$ 10 000 reais"

    @given(st.text())
    def test_once_is_enough(self, text: str) -> None:
        once = normalise(text)
        assert normalise(once) == once

    @given(st.text())
    def test_the_result_can_be_stored(self, text: str) -> None:
        plain = normalise(text)
        assert plain.encode().decode() == plain
        assert "\n\n\n" not in plain
        assert "  " not in plain
        assert not any(unicodedata.category(c) == "Cc" for c in plain if c != "\n")


class TestSentences:
    @pytest.mark.parametrize(
        "text",
        [
            "A loja fica na Av. Paulista, 1.000, sl. 5, perto do Sr. João.",
            "Custa R$ 1.234,50 por peça, aprox. 3.5 kg.",
            "The shop (e.g. the café on St. Mary St. 4) opens at 9 a.m. on weekdays.",
            "Ud. paga 5,50 € en la c. Mayor núm. 3.",
            "Aguarde... e tente outra vez.",
            "O prazo é de\n7 dias para a compra na\nAmazônia Legal.",
        ],
    )
    def test_one_sentence_stays_whole(self, text: str) -> None:
        assert split(text) == [text]

    def test_full_stops_marks_and_questions_end_sentences(self) -> None:
        assert split("Custa R$ 10. Sério? Sim! ¿Cuánto? Abre às 9h. Fecha às 18h.") == [
            "Custa R$ 10.", "Sério?", "Sim!", "¿Cuánto?", "Abre às 9h.", "Fecha às 18h.",
        ]  # fmt: skip

    def test_lower_case_writers_end_sentences_too(self) -> None:
        assert split("fechado aos domingos. aberto nos feriados.") == ["fechado aos domingos.", "aberto nos feriados."]

    def test_titles_entries_rows_and_labels_stand_alone(self) -> None:
        text = (
            "Formas de pagamento\nAceitamos:\n- Pix\n- Cartão, com juros de 1.99%\n1. Boleto\n\nRegião | Prazo\nSul | 3 dias\n"
            "Endereço: Rua A, 10\nTelefone: 3555-0100"
        )
        assert split(text) == [
            "Formas de pagamento", "Aceitamos:", "- Pix", "- Cartão, com juros de 1.99%", "1. Boleto", "Região | Prazo",
            "Sul | 3 dias", "Endereço: Rua A, 10", "Telefone: 3555-0100",
        ]  # fmt: skip

    def test_a_wrapped_line_goes_on(self) -> None:
        text = "Todo produto tem a garantia legal de 90 dias, prevista no Código de Defesa do\nConsumidor brasileiro. Guarde a nota."
        assert split(text) == [text[: text.index(" Guarde")], "Guarde a nota."]

    def test_a_capital_at_the_start_of_a_line_begins_a_sentence_only_behind_a_short_line(self) -> None:
        wrapped = "O atendimento do nosso escritório central em Belo\nHorizonte é feito somente com hora marcada antes."
        assert split(wrapped) == [wrapped]
        short = "Atendimento\nHorizonte e região: com hora marcada antes, no escritório."
        assert split(short) == short.split("\n")

    def test_an_entry_behind_a_full_line_stands_alone(self) -> None:
        text = (
            "Para fazer a troca traga os documentos da compra\n- nota fiscal ou cupom com a data e o CPF do comprador"
        )
        assert split(text) == text.split("\n")

    @given(st.text(alphabet=st.sampled_from("aB1 .\n!?-:|\"'•,é"), max_size=300))
    def test_nothing_but_blanks_is_left_out(self, raw: str) -> None:
        text = normalise(raw)
        spans = sentences(text)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
        assert all(text[a:b] == text[a:b].strip() != "" for a, b in spans)
        assert re.sub(r"\s", "", "".join(text[a:b] for a, b in spans)) == re.sub(r"\s", "", text)

    @pytest.mark.parametrize("piece", ["a", "a ", "a. ", "A\n", "- ", "... ", ". . ", "1. ", "a | b\n"])
    def test_long_input_takes_work_in_proportion(self, piece: str) -> None:
        text = normalise(piece * 100_000)
        assert sum(b - a for a, b in sentences(text)) <= len(text)


class TestWords:
    def test_accents_and_case_do_not_matter(self) -> None:
        assert fold("AÇÃO Über Ñandú") == "acao uber nandu"
        assert words("D'água não-conforme, 9h!") == ("dagua", "nao", "conforme", "9h")

    @pytest.mark.parametrize(
        ("language", "forms"),
        [
            ("pt", "trocas trocar trocado troque"),
            ("pt", "entrega entregas entregamos entregue"),
            ("pt", "pagar pago pague pagam"),
            ("pt", "garantia garantir garantias"),
            ("pt", "cartão cartões"),
            ("en", "deliver delivery deliveries delivered"),
            ("en", "ship ships shipping shipped"),
            ("en", "refund refunds refundable"),
            ("es", "envío enviar envíos"),
            ("es", "horario horarios"),
        ],
    )
    def test_forms_of_one_word_meet(self, language: str, forms: str) -> None:
        assert len(set(terms(forms, language))) == 1

    @pytest.mark.parametrize(("one", "other"), [("casa", "casamento"), ("carta", "contrato"), ("sábado", "saber")])
    def test_strangers_do_not(self, one: str, other: str) -> None:
        assert terms(one, "pt") != terms(other, "pt")

    def test_small_words_carry_nothing(self) -> None:
        assert terms("qual é o prazo de vocês para a troca?", "pt") == ["praz", "troc"]

    def test_tokens_add_up(self) -> None:
        one, other = "O prazo de devolução é de 7 dias.", "Guarde a nota fiscal!"
        assert estimate_tokens(f"{one} {other}") == estimate_tokens(one) + estimate_tokens(other)
        assert estimate_tokens("") == 0

    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("qual o prazo de entrega?", "pt"),
            ("where is the store?", "en"),
            ("¿cuánto cuesta el envío?", "es"),
            ("ok", "es"),
        ],
    )
    def test_the_language_is_guessed_or_left(self, text: str, language: str) -> None:
        assert guess_language(text, "es") == language
