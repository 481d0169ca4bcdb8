"""The answerer without a model: it answers what the passages say, quotes it, and is silent otherwise."""

from collections import Counter

import pytest

from atende.core.knowledge.citations import render, verify
from atende.core.knowledge.model import Passage, Question, Said
from atende.outbound.extractive import ExtractiveAnswerer
from atende.outbound.extractive.answerer import extract
from tests.unit.knowledge.reading import Row, draft, passage, rows, verdict

ANSWERER = ExtractiveAnswerer()


def ask(text: str, *contents: str, language: str = "pt", history: tuple[str, ...] = (), max_tokens: int = 1_000) -> str:
    passages = tuple(passage(f"d{n}.md", content, number=n) for n, content in enumerate(contents))
    return answer(Question(
        text=text, language=language, passages=passages, max_tokens=max_tokens,
        history=tuple(Said(by_customer=True, text=said) for said in history),
    ))  # fmt: skip


def answer(question: Question) -> str:
    """The text, once every sentence of the draft has passed the check."""
    found = extract(question)
    checked = verify(found, question.passages)
    assert [sentence.text for sentence in checked] == [sentence.text for sentence in found.sentences]
    return " ".join(sentence.text for sentence in checked)


def tally(some: list[Row]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for row in some:
        found, passages = draft(row)
        checked = verify(found, passages)
        assert len(checked) == len(found.sentences), row.id
        counts[verdict(row, " ".join(sentence.text for sentence in checked))] += 1
    return counts


@pytest.mark.parametrize("name", ["dev", "fresh", "unseen"])
def test_it_answers_what_the_documents_say_and_nothing_else(name: str) -> None:
    some = rows(name)
    counts = tally(some)
    answerable = sum(1 for row in some if row.expect)
    assert len(some) - answerable >= len(some) // 4
    assert counts["right"] >= 0.9 * answerable, counts
    assert counts["wrong"] <= 0.05 * len(some), counts
    assert counts["abstained"] == len(some) - answerable, counts


async def test_it_is_free_and_the_same_every_time() -> None:
    question = Question(
        text="Qual o prazo de troca?", language="pt", passages=(passage("a.md", "O prazo de troca é de 30 dias."),)
    )
    one, other = await ANSWERER.answer(question), await ANSWERER.answer(question)
    assert one == other
    assert one.usage.tokens == 0
    assert (ANSWERER.provider, ANSWERER.model(None), ANSWERER.model("gpt-4o")) == ("atende", "extractive", "extractive")


class TestWhatItSays:
    def test_the_sentence_word_for_word(self) -> None:
        content = "A loja abriu em 2012. O prazo de troca é de\n30 dias corridos. Aceitamos Pix."
        assert ask("qual o prazo pra trocar?", content) == "O prazo de troca é de 30 dias corridos."

    def test_a_row_with_the_names_of_its_columns(self) -> None:
        content = "Frete\n\nRegião | Prazo | Preço\nSul | 5 dias | R$ 29,90\nNorte | 18 dias | R$ 44,90"
        assert ask("quanto custa o frete para o Norte?", content) == "Região: Norte; Prazo: 18 dias; Preço: R$ 44,90"

    def test_a_list_with_the_line_that_opens_it(self) -> None:
        content = "Pagamento\n\nAceitamos estas formas de pagamento:\n- Pix\n- Boleto\n- Cartão\n\nO troco é livre."
        assert ask("quais as formas de pagamento?", content) == content.split("\n\n")[1]

    def test_the_answer_under_a_question_and_not_the_question(self) -> None:
        content = "Vocês aceitam animais?\nSim. Aceitamos cães de até 12 kg.\n\nTem piscina?\nTemos, das 8h às 21h."
        assert ask("posso levar animais?", content) == "Sim. Aceitamos cães de até 12 kg."

    def test_the_title_tells_what_a_sentence_is_about(self) -> None:
        content = "Loja Centro\nHorário: das 9h às 18h.\n\nLoja Norte\nHorário: das 10h às 22h."
        assert ask("que horas abre a loja Norte?", content) == "Horário: das 10h às 22h."

    def test_a_sentence_with_an_amount_where_an_amount_is_asked(self) -> None:
        content = "O conserto é feito por técnicos treinados. O conserto de uma tela custa R$ 90,00."
        assert ask("quanto custa o conserto da tela?", content) == "O conserto de uma tela custa R$ 90,00."

    def test_the_row_of_a_table_in_a_pdf_with_the_names_of_its_columns(self) -> None:
        found, _ = draft(Row("x", "demo", "pt", "Quanto tempo de garantia tem uma panela de ferro fundido?", ()))
        assert (
            found.sentences[0].text
            == "Linha: Panelas de ferro fundido; Garantia total: 10 anos; Quem atende: Aroeira Casa"
        )

    def test_a_range_takes_in_the_number_that_is_asked_of(self) -> None:
        content = "Crianças de até 5 anos entram de graça. Crianças de 6 a 11 anos pagam metade. Crianças de 12 anos em diante pagam tudo."
        assert ask("criança de 8 anos paga?", content) == "Crianças de 6 a 11 anos pagam metade."

    def test_no_more_than_the_asked_length(self) -> None:
        content = (
            "- Prazo de troca na loja: 30 dias.\n- Prazo de troca no site: 40 dias.\n- Prazo de troca em saldo: 7 dias."
        )
        assert ask("qual o prazo de troca?", content, max_tokens=12).count("Prazo") == 1
        assert ask("qual o prazo de troca?", content).count("Prazo") == 3


class TestHowPeopleAsk:
    CONTENT = (
        "Trocas\n\nO prazo de troca é de 30 dias. É preciso apresentar a nota fiscal da compra.\n\nFrete\n\n"
        "O frete para a capital custa R$ 12,00. O frete para o interior custa R$ 19,00."
    )

    def test_a_burst_is_answered_part_by_part(self) -> None:
        found = ask("oi\nqueria saber do prazo de troca\ne se precisa da nota fiscal", self.CONTENT)
        assert found == "O prazo de troca é de 30 dias. É preciso apresentar a nota fiscal da compra."

    def test_a_sentence_sent_in_pieces_is_one(self) -> None:
        assert ask("quanto custa\no frete\npro interior", self.CONTENT) == "O frete para o interior custa R$ 19,00."

    def test_a_follow_up_leans_on_the_question_before(self) -> None:
        content = f"Seguro\n\nO seguro para o interior custa R$ 5,00.\n\n{self.CONTENT}"
        found = ask("e para o interior?", content, history=("Quanto custa o frete para a capital?",))
        assert found == "O frete para o interior custa R$ 19,00."

    def test_slips_and_missing_accents_do_no_harm(self) -> None:
        assert (
            ask("preciso aprezentar a nota fical da conpra", self.CONTENT)
            == "É preciso apresentar a nota fiscal da compra."
        )

    def test_what_was_told_before_asking_is_not_asked(self) -> None:
        found = ask("Comprei uma cafeteira na semana passada. Qual é o prazo de troca?", self.CONTENT)
        assert found == "O prazo de troca é de 30 dias."


class TestWhenItIsSilent:
    @pytest.mark.parametrize(
        "text",
        [
            "Vocês vendem geladeira?",
            "Qual é o prazo de troca em Portugal?",
            "Quanto custa o seguro?",
            "Qual o telefone da loja?",
            "Quem é o dono?",
            "Aceitam bitcoin?",
            "oi",
            "bom dia, tudo bem?",
            "obrigado!",
            "?",
            "👍",
            "e aí",
        ],
    )
    def test_the_passages_do_not_say(self, text: str) -> None:
        assert ask(text, TestHowPeopleAsk.CONTENT) == ""

    def test_there_are_no_passages(self) -> None:
        assert ask("Qual o prazo de troca?") == ""

    def test_a_title_alone_answers_nothing(self) -> None:
        assert ask("tem garantia estendida?", "Garantia estendida\n\nConsulte a loja.\n\nOutras coisas") in {
            "",
            "Consulte a loja.",
        }


@pytest.mark.parametrize(
    "hostile", ["a" * 4_000, "e " * 2_000, "\n" * 4_000, "? " * 2_000, "1 " * 2_000, "(" * 4_000, "quantos " * 500]
)
def test_any_question_ends(hostile: str) -> None:
    ask(hostile, *[TestHowPeopleAsk.CONTENT] * 5)


@pytest.mark.parametrize(
    "content", ["", " ", "?", "| | |", " | \n | ", "- ", "1.", "\n\n", ":", "a | b\nc", "Título", "Título:\n- "]
)
def test_any_passage_is_borne(content: str) -> None:
    ask("qual o título de a?", content)


def test_the_reply_of_the_demo_burst_names_its_source() -> None:
    row = Row("x", "demo", "pt", "oi, tudo bem?\nqueria saber do prazo de troca\ne se precisa da nota fiscal", ())
    found, passages = draft(row)
    reply = render(verify(found, passages), "pt")
    assert "30 dias corridos" in reply
    assert "apresentar a nota fiscal" in reply
    assert reply.endswith("\n\nFonte: trocas-e-devolucoes.md")


def test_passages_keep_their_own_quotes() -> None:
    passages: list[Passage] = [
        passage("a.md", "O Pix tem 5% de desconto."),
        passage("b.md", "O frete custa R$ 9,00.", number=1),
    ]
    found = extract(
        Question(text="tem desconto no pix?\nquanto custa o frete?", language="pt", passages=tuple(passages))
    )
    assert [(s.quotes[0].chunk_id, s.text) for s in found.sentences] == [(p.chunk_id, p.content) for p in passages]


PACKS = """# Precios

Pack | Clases prácticas | Precio
Inicio | 10 | 420 €
Medio | 20 | 690 €

La matrícula de 60 € está incluida en el pack Medio, pero no en el Inicio."""


def test_a_row_that_bears_the_name_goes_before_a_sentence_that_mentions_it() -> None:
    assert "Precio: 690 €" in ask("¿Cuánto cuesta el pack Medio?", PACKS, language="es")


def test_how_many_is_answered_by_the_column_of_that_name() -> None:
    assert "Clases prácticas: 20" in ask("¿Cuántas clases prácticas trae el pack Medio?", PACKS, language="es")


def test_who_is_not_answered_without_a_name() -> None:
    said = "Filhotes não são aceitos, exceto com atestado do veterinário."
    assert ask("Quem é o veterinário de vocês?", said) == ""


def test_a_row_that_does_not_match_its_columns_is_shown_below_their_names() -> None:
    table = "Serviço | Pequeno | Grande\nBanho | R$ 55,00\nTosa | R$ 120,00 | R$ 190,00"
    assert ask("Quanto custa o banho?", table) == "Serviço | Pequeno | Grande\nBanho | R$ 55,00"


@pytest.mark.parametrize("question", ["quanto vocês cobram por mês?", "quanto vcs cobram por mes"])
def test_a_price_is_not_answered_by_the_word_alone(question: str) -> None:
    assert "trancamento" not in ask(question, "Durante o trancamento nada é cobrado.\n\nA academia abre às 6h.")


def test_the_next_sentence_that_takes_it_back_comes_along() -> None:
    passage_ = "No Pix há 5 % de desconto. O desconto não vale nos pacotes. A loja não abre aos domingos."
    said = ask("Tem desconto no Pix?", passage_)
    assert "5 %" in said
    assert "não vale nos pacotes" in said
    assert "domingos" not in said


def test_a_whole_question_is_not_pulled_back_to_the_one_before_it() -> None:
    guide = "O prazo de entrega para capitais é de três dias úteis. O frete é grátis acima de duzentos reais."
    before = ("Qual é o prazo de entrega para capitais?",)
    assert ask("E o frete, é grátis?", guide, history=before) == "O frete é grátis acima de duzentos reais."
    assert ask("E para capitais?", guide, history=("Qual é o prazo de entrega?",)).startswith("O prazo de entrega")
