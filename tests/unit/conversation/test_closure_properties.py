"""What holds of the closure detector for any dialogue."""

from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from atende.core.conversation.closure.detector import ClosureDetector, Decision, Signals, Utterance
from tests.unit.conversation.dialogues import ANSWER, HALF_HOUR, MORE, NOW, detect, names

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
    assert verdict.decision is Decision.STAY
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
    """What is read for meaning is capped, so that the time stays linear; a text beyond the cap is kept."""
    text = unit * (100_000 // len(unit))
    assert detect(ANSWER["en"], text).decision is not Decision.CLOSE


def test_what_is_too_long_to_be_read_is_kept() -> None:
    long = "very much " * 5_000 + "that's all, thanks, bye"
    assert "too_long" in names(detect(ANSWER["en"], long).factors)
    assert detect(ANSWER["en"], long).decision is Decision.STAY
    assert detect(ANSWER["en"], long[-40:]).decision is Decision.CLOSE
