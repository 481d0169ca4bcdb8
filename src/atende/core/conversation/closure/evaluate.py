"""Judges dialogues by the closure detector and, where labels stand, the detector by the labels. Pure: rows in, rows out."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from atende.core.conversation.closure.detector import ClosureDetector, Decision, Signals, Utterance, Verdict
from atende.core.kernel import Invalid

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
class Judged:
    """A labelled row with its verdict. `language` and `kind` (plain or hard) are empty where the row has none."""

    row: Mapping[str, Any]
    verdict: Verdict
    language: str
    kind: str

    @property
    def closing(self) -> bool:
        return bool(self.row["closing"])


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`rows` in the order given: id, closing, verdict, confidence, factors. `judged` are those with a label."""

    rows: tuple[dict[str, Any], ...]
    judged: tuple[Judged, ...]

    @property
    def metrics(self) -> Metrics:
        return metrics_of(self.judged)

    @property
    def by_language(self) -> Mapping[str, Metrics]:
        return self._by(lambda one: one.language)

    @property
    def by_kind(self) -> Mapping[str, Metrics]:
        return self._by(lambda one: one.kind)

    def _by(self, key: Callable[[Judged], str]) -> Mapping[str, Metrics]:
        names = sorted({key(one) for one in self.judged} - {""})
        return {name: metrics_of([one for one in self.judged if key(one) == name]) for name in names}


def metrics_of(judged: Iterable[Judged], at: float | None = None) -> Metrics:
    """Of what was closed; with `at`, of what would be from that confidence on."""
    return Metrics.of(
        (one.closing, is_closing(one.verdict) if at is None else one.verdict.confidence >= at) for one in judged
    )


def calibration_error(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """How far confidences are from how often they are right, on average over bins of equal width."""
    total = 0.0
    for place in range(bins):
        inside = [pair for pair in pairs if min(bins - 1, int(pair[0] * bins)) == place]
        total += abs(sum(confidence - so for confidence, so in inside))
    return total / max(1, len(pairs))


def evaluate_closure(rows: Iterable[object], detector: ClosureDetector | None = None) -> Evaluation:
    """Judge rows `{"id", "turns": [{"from", "text"}], "lang"?, "closing"?, "hard"?}`.

    Raises Invalid, naming the row, for one that is not of this form.
    """
    judge = detector or ClosureDetector()
    written: list[dict[str, Any]] = []
    judged: list[Judged] = []
    for line, raw in enumerate(rows, start=1):
        row = _row(raw, line)
        verdict = judge.detect(Signals(turns=_turns(row, line), language=row.get("lang")))
        written.append(_written(row["id"], verdict))
        if row.get("closing") is not None:
            kind = "" if row.get("hard") is None else "hard" if row["hard"] else "plain"
            judged.append(Judged(row, verdict, row.get("lang") or "", kind))
    return Evaluation(tuple(written), tuple(judged))


def is_closing(verdict: Verdict) -> bool:
    """To be asked whether anything is left is not yet an end."""
    return verdict.decision is Decision.CLOSE


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


def _written(row_id: object, verdict: Verdict) -> dict[str, Any]:
    factors = [{"name": each.name, "weight": each.weight, "evidence": each.evidence} for each in verdict.factors]
    closing, decision = is_closing(verdict), str(verdict.decision)
    return {"id": row_id, "closing": closing, "verdict": decision, "confidence": verdict.confidence, "factors": factors}


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
    if not isinstance(row.get("hard"), bool | None):
        raise Invalid(f"{name}: hard must be true or false")
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
