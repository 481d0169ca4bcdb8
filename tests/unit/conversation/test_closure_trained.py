"""The trained view of a conversation's end: what is owed decides, not the formula."""

from importlib import resources
from math import fsum

import pytest

from atende.core.conversation.closure import trained
from atende.core.conversation.closure.acts import End, read_end
from atende.core.conversation.closure.detector import (
    ClosureDetector,
    Costs,
    Decision,
    Factor,
    Signals,
    TrainedStrategy,
    Utterance,
)
from atende.core.conversation.closure.features import features
from atende.core.language.chat import chat_form
from tests.unit.conversation.dialogues import detect, dialogue, names

NEWS = {
    "pt": "A oficina fica na avenida Brasil, 200.",
    "es": "El taller queda en la avenida Brasil, 200.",
    "en": "The workshop is at 200 Brazil Avenue.",
}
PROMISE = {
    "pt": "Vou perguntar ao mecânico e te aviso até o fim da tarde.",
    "es": "Le voy a preguntar al mecánico y le aviso antes de la tarde.",
    "en": "I'll ask the mechanic and let you know by the afternoon.",
}
QUESTION = {
    "pt": "Qual é a placa do carro?",
    "es": "¿Cuál es la placa del auto?",
    "en": "What is the number plate of the car?",
}
COURTESIES = {"pt": ["valeu, obrigado", "obrigada! tchau"], "es": ["gracias, hasta luego", "muchas gracias!"], "en": ["great, thank you", "thanks, bye"]}  # fmt: skip


@pytest.mark.parametrize(("language", "text"), [(name, text) for name, texts in COURTESIES.items() for text in texts])
def test_the_same_courtesy_ends_after_news_and_not_while_we_owe_or_wait(language: str, text: str) -> None:
    after_news = detect(NEWS[language], text).confidence
    assert after_news > 0.8
    for owed in (PROMISE, QUESTION):
        assert detect(owed[language], text).decision is not Decision.CLOSE
        assert detect(owed[language], text).confidence < after_news - 0.3


@pytest.mark.parametrize(
    "text", ["não é isso", "não está resolvido", "não estou satisfeito", "não terminei", "não é só isso", "no era eso"]
)
def test_a_negated_ending_stays(text: str) -> None:
    assert detect(NEWS["pt"], text).decision is Decision.STAY


@pytest.mark.parametrize(
    ("text", "closes"),
    [
        ("perfeito, mas e aos sábados?", False),
        ("obrigado, quanto custa a revisão?", False),
        ("thanks, could you send me the address?", False),
        ("gracias, ¿abren el domingo?", False),
        ("ok, amanhã te mando os documentos", False),
        ("valeu, era só isso mesmo", True),
        ("muito obrigada pela ajuda, bom trabalho", True),
    ],
)
def test_questions_requests_and_promises_of_the_customer_keep_it_open(text: str, *, closes: bool) -> None:
    assert (detect(NEWS["pt"], text).decision is Decision.CLOSE) is closes


def test_the_factors_add_up_to_the_probability_and_name_their_evidence() -> None:
    for text in ("valeu, obrigado", "não é isso", "e o preço?", "👍", "lkjasd qwe"):
        verdict = detect(NEWS["pt"], text)
        end = read_end(dialogue(NEWS["pt"], text).turns, None)
        assert end is not None
        assert verdict.confidence == pytest.approx(trained.model().probability(end), abs=1e-3)
        assert fsum(factor.weight for factor in verdict.factors) == pytest.approx(verdict.confidence, abs=1e-3)
        assert all(factor.evidence for factor in verdict.factors)
        assert len({factor.name for factor in verdict.factors}) > 3
        assert Factor("undecided", 0.5, "before anything is read") in verdict.factors


def test_the_weights_are_data_of_at_most_a_megabyte_and_known_families() -> None:
    data = resources.files("atende.core.conversation.closure").joinpath("weights.json").read_bytes()
    assert len(data) <= 1_000_000
    seen = {name.partition(":")[0] for name in features(_end("Pronto, cancelei. Algo mais?", "não, valeu 👍"))}
    known = seen | {"cc", "oc", "cl", "c", "b", "only_emoji", "mc", "length"}
    assert {name.partition(":")[0] for name in trained.model().weights} <= known


def _end(*texts: str) -> End:
    end = read_end(dialogue(*texts).turns, "pt")
    assert end is not None
    return end


@pytest.mark.parametrize(
    ("ours", "move"),
    [
        ("Posso ajudar em mais alguma coisa?", "more"),
        ("Prefere de manhã ou à tarde?", "choice"),
        ("Já chegou?", "solved"),
        ("Ele pode comer?", "asks"),
        ("Me informe o CPF, por favor.", "askdata"),
        ("Vou verificar e te aviso.", "promise"),
        ("Pronto, cancelado.", "done"),
        ("Fica na rua de trás.", "told"),
        ("", "none"),
    ],
)
def test_what_our_turn_mainly_does(ours: str, move: str) -> None:
    assert _end(ours, "ok").move == move


def test_what_is_left_to_the_customers_pleasure_is_owed_by_nobody() -> None:
    acts = _end("Se quiser, me informe o motivo.", "ok").ours.acts
    assert "askdata" not in acts
    assert "askdata_optional" in acts


def test_costs_give_the_thresholds() -> None:
    assert Costs().close_at == pytest.approx(0.9)
    assert Costs().ask_at == pytest.approx(0.5)
    assert Costs(wrong_close=4, missed_close=4).close_at == pytest.approx(0.75)
    assert Costs(wrong_close=4, missed_close=4).ask_at == pytest.approx(0.25)


class Sure:
    def __init__(self, weight: float) -> None:
        self.weight = weight

    def __call__(self, signals: Signals) -> tuple[Factor, ...]:
        return (Factor("sure", self.weight, "said so"),)


@pytest.mark.parametrize(
    ("weight", "opinion", "decision"),
    [
        (0.5, 1.0, Decision.CLOSE),
        (0.89, -1.0, Decision.STAY),
        (0.7, None, Decision.ASK),
        (0.49, 1.0, Decision.STAY),
        (0.95, -1.0, Decision.CLOSE),
    ],
)
def test_a_models_opinion_decides_the_unsure_band_only(
    weight: float, opinion: float | None, decision: Decision
) -> None:
    verdict = ClosureDetector((Sure(weight),)).detect(dialogue("any", ai_verdict=opinion))
    assert verdict.decision is decision
    assert ("ai_verdict" in names(verdict.factors)) is (opinion is not None and 0.5 <= weight < 0.9)


def test_our_words_after_the_customers_count() -> None:
    turns = [Utterance("assistant", NEWS["pt"]), Utterance("customer", "valeu")]
    parted = [*turns, Utterance("assistant", "De nada, tenha um ótimo dia!")]
    asked = [*turns, Utterance("assistant", "Qual é o seu nome?")]
    assert "we_parted" in names(TrainedStrategy()(Signals(turns=parted)))
    assert "we_asked_again" in names(TrainedStrategy()(Signals(turns=asked)))


def test_a_chat_message_is_folded() -> None:
    assert chat_form("Não DÁ!!! kkkkkk 🙏😂").split() == ["nao", "da!!!", "kk", "emothanks", "emolaugh"]
