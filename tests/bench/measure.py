"""Sides measured in turns in one run, and what is said about them: medians of ratios that were taken side by side."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

Figures = dict[str, float]
Side = Callable[[], Awaitable[Figures]]
_LONGEST = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comparison. `ratio` is ours / reference, the median over the rounds; each spread is the lowest and the highest."""

    name: str
    ours: float
    reference: float
    ratio: float
    unit: str
    rounds: int
    spread: tuple[float, float]
    ours_spread: tuple[float, float] | None = None
    reference_spread: tuple[float, float] | None = None


class Rounds:
    """What every side showed in every round."""

    def __init__(self, seen: Mapping[str, Sequence[Figures]]) -> None:
        self._seen = seen

    def of(self, side: str, figure: str) -> list[float]:
        return [figures[figure] for figures in self._seen[side]]

    def compare(self, name: str, ours: str, reference: str, *, figure: str, unit: str) -> Row:
        """Two sides by one figure; a ratio is taken within a round only, for the machine is another one in the next."""
        mine, theirs = self.of(ours, figure), self.of(reference, figure)
        ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
        return Row(
            name=name,
            ours=_short(median(mine)),
            reference=_short(median(theirs)),
            ratio=_short(median(ratios)),
            unit=unit,
            rounds=len(ratios),
            spread=_spread(ratios),
            ours_spread=_spread(mine),
            reference_spread=_spread(theirs),
        )


async def in_turns(
    sides: Mapping[str, Side], *, rounds: int, warm: Callable[[], Awaitable[object]] | None = None
) -> Rounds:
    """A B C A B C: every side once to warm up, then what `warm` does, then every side once in every round."""
    for name, side in sides.items():
        await _in_time(name, side)
    if warm is not None:
        await warm()
    seen: dict[str, list[Figures]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            seen[name].append(await _in_time(name, side))
    return Rounds(seen)


async def _in_time(name: str, side: Side) -> Figures:
    """A side that hangs ends the run, and is named."""
    try:
        async with asyncio.timeout(_LONGEST):
            return await side()
    except TimeoutError as error:
        raise TimeoutError(f"{name} was not done within {_LONGEST:.0f} s") from error


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used until now, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def write(rows: Sequence[Row], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")


def table(rows: Sequence[Row]) -> str:
    """Every figure with its spread behind it."""
    lines = [f"{'name':44} {'ours':>32} {'reference':>32} {'ratio':>28}  unit (rounds)"]
    lines += [
        f"{row.name:44} {_shown(row.ours, row.ours_spread):>32} {_shown(row.reference, row.reference_spread):>32}"
        f" {_shown(row.ratio, row.spread):>28}  {row.unit} ({row.rounds})"
        for row in rows
    ]
    return "\n".join(lines)


def _shown(value: float, spread: tuple[float, float] | None) -> str:
    return f"{value:,.6g}" + (f" ({spread[0]:,.6g} to {spread[1]:,.6g})" if spread else "")


def _spread(values: Sequence[float]) -> tuple[float, float]:
    return _short(min(values)), _short(max(values))


def _short(value: float) -> float:
    """Four digits: more would pretend."""
    return float(f"{value:.4g}")
