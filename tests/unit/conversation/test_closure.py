"""The closure detector: each strategy, the composite, its properties, and the floors that it holds on dialogues of our own."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from atende.core.conversation.closure import (
    AIVerdictStrategy,
    ClosureDetector,
    Decision,
    DialogueStrategy,
    Factor,
    KeywordStrategy,
    Signals,
    SilenceStrategy,
    Utterance,
    Verdict,
)
from atende.core.conversation.evaluate_closure import Metrics, evaluate_closure, is_closing, parse_rows
from atende.core.kernel import Invalid

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
DEV_SET = Path(__file__).with_name("closing_dev.jsonl")

ANSWER = {"pt": "A loja abre às 9h.", "en": "The shop opens at nine.", "es": "La tienda abre a las 9."}
MORE = {
    "pt": "Feito. Posso ajudar em mais alguma coisa?",
    "en": "Done. Is there anything else I can help you with?",
    "es": "Hecho. ¿Puedo ayudarle en algo más?",
}
PENDING = {"pt": "Quer que eu reserve?", "en": "Shall I book it for you?", "es": "¿Quiere que lo reserve?"}


def dialogue(*texts: str, last: str = "customer", **extras: Any) -> Signals:
    """Turns that alternate, the last of them by `last`."""
    parties = ("customer", "assistant") if (last == "customer") == (len(texts) % 2 == 1) else ("assistant", "customer")
    turns = [
        Utterance("customer" if parties[n % 2] == "customer" else "assistant", text) for n, text in enumerate(texts)
    ]
    return Signals(turns=turns, **extras)


def detect(*texts: str, **extras: Any) -> Verdict:
    return ClosureDetector().detect(dialogue(*texts, **extras))


def names(factors: tuple[Factor, ...]) -> set[str]:
    return {factor.name for factor in factors}


# keyword strategy


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("that's all I needed", "closing_phrase"),
        ("era isso msm", "closing_phrase"),
        ("nada más", "closing_phrase"),
        ("até mais", "farewell"),
        ("have a great day", "farewell"),
        ("que tengas buen día", "farewell"),
        ("obg!", "thanks"),
        ("thnaks", "thanks"),
        ("graciasss", "thanks"),
        ("thanks for all your help", "help_received"),
        ("deu certo aqui", "resolved"),
        ("vou pensar e depois te chamo", "put_off"),
    ],
)
def test_keywords_speak_for_an_end(text: str, name: str) -> None:
    factors = KeywordStrategy()(dialogue(text))
    assert name in names(factors)
    assert all(factor.weight > 0 and factor.evidence for factor in factors)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("thanks, and what time do you open?", "open_question"),
        ("valeu, qual o preço", "open_question"),
        ("gracias y cuánto tarda", "open_question"),
        ("no, I need the phone number", "request"),
        ("perfeito, pode reservar o primeiro", "request"),
        ("vale, mándame el enlace", "request"),
        ("obrigada, mas ainda não chegou", "complaint"),
        ("tchau pra vocês, vou reclamar no Procon", "complaint"),
        ("thanks but the colour is different", "contrast"),
        ("bom dia", "greeting"),
        ("thanks, the kitchen door is green", "content"),
    ],
)
def test_keywords_speak_against_an_end(text: str, name: str) -> None:
    against = {factor.name: factor for factor in KeywordStrategy()(dialogue(text)) if factor.weight < 0}
    assert name in against
    assert against[name].evidence


def test_a_question_that_we_have_answered_weighs_half() -> None:
    open_one = KeywordStrategy()(dialogue("thanks! what time do you open?"))
    answered = KeywordStrategy()(dialogue("thanks! what time do you open?", "At nine.", last="assistant"))
    weigh = {"open": open_one, "answered": answered}
    weights = {key: sum(f.weight for f in factors if f.name == "open_question") for key, factors in weigh.items()}
    assert weights == {"open": -0.60, "answered": -0.30}


# silence strategy


@pytest.mark.parametrize(("minutes", "weight"), [(0, 0.0), (-5, 0.0), (15, 0.15), (30, 0.30), (600, 0.30)], ids=str)
def test_silence_grows_to_its_most_and_no_further(minutes: int, weight: float) -> None:
    signals = dialogue(
        "ok",
        "We open at nine.",
        last="assistant",
        now=NOW,
        last_customer_at=NOW - timedelta(minutes=minutes),
        idle_after=HALF_HOUR,
    )
    assert sum(factor.weight for factor in SilenceStrategy()(signals)) == pytest.approx(weight)


def test_silence_is_ours_while_the_customer_waits_for_an_answer() -> None:
    times: dict[str, Any] = {"now": NOW, "last_customer_at": NOW - HALF_HOUR, "idle_after": HALF_HOUR}
    assert SilenceStrategy()(dialogue("what time do you open?", **times)) == ()
    assert names(SilenceStrategy()(dialogue("what time do you open?", "At nine.", last="assistant", **times))) == {
        "silence"
    }


def test_silence_is_read_from_the_turns_and_without_a_zone_means_utc() -> None:
    turns = [Utterance("customer", "ok", NOW.replace(tzinfo=None) - HALF_HOUR)]
    assert names(SilenceStrategy()(Signals(turns=turns, now=NOW, idle_after=HALF_HOUR))) == {"silence"}
    assert SilenceStrategy()(Signals(turns=turns, now=NOW)) == ()
    assert SilenceStrategy()(Signals(turns=turns, idle_after=HALF_HOUR)) == ()


# dialogue strategy


@pytest.mark.parametrize(("language", "no", "yes"), [("pt", "não", "sim"), ("en", "nope", "yes"), ("es", "no", "sí")])
def test_no_after_anything_else_ends_and_yes_goes_on(language: str, no: str, yes: str) -> None:
    assert "nothing_else" in names(DialogueStrategy()(dialogue(MORE[language], no)))
    assert detect(MORE[language], no).decision is Decision.CLOSE
    assert "more_wanted" in names(DialogueStrategy()(dialogue(MORE[language], yes)))
    assert detect(MORE[language], yes).decision is Decision.KEEP


@pytest.mark.parametrize(
    ("question", "yes", "no"),
    [
        ("É só isso?", "sim", "não"),
        ("Will that be all?", "yes", "no"),
        ("¿Eso sería todo?", "sí", "no"),
    ],
)
def test_yes_after_is_that_all_ends_and_no_goes_on(question: str, yes: str, no: str) -> None:
    assert names(DialogueStrategy()(dialogue(question, yes))) == {"said_done"}
    assert names(DialogueStrategy()(dialogue(question, no))) == {"more_wanted"}


@pytest.mark.parametrize("language", ["pt", "en", "es"])
def test_thanks_end_after_an_answer_and_not_while_our_question_waits(language: str) -> None:
    thanks = {"pt": "ok, obrigada", "en": "ok thanks", "es": "ok gracias"}[language]
    assert detect(ANSWER[language], thanks).decision is Decision.ASK
    assert detect(MORE[language], thanks).decision is Decision.CLOSE
    assert "pending_question" in names(detect(PENDING[language], thanks).factors)
    assert detect(PENDING[language], thanks).decision is Decision.KEEP


@pytest.mark.parametrize(
    ("before", "last", "name"),
    [
        ("Did that fix it?", "yes, thanks", "confirmed_solved"),
        ("Shall I book it for you?", "no thanks", "declined"),
        ("Is your name Tom Hill?", "yes thank you", "confirming"),
        ("It opens at nine.", "ok", "assent"),
        ("Let me know if you need anything else.", "thanks", "offer_let_go"),
        ("Have a nice trip!", "thanks", "we_parted_before"),
    ],
)
def test_the_turn_before_gives_the_last_words_their_meaning(before: str, last: str, name: str) -> None:
    assert name in names(DialogueStrategy()(dialogue(before, last)))


def test_our_farewell_after_the_last_words_is_evidence_and_our_question_is_against() -> None:
    parted = DialogueStrategy()(dialogue("thanks", "You're welcome, have a nice day!", last="assistant"))
    assert {"we_said_farewell", "we_were_thanked"} <= names(parted)
    asked = DialogueStrategy()(dialogue("thanks", "You're welcome! Anything else?", last="assistant"))
    assert "we_asked_again" in names(asked)


def test_without_a_turn_of_ours_nothing_is_answered_yet() -> None:
    assert names(DialogueStrategy()(dialogue("thanks"))) == {"nothing_answered_yet"}
    assert DialogueStrategy()(Signals(turns=[])) == ()


def test_the_customers_burst_is_read_as_one() -> None:
    turns = [
        Utterance("assistant", MORE["pt"]),
        *(Utterance("customer", text) for text in ("não", "só isso", "obrigada")),
    ]
    assert ClosureDetector().detect(Signals(turns=turns)).decision is Decision.CLOSE
    turns[2] = Utterance("customer", "qual o frete pra Recife?")
    assert ClosureDetector().detect(Signals(turns=turns)).decision is Decision.KEEP


# AI verdict strategy


@pytest.mark.parametrize(
    ("opinion", "weight"),
    [
        (1.0, 0.40),
        (-1.0, -0.40),
        (0.5, 0.20),
        (7.0, 0.40),
        (-7.0, -0.40),
        (None, 0),
        (0.0, 0),
        (float("nan"), 0),
        (float("inf"), 0),
    ],
)
def test_the_models_opinion_is_held_and_nonsense_is_ignored(opinion: float | None, weight: float) -> None:
    factors = AIVerdictStrategy()(dialogue("ok", ai_verdict=opinion))
    assert sum(factor.weight for factor in factors) == pytest.approx(weight)


def test_the_models_opinion_tips_the_balance_and_never_decides_alone() -> None:
    assert detect(ANSWER["en"], "Is it far?", ai_verdict=1.0).decision is Decision.KEEP
    assert detect(ANSWER["en"], "thanks").decision is Decision.ASK
    assert detect(ANSWER["en"], "thanks", ai_verdict=0.5).decision is Decision.CLOSE
    assert detect(ANSWER["en"], "thanks", ai_verdict=-1.0).decision is Decision.KEEP


# composite


@dataclass(frozen=True)
class Fixed:
    weight: float

    def __call__(self, signals: Signals) -> tuple[Factor, ...]:
        return (Factor("fixed", self.weight, f"{len(signals.turns)} turns"),)


@pytest.mark.parametrize(
    ("weight", "decision", "confidence"),
    [
        (0.80, Decision.CLOSE, 0.80),
        (0.79, Decision.ASK, 0.79),
        (0.50, Decision.ASK, 0.50),
        (0.49, Decision.KEEP, 0.49),
        (3.0, Decision.CLOSE, 1.0),
        (-3.0, Decision.KEEP, 0.0),
    ],
)
def test_strategies_are_interchangeable_and_the_sum_is_held(
    weight: float, decision: Decision, confidence: float
) -> None:
    verdict = ClosureDetector(strategies=(Fixed(weight),)).detect(dialogue("any"))
    assert verdict == Verdict(decision, confidence, (Factor("fixed", weight, "1 turns"),))


def test_thresholds_are_fields() -> None:
    assert ClosureDetector(close_at=0.6).detect(dialogue(ANSWER["en"], "thanks")).decision is Decision.CLOSE
    assert ClosureDetector(ask_at=0.75).detect(dialogue(ANSWER["en"], "thanks")).decision is Decision.KEEP


def test_a_dialogue_without_a_customer_is_kept() -> None:
    assert detect("Goodbye!", last="assistant") == Verdict(Decision.KEEP, 0.0, ())
    assert ClosureDetector().detect(Signals(turns=())) == Verdict(Decision.KEEP, 0.0, ())


# properties

PIECES = [
    *(
        "obrigada",
        "não",
        "só isso mesmo",
        "até mais",
        "ok",
        "e o preço?",
        "ainda não chegou",
        "é tudo",
        "bom dia",
        "mas",
    ),
    *(
        "thanks",
        "no",
        "that's all I needed",
        "bye",
        "I'd like a taxi",
        "when?",
        "but",
        "you've been a great help",
        "Friday",
    ),
    *(
        "gracias",
        "nada más",
        "adiós",
        "sí",
        "quiero otra",
        "¿cuánto?",
        "pero",
        "que tengas buen día",
        "todavía no",
        "42",
    ),
    *(",", ".", "!", "?", "😊", "🙏", "👍", "\n", "x" * 40),
]
spoken = st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join)
anything = st.text(max_size=200) | spoken
quick = settings(max_examples=80, deadline=None)
turns = st.lists(
    st.builds(Utterance, by=st.sampled_from(["customer", "assistant", "human"]), text=anything), max_size=6
)
opinions = st.none() | st.floats()
languages = st.none() | st.sampled_from(["pt", "pt-BR", "en", "es_MX", "fr", ""])


@quick
@given(turns=turns, language=languages, opinion=opinions, pending=st.booleans())
def test_never_raises_is_deterministic_and_holds_confidence(
    turns: list[Utterance], language: str | None, opinion: float | None, *, pending: bool
) -> None:
    signals = Signals(turns=turns, language=language, ai_verdict=opinion, hand_off_pending=pending)
    verdict = ClosureDetector().detect(signals)
    assert verdict == ClosureDetector().detect(signals)
    assert 0.0 <= verdict.confidence <= 1.0
    assert all(factor.evidence for factor in verdict.factors)


@quick
@given(turns=turns, minutes=st.lists(st.integers(-10, 90), min_size=2, max_size=2))
@example(turns=[Utterance("assistant", ANSWER["en"]), Utterance("customer", "thanks")], minutes=[10, 31])
def test_confidence_is_monotone_in_idle_time(turns: list[Utterance], minutes: list[int]) -> None:
    def confidence(idle: int) -> float:
        last = NOW - timedelta(minutes=idle)
        return (
            ClosureDetector()
            .detect(Signals(turns=turns, now=NOW, last_customer_at=last, idle_after=HALF_HOUR))
            .confidence
        )

    shorter, longer = sorted(minutes)
    assert confidence(shorter) <= confidence(longer)


@quick
@given(turns=turns, opinion=opinions, close_at=st.floats(0, 1), ask_at=st.floats(0, 1))
@example([Utterance("assistant", MORE["en"]), Utterance("customer", "No, that's all. Thanks, bye!")], 1.0, 0.1, 0.1)
def test_while_a_person_is_awaited_nothing_is_closed(
    turns: list[Utterance], opinion: float | None, close_at: float, ask_at: float
) -> None:
    signals = Signals(
        turns=turns,
        hand_off_pending=True,
        ai_verdict=opinion,
        now=NOW,
        last_customer_at=NOW - HALF_HOUR,
        idle_after=HALF_HOUR,
    )
    verdict = ClosureDetector(close_at=close_at, ask_at=ask_at).detect(signals)
    assert verdict.decision is Decision.KEEP
    assert "hand_off_pending" in names(verdict.factors)


FOLDED = str.maketrans("áàâãéêíóôõúüçñÁÀÂÃÉÊÍÓÔÕÚÜÇÑ", "aaaaeeiooouucnAAAAEEIOOOUUCN")


@quick
@given(before=spoken, last=spoken)
@example(before=MORE["pt"], last="Não, só isso. Até amanhã!")
def test_case_and_accents_change_nothing(before: str, last: str) -> None:
    verdict = detect(before, last)
    assert detect(before.upper(), last.upper()) == verdict
    assert detect(before.translate(FOLDED), last.translate(FOLDED)) == verdict


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        " ",
        "a\u0315\u0300",
        "thanks ",
        "so very ",
        "have a great ",
        "😊",
        "\n",
        "?",
        "1.",
        "a'",
        "do n ",
        "-a",
        "\ufdfa",
        "x@",
        ":-",
    ],
    ids=ascii,
)
def test_a_hundred_kilobytes_are_read_to_an_end_and_are_no_closing(unit: str) -> None:
    """What is read for meaning is capped, so that the time stays linear; a text beyond the cap is content."""
    text = unit * (100_000 // len(unit))
    assert detect(ANSWER["en"], text).decision is not Decision.CLOSE


# evaluation


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
    evaluation = evaluate_closure(rows)
    assert [row["id"] for row in evaluation.rows] == ["a", 2, "c", "d"]
    assert [row["closing"] for row in evaluation.rows] == [True, False, False, False]
    assert all(set(row) == {"id", "closing", "confidence", "factors"} for row in evaluation.rows)
    assert {"name": "nothing_else", "weight": 0.7, "evidence": "no"} in evaluation.rows[0]["factors"]
    assert evaluation.metrics == Metrics(true_positives=1, false_negatives=1, true_negatives=1)
    assert evaluation.by_language == {"es": Metrics(true_negatives=1), "pt": Metrics(false_negatives=1)}


def test_metrics_are_the_usual_ones() -> None:
    metrics = Metrics(true_positives=6, false_positives=2, false_negatives=4, true_negatives=8)
    assert (metrics.labelled, metrics.precision, metrics.recall) == (20, 0.75, 0.6)
    assert metrics.f1 == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))
    assert (Metrics().precision, Metrics().recall, Metrics().f1) == (0.0, 0.0, 0.0)


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
    ],
)
def test_a_malformed_row_is_named(row: object, named: str) -> None:
    with pytest.raises(Invalid, match=named):
        evaluate_closure([{"id": "good", "turns": [TURN]}, row])


@pytest.mark.parametrize("line", ["{", "[" * 100_000, "nonsense"])
def test_a_line_that_is_no_json_is_named(line: str) -> None:
    with pytest.raises(Invalid, match="line 3"):
        parse_rows(['{"id": "a"}', "", line])


# floors on our own dialogues: tuned on one half, written and left alone on the other


def rates(split: str, language: str) -> Metrics:
    rows = [row for row in parse_rows(DEV_SET.read_text("utf-8").splitlines()) if isinstance(row, dict)]
    chosen = [row for row in rows if row["split"] == split and row["lang"] == language]
    assert len(chosen) >= 60
    assert 0.4 <= sum(row["closing"] for row in chosen) / len(chosen) <= 0.6
    return evaluate_closure([row | {"lang": None} for row in chosen]).metrics


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
def test_what_customers_write(text: str, *, closing: bool) -> None:
    assert is_closing(detect(ANSWER["en"], text)) is closing
