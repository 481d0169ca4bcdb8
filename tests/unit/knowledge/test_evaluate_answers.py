"""What counts as a right, partial, wrong or declined answer."""

from typing import Any

import pytest

from atende.core.kernel import Invalid
from atende.core.knowledge.evaluate_answers import AnswerQuestion, Verdict, judge
from atende.core.knowledge.model import Said
from atende.main.commands.evaluate.answers_report import lines, report

ROW = {"id": "a", "lang": "pt", "kind": "plain", "question": "Quanto custa?", "facts": [["R$ 80,00", "80 reais"]]}


def asked(*facts: list[str], **fields: Any) -> AnswerQuestion:
    return AnswerQuestion.of(ROW | {"facts": list(facts)} | fields)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("Custa **R$80,00**.", Verdict.RIGHT),
        ("São 80 REAIS", Verdict.RIGHT),
        ("Custa R$ 80,00, sem taxa", Verdict.RIGHT),
        ("Custa R$ 180,00", Verdict.WRONG),
        ("Custa R$ 80,00,50", Verdict.WRONG),
        ("", Verdict.DECLINED),
    ],
)
def test_an_answer_is_right_with_the_fact(answer: str, verdict: Verdict) -> None:
    assert judge(asked(["R$ 80,00", "80 reais"]), answer).verdict is verdict


def test_a_shorter_number_is_not_in_a_longer_one() -> None:
    assert judge(asked(["R$ 8"]), "Custa R$ 8,50").verdict is Verdict.WRONG
    assert judge(asked(["8"]), "até 18 anos").verdict is Verdict.WRONG
    assert judge(asked(["8h"]), "das 8h às 13h.").verdict is Verdict.RIGHT


def test_half_of_the_facts_is_a_part() -> None:
    both = asked(["1 hora"], ["R$ 55"])
    assert judge(both, "Dura 1 hora.").verdict is Verdict.PARTIAL
    assert judge(both, "Dura 1 hora e custa R$ 55.").verdict is Verdict.RIGHT


def test_what_the_documents_do_not_say_is_not_to_be_answered() -> None:
    nothing = asked()
    assert judge(nothing, "").verdict is Verdict.ABSTAINED
    assert judge(nothing, "Custa R$ 80,00.").verdict is Verdict.WRONG


def test_rows_are_read() -> None:
    row = ROW | {"history": [{"from": "customer", "text": "Oi"}, {"from": "assistant", "text": "Olá!"}]}
    assert AnswerQuestion.of(row).history == (Said(True, "Oi"), Said(False, "Olá!"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"question": " "}, "a text under 'question'"),
        ({"facts": "80"}, "a list under 'facts'"),
        ({"facts": [[]]}, "at least one spelling"),
        ({"facts": [[" "]]}, "lists of texts"),
        ({"facts": [], "answerable": True}, "'answerable'"),
        ({"answerable": False}, "'answerable'"),
        ({"history": [{"from": "bot", "text": "x"}]}, "each turn"),
    ],
)
def test_rows_that_are_none_are_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        AnswerQuestion.of(ROW | fields)


def test_the_report_counts_each_kind_and_lists_the_misses() -> None:
    judged = [
        judge(asked(["R$ 80,00"]), "R$ 80,00"),
        judge(asked(["R$ 80,00"], id="b", question="<b>?"), "R$ 70,00"),
        judge(asked(id="c", kind="unanswerable", lang="en"), ""),
    ]
    first = lines(judged)[0]
    assert first.startswith("all: answerable 2, right 0.500")
    assert "wrong 0.333" in first
    assert "abstained 1.000" in first
    assert [line.split(":")[0] for line in lines(judged)] == ["all", "en", "pt", "plain", "unanswerable"]
    html = report(judged, embedding="hashed", each=1.0).html()
    assert "wrong: &lt;b&gt;? (b)" in html
    assert "Wrong, partial and declined answers (1)" in html
