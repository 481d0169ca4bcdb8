"""Judges dialogues by the closure detector and, where labels stand, the detector by the labels. Pure: rows in, rows out."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from atende.core.conversation.closure.detector import ClosureDetector, Decision, Signals, Utterance, Verdict
from atende.core.kernel import Invalid

OPERATING_POINT: Final = 0.55
"""A dialogue counts as closing from this confidence on.

Lower than the threshold for ending a conversation unasked (0.80): `thanks!` after an answer is an end in a finished
dialogue, while in a living one the customer is asked once. On our development dialogues F1 is flat from 0.55 to 0.65.
"""

_SPEAKERS: Final[dict[object, Literal["customer", "assistant", "human"]]] = {
    "customer": "customer",
    "assistant": "assistant",
    "human": "human",
}


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counts over labelled rows, `closing` being the positive class. A rate without a denominator is 0."""

    true_positives: int = 0
    false_positives: int = 0
    false_negatives: int = 0
    true_negatives: int = 0

    @classmethod
    def of(cls, pairs: Iterable[tuple[bool, bool]]) -> "Metrics":
        """From pairs of what is so and what was said."""
        seen = list(pairs)
        return cls(*(seen.count(pair) for pair in ((True, True), (False, True), (True, False), (False, False))))

    @property
    def labelled(self) -> int:
        return self.true_positives + self.false_positives + self.false_negatives + self.true_negatives

    @property
    def precision(self) -> float:
        return self.true_positives / max(1, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        return self.true_positives / max(1, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> float:
        wrong = self.false_positives + self.false_negatives
        return 2 * self.true_positives / max(1, 2 * self.true_positives + wrong)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`rows` in the order given: id, closing, confidence, factors. `by_language` has the labelled rows that name one."""

    rows: tuple[dict[str, Any], ...]
    metrics: Metrics
    by_language: Mapping[str, Metrics]


def evaluate_closure(rows: Iterable[object], detector: ClosureDetector | None = None) -> Evaluation:
    """Judge rows `{"id", "turns": [{"from", "text"}], "lang"?, "closing"?}`.

    Raises Invalid, naming the row, for one that is not of this form.
    """
    judge = detector or ClosureDetector()
    judged: list[dict[str, Any]] = []
    pairs: list[tuple[str, bool, bool]] = []
    for line, raw in enumerate(rows, start=1):
        row = _row(raw, line)
        verdict = judge.detect(Signals(turns=_turns(row, line), language=row.get("lang")))
        closing = is_closing(verdict)
        judged.append(_judged(row["id"], closing, verdict))
        if row.get("closing") is not None:
            pairs.append((row.get("lang") or "", row["closing"], closing))
    languages = sorted({language for language, _, _ in pairs if language})
    return Evaluation(
        rows=tuple(judged),
        metrics=Metrics.of((so, said) for _, so, said in pairs),
        by_language={each: Metrics.of((so, said) for lang, so, said in pairs if lang == each) for each in languages},
    )


def is_closing(verdict: Verdict) -> bool:
    return verdict.decision is Decision.CLOSE or verdict.confidence >= OPERATING_POINT


def parse_rows(lines: Iterable[str]) -> list[object]:
    """The rows of a JSON Lines file; empty lines are passed over. Raises Invalid with the number of a line that is none."""
    rows: list[object] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except (ValueError, RecursionError) as error:
            raise Invalid(f"line {number}: not a JSON object; write one row to a line") from error
    return rows


def _judged(row_id: object, closing: bool, verdict: Verdict) -> dict[str, Any]:  # noqa: FBT001 - a row, not a switch
    factors = [{"name": each.name, "weight": each.weight, "evidence": each.evidence} for each in verdict.factors]
    return {"id": row_id, "closing": closing, "confidence": verdict.confidence, "factors": factors}


def _row(raw: object, line: int) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise Invalid(f"row {line}: must be an object with id and turns")
    row: dict[str, Any] = raw
    if isinstance(row.get("id"), bool) or not isinstance(row.get("id"), str | int):
        raise Invalid(f"row {line}: id must be a text or a whole number")
    name = _name(row, line)
    if not isinstance(row.get("lang"), str | None):
        raise Invalid(f"{name}: lang must be a text such as pt, en or es")
    if not isinstance(row.get("closing"), bool | None):
        raise Invalid(f"{name}: closing must be true or false")
    return row


def _turns(row: dict[str, Any], line: int) -> Sequence[Utterance]:
    turns = row.get("turns")
    if not isinstance(turns, list) or not turns:
        raise Invalid(f"{_name(row, line)}: turns must be a list with at least one turn")
    return [_utterance(turn, f"{_name(row, line)}, turn {number}") for number, turn in enumerate(turns, start=1)]


def _utterance(turn: object, name: str) -> Utterance:
    if not isinstance(turn, dict):
        raise Invalid(f"{name}: must be an object with from and text")
    by, text = turn.get("from"), turn.get("text")
    if not isinstance(by, str) or by not in _SPEAKERS:
        raise Invalid(f"{name}: from must be assistant, customer or human")
    if not isinstance(text, str):
        raise Invalid(f"{name}: text must be a text")
    return Utterance(_SPEAKERS[by], text)


def _name(row: dict[str, Any], line: int) -> str:
    return f"row {line} (id {row['id']})"
