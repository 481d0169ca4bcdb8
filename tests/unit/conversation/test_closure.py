"""The closure detector: what each strategy sees, and what the composite makes of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from atende.core.conversation.closure.detector import (
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
    closure_detector,
)
from tests.unit.conversation.dialogues import ANSWER, HALF_HOUR, MORE, NOW, PENDING, by_rules, dialogue, names

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
    assert by_rules(MORE[language], no).decision is Decision.CLOSE
    assert "more_wanted" in names(DialogueStrategy()(dialogue(MORE[language], yes)))
    assert by_rules(MORE[language], yes).decision is Decision.STAY


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
    assert by_rules(ANSWER[language], thanks).decision is Decision.ASK
    assert by_rules(MORE[language], thanks).decision is Decision.CLOSE
    assert "pending_question" in names(by_rules(PENDING[language], thanks).factors)
    assert by_rules(PENDING[language], thanks).decision is Decision.STAY


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
    assert closure_detector("rules").detect(Signals(turns=turns)).decision is Decision.CLOSE
    turns[2] = Utterance("customer", "qual o frete pra Recife?")
    assert closure_detector("rules").detect(Signals(turns=turns)).decision is Decision.STAY


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
    assert by_rules(ANSWER["en"], "Is it far?", ai_verdict=1.0).decision is Decision.STAY
    assert by_rules(ANSWER["en"], "thanks").decision is Decision.ASK
    assert by_rules(ANSWER["en"], "thanks", ai_verdict=0.5).decision is Decision.CLOSE
    assert by_rules(ANSWER["en"], "thanks", ai_verdict=-1.0).decision is Decision.STAY


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
        (0.49, Decision.STAY, 0.49),
        (3.0, Decision.CLOSE, 1.0),
        (-3.0, Decision.STAY, 0.0),
    ],
)
def test_strategies_are_interchangeable_and_the_sum_is_held(
    weight: float, decision: Decision, confidence: float
) -> None:
    detector = ClosureDetector(strategies=(Fixed(weight),), close_at=0.80, ask_at=0.50)
    verdict = detector.detect(dialogue("any"))
    assert verdict == Verdict(decision, confidence, (Factor("fixed", weight, "1 turns"),))


def test_thresholds_are_fields() -> None:
    halves = (Fixed(0.5),)
    assert ClosureDetector(halves, close_at=0.5).detect(dialogue("any")).decision is Decision.CLOSE
    assert ClosureDetector(halves, ask_at=0.6).detect(dialogue("any")).decision is Decision.STAY
    assert ClosureDetector(halves).detect(dialogue("any")).decision is Decision.ASK


def test_a_dialogue_without_a_customer_is_kept() -> None:
    assert by_rules("Goodbye!", last="assistant") == Verdict(Decision.STAY, 0.0, ())
    assert ClosureDetector().detect(Signals(turns=())) == Verdict(Decision.STAY, 0.0, ())
    assert ClosureDetector().detect(dialogue("Goodbye!", last="assistant")) == Verdict(Decision.STAY, 0.0, ())
