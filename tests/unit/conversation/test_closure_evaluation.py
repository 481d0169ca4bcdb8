"""The evaluation of the closure detector, and the floors that it holds on dialogues of our own."""

from pathlib import Path

import pytest

from atende.core.conversation.closure.detector import closure_detector
from atende.core.conversation.closure.evaluate import (
    Metrics,
    calibration_error,
    evaluate_closure,
    metrics_of,
    parse_rows,
)
from atende.core.kernel import Invalid
from tests.unit.conversation.dialogues import ANSWER, MORE, by_rules

DEV_SET = Path(__file__).with_name("closing_dev.jsonl")
OVER = 0.55
"""The confidence of the rules from which the floors below count a dialogue as over."""


def test_rows_come_out_in_order_with_their_factors_and_metrics() -> None:
    rows = [
        {
            "id": "a",
            "turns": [{"from": "assistant", "text": MORE["en"]}, {"from": "customer", "text": "no, bye"}],
            "closing": True,
        },
        {"id": 2, "turns": [{"from": "customer", "text": "¿abren hoy?"}], "lang": "es", "closing": False},
        {"id": "c", "turns": [{"from": "assistant", "text": "A loja abre às 9h."}, {"from": "customer", "text": "ok"}]},
        {"id": "d", "turns": [{"from": "customer", "text": "quero um bolo"}], "lang": "pt", "closing": True},
    ]
    evaluation = evaluate_closure(rows, closure_detector("rules"))
    assert [row["id"] for row in evaluation.rows] == ["a", 2, "c", "d"]
    assert [row["closing"] for row in evaluation.rows] == [True, False, False, False]
    assert all(set(row) == {"id", "closing", "verdict", "confidence", "factors"} for row in evaluation.rows)
    assert [row["verdict"] for row in evaluation.rows][:2] == ["close", "stay"]
    assert {"name": "nothing_else", "weight": 0.7, "evidence": "no"} in evaluation.rows[0]["factors"]
    assert evaluation.metrics == Metrics(true_positives=1, false_negatives=1, true_negatives=1)
    assert evaluation.by_language == {"es": Metrics(true_negatives=1), "pt": Metrics(false_negatives=1)}


def test_metrics_are_the_usual_ones() -> None:
    metrics = Metrics(true_positives=6, false_positives=2, false_negatives=4, true_negatives=8)
    assert (metrics.labelled, metrics.precision, metrics.recall) == (20, 0.75, 0.6)
    assert metrics.f1 == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))
    assert (Metrics().precision, Metrics().recall, Metrics().f1) == (0.0, 0.0, 0.0)


def test_the_calibration_error_is_how_far_confidence_is_from_what_is_so() -> None:
    assert calibration_error([(0.75, True), (0.75, True), (0.75, True), (0.75, False)]) == pytest.approx(0)
    assert calibration_error([(0.95, False), (0.05, True)]) == pytest.approx(0.95)
    assert calibration_error([]) == 0


TURN = {"from": "customer", "text": "oi"}


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("text", "row 2"),
        ({"turns": [TURN]}, "row 2"),
        ({"id": True, "turns": [TURN]}, "row 2"),
        ({"id": "x"}, "id x"),
        ({"id": "x", "turns": []}, "id x"),
        ({"id": "x", "turns": "oi"}, "id x"),
        ({"id": "x", "turns": [TURN, 3]}, "id x\\), turn 2"),
        ({"id": "x", "turns": [{"from": "robot", "text": "oi"}]}, "id x\\), turn 1"),
        ({"id": "x", "turns": [{"from": [], "text": "oi"}]}, "id x\\), turn 1"),
        ({"id": "x", "turns": [{"from": "customer", "text": None}]}, "id x\\), turn 1"),
        ({"id": "x", "turns": [TURN], "lang": 5}, "id x"),
        ({"id": "x", "turns": [TURN], "closing": "yes"}, "id x"),
        ({"id": "x", "turns": [TURN], "closing": 1}, "id x"),
        ({"id": "x", "turns": [TURN], "hard": "yes"}, "id x"),
    ],
)
def test_a_malformed_row_is_named(row: object, named: str) -> None:
    with pytest.raises(Invalid, match=named):
        evaluate_closure([{"id": "good", "turns": [TURN]}, row])


@pytest.mark.parametrize("line", ["{", "[" * 100_000, "nonsense"])
def test_a_line_that_is_no_json_is_named(line: str) -> None:
    with pytest.raises(Invalid, match="line 3"):
        parse_rows(['{"id": "a"}', "", line])


# floors of the rules on our own dialogues: tuned on one half, written and left alone on the other


def rates(split: str, language: str) -> Metrics:
    rows = [row for row in parse_rows(DEV_SET.read_text("utf-8").splitlines()) if isinstance(row, dict)]
    chosen = [row for row in rows if row["split"] == split and row["lang"] == language]
    assert len(chosen) >= 60
    assert 0.4 <= sum(row["closing"] for row in chosen) / len(chosen) <= 0.6
    judged = evaluate_closure([row | {"lang": None} for row in chosen], closure_detector("rules")).judged
    return metrics_of(judged, at=OVER)


@pytest.mark.parametrize(
    ("split", "language", "precision", "recall"),
    [
        ("train", "pt", 0.97, 0.97),
        ("train", "en", 0.97, 0.97),
        ("train", "es", 0.97, 0.97),
        ("held", "pt", 0.94, 0.94),
        ("held", "en", 0.97, 0.97),
        ("held", "es", 0.94, 0.91),
    ],
)
def test_floors_on_the_development_dialogues(split: str, language: str, precision: float, recall: float) -> None:
    metrics = rates(split, language)
    assert metrics.precision >= precision
    assert metrics.recall >= recall


@pytest.mark.parametrize(
    ("text", "closing"),
    [
        ("obg!", True),
        ("vlw", True),
        ("era isso msm", True),
        ("that's all I needed", True),
        ("no that'll be it, have a great day", True),
        ("nada más, gracias", True),
        ("ok perfeito, até mais", True),
        ("obrigadaaa 🙏", True),
        ("thank you , that 's all i need .", True),
        ("thanks, and what time do you open?", False),
        ("obrigada, mas ainda não chegou", False),
        ("ok", False),
        ("thank you in advance", False),
        ("great, book it for me", False),
        ("bye the way, is it open today", False),
        ("no, I need the address", False),
        ("that's all well and good, but", False),
        ("tchau pra vocês vou reclamar no Procon", False),
        ("isso é tudo que vocês têm?", False),
        ("eso es todo lo que he probado", False),
        ("só isso, tá? obrigada", True),
    ],
)
def test_what_the_rules_say_of_what_customers_write(text: str, *, closing: bool) -> None:
    assert (by_rules(ANSWER["en"], text).confidence >= OVER) is closing
