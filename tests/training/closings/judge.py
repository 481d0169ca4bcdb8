"""Figures of the closure model, with intervals that respect that a writer's dialogues are alike."""

import random
from collections.abc import Iterator, Sequence

from atende.core.conversation.closure.detector import Costs
from atende.core.conversation.closure.evaluate import Metrics, calibration_error
from tests.training.closings.dialogues import Dialogue

_SEED = 20261201
_DRAWN = 1_000
Pair = tuple[Dialogue, float]


def judged(dialogues: Sequence[Dialogue], probabilities: Sequence[float]) -> Iterator[str]:
    """A line for each group and operating point: closing alone, and over at all (even odds)."""
    costs = Costs()
    pairs = list(zip(dialogues, probabilities, strict=True))
    groups: dict[str, list[Pair]] = {"all": pairs}
    groups |= {kind: [p for p in pairs if p[0].hard is (kind == "hard")] for kind in ("plain", "hard")}
    for name in sorted({one.language for one in dialogues}):
        groups[name] = [p for p in pairs if p[0].language == name]
    for name in sorted({one.writer for one in dialogues}):
        groups[f"writer {name}"] = [p for p in pairs if p[0].writer == name]
    for point in (costs.close_at, 0.7, 0.5):
        yield f"--- closing from {point:.2f}"
        for name, group in groups.items():
            metrics = _metrics(group, point)
            low, high = _interval(group, point)
            wrong = metrics.false_positives / max(1, metrics.false_positives + metrics.true_negatives)
            yield (
                f"{name:14} {len(group):4}  F1 {metrics.f1:.3f} ({low:.2f}-{high:.2f})  precision {metrics.precision:.3f}"
                f"  recall {metrics.recall:.3f}  false closes {wrong:.3f}"
            )
    error = calibration_error([(probability, one.closing) for one, probability in pairs])
    yield f"expected calibration error {error:.3f}; mean cost {_cost(pairs, costs):.3f}"


def _metrics(pairs: Sequence[Pair], point: float) -> Metrics:
    return Metrics.of((one.closing, probability >= point) for one, probability in pairs)


def _interval(pairs: Sequence[Pair], point: float) -> tuple[float, float]:
    """95 % of the F1 that is found when writers are drawn with replacement; within one writer, when dialogues are."""
    draw = random.Random(_SEED)
    writers = sorted({one.writer for one, _ in pairs})
    by_writer = {name: [pair for pair in pairs if pair[0].writer == name] for name in writers}
    found = []
    for _ in range(_DRAWN):
        if len(writers) > 1:
            drawn = [pair for name in draw.choices(writers, k=len(writers)) for pair in by_writer[name]]
        else:
            drawn = draw.choices(list(pairs), k=len(pairs))
        found.append(_metrics(drawn, point).f1)
    found.sort()
    return found[int(0.025 * _DRAWN)], found[int(0.975 * _DRAWN)]


def _cost(pairs: Sequence[Pair], costs: Costs) -> float:
    total = 0.0
    for one, probability in pairs:
        if probability >= costs.close_at:
            total += 0 if one.closing else costs.wrong_close
        elif probability >= costs.ask_at:
            total += costs.unneeded_question
        else:
            total += costs.missed_close if one.closing else 0
    return total / max(1, len(pairs))
