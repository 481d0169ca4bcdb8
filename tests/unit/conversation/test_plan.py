"""What a turn is answered with."""

import pytest

from atende.core.conversation.closure.detector import ClosureDetector
from atende.core.conversation.turn.plan import Plan, plan_reply
from atende.core.knowledge.model import Courtesy
from tests.unit.conversation.dialogues import ANSWER, MORE, dialogue


def planned(*texts: str) -> Plan:
    return plan_reply(ClosureDetector(), texts[-1], dialogue(*texts, language="pt"))


SMALL_TALK = [
    *("kkk", "rsrs", "legal", "show", "top", "massa", "hum", "eita", "que pena", "amém", "peraí", "já volto"),
    *("você é um robô?", "ok", "👍", "valeu", "obrigada!", "entendi", "oi", "bom dia", "❤️"),
]


@pytest.mark.parametrize("text", SMALL_TALK)
@pytest.mark.parametrize(
    "before", [(), ("Qual o horário?", ANSWER["pt"]), (MORE["pt"],)], ids=["first", "told", "more"]
)
def test_small_talk_is_neither_looked_up_nor_brings_a_person(text: str, before: tuple[str, ...]) -> None:
    plan = planned(*before, text)
    assert plan.courtesy is not None
    assert plan.handoff is None
    assert plan.courtesy is not Courtesy.ASK_BACK


@pytest.mark.parametrize("text", ["sim", "quero sim", "sim, por favor", "pode", "s"])
def test_yes_to_our_own_offer_is_asked_what_it_is(text: str) -> None:
    assert planned("Qual o horário?", MORE["pt"], text).courtesy is Courtesy.GO_AHEAD


@pytest.mark.parametrize(
    "text", ["não é isso", "não está resolvido", "não estou satisfeito", "não terminei", "não é só isso"]
)
def test_a_negated_ending_does_not_close(text: str) -> None:
    assert not planned("Qual o horário?", ANSWER["pt"], text).closes


@pytest.mark.parametrize("text", ["Quanto custa o frete?", "vocês abrem no sábado?", "valeu! e qual o telefone?"])
def test_a_question_is_looked_up(text: str) -> None:
    assert planned("Qual o horário?", ANSWER["pt"], text).courtesy is None


@pytest.mark.parametrize("text", ["não", "não, obrigado", "só isso, valeu!", "não, tchau"])
def test_no_to_our_offer_ends(text: str) -> None:
    assert planned("Qual o horário?", MORE["pt"], text).closes


def test_a_moment_is_given_and_a_machine_says_what_it_is() -> None:
    assert planned(ANSWER["pt"], "peraí").courtesy is Courtesy.NO_HURRY
    assert planned(ANSWER["pt"], "você é um robô?").courtesy is Courtesy.AUTOMATED
