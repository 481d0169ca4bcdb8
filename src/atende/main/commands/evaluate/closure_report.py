"""The report of `atende eval closure`."""

from collections.abc import Mapping, Sequence

from atende.core.conversation.closure.evaluate import Evaluation, Judged, Metrics, calibration_error, metrics_of
from atende.core.conversation.closure.model import Decision
from atende.main.commands.evaluate.report import Bars, Miss, Report, Share, Table

_COLUMNS = ["", "dialogues", "precision", "recall", "false closes", "F1", "F1 at even odds"]
_EVEN = 0.5
_FACTORS = 6


def lines(evaluation: Evaluation) -> list[str]:
    """The figures as lines of text: of closing alone, then of what is held to be over at even odds."""
    groups = {"all": evaluation.metrics, **evaluation.by_language, **evaluation.by_kind}
    over = metrics_of(evaluation.judged, at=_EVEN)
    return [
        *(_line(name, metrics) for name, metrics in groups.items()),
        f"at even odds: F1 {over.f1:.3f}; expected calibration error {_error(evaluation.judged):.3f}",
    ]


def report(evaluation: Evaluation) -> Report:
    judged = evaluation.judged
    groups = {"all": evaluation.metrics, **evaluation.by_language, **evaluation.by_kind}
    lead = (
        f"{len(judged)} labelled dialogues. Closed: the verdict is close; asking is not yet closing."
        f" Expected calibration error: {_error(judged):.3f}. In brackets: the interval of 95 %."
    )
    closed = (
        "closed although something is owed",
        [one for one in judged if one.verdict.decision is Decision.CLOSE and not one.closing],
    )
    missed = ("not closed", [one for one in judged if one.verdict.decision is not Decision.CLOSE and one.closing])
    return Report(
        title="Closings",
        lead=lead,
        parts=[
            Table("Figures", _COLUMNS, _rows(evaluation, groups)),
            Table("Verdicts", ["", *(str(one) for one in Decision)], _verdicts(judged)),
            Bars("Recall", [(name, _recall(metrics)) for name, metrics in groups.items()]),
            Bars("Share of closing dialogues, by confidence", _calibration(judged)),
        ],
        misses_title="Wrong and missed closes, the surest first",
        misses=[_miss(why, one) for why, group in (closed, missed) for one in sorted(group, key=_distance)],
    )  # fmt: skip


def _line(name: str, metrics: Metrics) -> str:
    return (
        f"{name}: {metrics.labelled} labelled dialogues: precision {metrics.precision:.3f}, "
        f"recall {metrics.recall:.3f}, F1 {metrics.f1:.3f}"
    )


def _rows(evaluation: Evaluation, groups: Mapping[str, Metrics]) -> list[list[object]]:
    over = {"all": evaluation.judged}
    over |= {
        name: tuple(one for one in evaluation.judged if name in {one.language, one.kind})
        for name in groups
        if name != "all"
    }
    return [
        [
            name, metrics.labelled, Share(metrics.true_positives, metrics.true_positives + metrics.false_positives),
            _recall(metrics), Share(metrics.false_positives, metrics.false_positives + metrics.true_negatives),
            f"{metrics.f1:.3f}", f"{metrics_of(over[name], at=_EVEN).f1:.3f}",
        ]
        for name, metrics in groups.items()
    ]  # fmt: skip


def _recall(metrics: Metrics) -> Share:
    return Share(metrics.true_positives, metrics.true_positives + metrics.false_negatives)


def _verdicts(judged: Sequence[Judged]) -> list[list[object]]:
    return [
        [name, *(sum(one.verdict.decision is verdict for one in judged if one.closing is so) for verdict in Decision)]
        for name, so in (("closing", True), ("not closing", False))
    ]


def _calibration(judged: Sequence[Judged]) -> list[tuple[str, Share]]:
    tenths: list[list[Judged]] = [[] for _ in range(10)]
    for one in judged:
        tenths[min(9, int(one.verdict.confidence * 10))].append(one)
    return [
        (f"{place / 10:.1f} to {(place + 1) / 10:.1f}", Share(sum(one.closing for one in group), len(group)))
        for place, group in enumerate(tenths)
        if group
    ]


def _error(judged: Sequence[Judged]) -> float:
    return calibration_error([(one.verdict.confidence, one.closing) for one in judged])


def _distance(one: Judged) -> float:
    return one.verdict.confidence if one.closing else -one.verdict.confidence


def _miss(why: str, one: Judged) -> Miss:
    turns = [(str(turn["from"]), str(turn["text"])) for turn in one.row["turns"]]
    weighed = sorted(one.verdict.factors, key=lambda factor: -abs(factor.weight))[:_FACTORS]
    told = "; ".join(f"{factor.name} {factor.weight:+.2f} ({factor.evidence})" for factor in weighed)
    label = [("label", str(one.row["why"]))] if one.row.get("why") else []
    last = next((text for by, text in reversed(turns) if by == "customer"), "")
    return Miss(f"{why}, {one.verdict.confidence:.2f}: {last} ({one.row['id']})", [*turns, ("factors", told), *label])
