"""What may be said: nothing that no quote carries."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atende.core.knowledge.citations import render, verify
from atende.core.knowledge.model import Draft, DraftQuote, DraftSentence, Passage, Sentence, Usage
from tests.unit.knowledge.reading import passage

CONTENT = (
    "Trocas\n\nO prazo de troca é de 30 dias corridos, contados da data da nota\nfiscal. Não trocamos peças íntimas, mas trocamos "
    "roupas com etiqueta. O frete custa R$ 15,90 para o Sul. Fale com a loja em trocas@loja.example ou em www.loja.example/trocas. "
    "Aceitamos cartão “Elo” e Pix. Ganhe 5% de desconto."
)
SOURCE = passage("trocas.pdf", CONTENT, page=2, score=0.83)
OTHER = passage("entrega.md", "Entregamos em sete dias úteis no Sudeste, de segunda a sexta-feira.", number=1)


def check(text: str, *quotes: str, source: Passage = SOURCE) -> tuple[Sentence, ...]:
    found = tuple(DraftQuote(source.chunk_id, quote) for quote in quotes)
    return verify(Draft((DraftSentence(text, found),), Usage()), (SOURCE, OTHER))


class TestWhatHolds:
    def test_the_words_themselves(self) -> None:
        words = "O prazo de troca é de 30 dias corridos, contados da data da nota fiscal."
        (sentence,) = check(words, words)
        (citation,) = sentence.citations
        assert CONTENT[citation.start : citation.end] == citation.quote == words.replace("nota fiscal", "nota\nfiscal")
        assert (citation.document_name, citation.page, citation.score) == ("trocas.pdf", 2, 0.83)

    @pytest.mark.parametrize(
        ("text", "quote"),
        [
            ("Você tem 30 dias corridos para fazer a troca.", "O prazo de troca é de 30 dias corridos"),
            ("O frete para o Sul sai por R$ 15,90.", "O frete custa R$ 15,90 para o Sul."),
            ("1. O frete para o Sul custa R$ 15,90.", "O frete custa R$ 15,90 para o Sul."),
            ("Peças íntimas não têm troca.", "Não trocamos peças íntimas"),
            ("You have 30 days for an exchange.", "O prazo de troca é de 30 dias corridos"),
            ('Aceitamos cartão "Elo".', 'Aceitamos cartão "Elo" e Pix.'),
            ("Escreva para trocas@loja.example, da loja.", "Fale com a loja em trocas@loja.example"),
        ],
    )
    def test_the_same_in_other_words(self, text: str, quote: str) -> None:
        assert [sentence.text for sentence in check(text, quote)] == [text]

    def test_numbers_in_words_are_numbers(self) -> None:
        assert check("Entregamos no Sudeste em 7 dias úteis.", "Entregamos em sete dias úteis no Sudeste", source=OTHER)

    def test_one_good_quote_among_bad_ones_is_enough(self) -> None:
        (sentence,) = check(
            "O frete custa R$ 15,90.", "isto não está lá em lugar nenhum", "O frete custa R$ 15,90 para o Sul."
        )
        assert len(sentence.citations) == 1


class TestWhatIsDropped:
    @pytest.mark.parametrize(
        ("text", "quote"),
        [
            ("O prazo de troca é de 60 dias corridos.", "O prazo de troca é de 30 dias corridos"),
            ("O prazo de troca é de sessenta dias.", "O prazo de troca é de 30 dias corridos"),
            ("O prazo de troca é de 30 dias corridos.", "O prazo de troca é de 60 dias corridos"),
            ("O frete custa R$ 15.", "O frete custa R$ 15"),
            ("O frete custa R$ 1.", "O frete custa R$ 1"),
            ("Você ganha um iPhone na troca de 30 dias corridos.", "O prazo de troca é de 30 dias corridos"),
            ("A entrega é feita por drones no mesmo dia.", "O prazo de troca é de 30 dias corridos"),
            ("Trocamos peças íntimas.", "trocamos peças íntimas"),
            ("Trocamos peças íntimas.", "Não trocamos peças íntimas"),
            ("Não aceitamos Pix.", "Aceitamos cartão “Elo” e Pix."),
            ("Fale com a loja em golpe@fraude.example.", "Fale com a loja em trocas@loja.example"),
            ("Fale com a loja em https://fraude.example/trocas.", "ou em www.loja.example/trocas"),
            ("Pix", "Pix"),
            ("Sim.", "O prazo de troca é de 30 dias corridos"),
            ("O prazo de troca é de 30 dias.", ""),
            ("O prazo de troca é de 30 dias.", "de de"),
            ("", "O prazo de troca é de 30 dias corridos"),
            ("O prazo de troca é de 30 dias corridos. " * 100, "O prazo de troca é de 30 dias corridos"),
        ],
    )
    def test_a_claim_that_its_quote_does_not_carry(self, text: str, quote: str) -> None:
        assert check(text, quote) == ()

    def test_no_quote_no_claim(self) -> None:
        assert check("O prazo de troca é de 30 dias corridos.") == ()

    def test_a_quote_of_a_passage_that_was_not_shown(self) -> None:
        quote = DraftQuote(UUID(int=999), "O prazo de troca é de 30 dias corridos")
        assert (
            verify(Draft((DraftSentence("O prazo de troca é de 30 dias corridos.", (quote,)),), Usage()), (SOURCE,))
            == ()
        )

    def test_a_quote_from_another_passage_than_it_says(self) -> None:
        assert check("O frete custa R$ 15,90 para o Sul.", "O frete custa R$ 15,90 para o Sul.", source=OTHER) == ()

    def test_the_same_said_twice_is_said_once(self) -> None:
        sentence = DraftSentence(
            "O frete custa R$ 15,90.", (DraftQuote(SOURCE.chunk_id, "O frete custa R$ 15,90 para o Sul."),)
        )
        assert len(verify(Draft((sentence, sentence), Usage()), (SOURCE,))) == 1

    @pytest.mark.parametrize(
        "hostile", ["a" * 2_000, "(" * 2_000, "1" * 2_000, "a@" * 1_000, "w" * 1_999 + ".", "\ud800\x00 x y"]
    )
    def test_hostile_text_is_only_dropped(self, hostile: str) -> None:
        assert check(hostile, hostile) == ()


@given(st.integers(0, len(CONTENT) - 1), st.integers(1, 200), st.text(alphabet=" \n\t", min_size=1, max_size=3))
def test_offsets_give_the_quoted_words_however_blanks_are_set(start: int, length: int, blank: str) -> None:
    quote = CONTENT[start : start + length]
    for sentence in check(quote, blank.join(quote.split())):
        for citation in sentence.citations:
            assert citation.quote == CONTENT[citation.start : citation.end]
            assert citation.quote.split() == quote.split()


class TestRender:
    def test_sentences_then_each_place_once(self) -> None:
        text = "O frete custa R$ 15,90 para o Sul."
        (one,) = check(text, text)
        (two,) = check("Ganhe 5% de desconto.", "Ganhe 5% de desconto.")
        (three,) = check(OTHER.content, OTHER.content, source=OTHER)
        assert render([one, two, three], "pt") == (
            "O frete custa R$ 15,90 para o Sul. Ganhe 5% de desconto. "
            "Entregamos em sete dias úteis no Sudeste, de segunda a sexta-feira.\n\n"
            "Fonte: trocas.pdf, p. 2\nFonte: entrega.md"
        )

    @pytest.mark.parametrize(("language", "label"), [("en", "Source"), ("es", "Fuente"), ("xx", "Fonte")])
    def test_the_label_is_in_the_customers_language(self, language: str, label: str) -> None:
        (one,) = check("Ganhe 5% de desconto.", "Ganhe 5% de desconto.")
        assert render([one], language).endswith(f"{label}: trocas.pdf, p. 2")

    def test_nothing_is_nothing(self) -> None:
        assert render([], "pt") == ""
