"""The dialogues that the closure model learns from and is judged on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from atende.core.conversation.closure.acts import End, read_end
from atende.core.conversation.closure.reading import Utterance
from tests.training.closings.contrasts import contrasts

ROOT = Path(__file__).resolve().parents[3]
BLIND = ROOT / "tests/understanding/closings"
PHRASES = ROOT / "tests/unit/conversation/closing_dev.jsonl"
OWN = Path(__file__).parent
PAIRS = 0.15
"""What a drawn pair counts: there are many, and they are alike."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """`writer`: by whom, for what is judged; empty for our own writing, which is learned from and never judged on."""

    id: str
    language: str
    closing: bool
    turns: tuple[Utterance, ...]
    writer: str = ""
    hard: bool = False
    weight: float = 1.0

    @property
    def end(self) -> End:
        end = read_end(self.turns, self.language)
        assert end is not None, f"{self.id}: the customer says nothing"
        return end


def blind() -> list[Dialogue]:
    """By other hands, one file for each writer."""
    return [one for file in sorted(BLIND.glob("*.jsonl")) for one in _rows(file, writer=file.stem)]


def own() -> list[Dialogue]:
    """Written by those who made the detector: short ones for training only, and the older ones with formulas, which count half."""
    short = [one for file in sorted(OWN.glob("own_*.txt")) for one in _lines(file)]
    pairs = [
        Dialogue(
            f"pair-{n}", language, closing, (Utterance("assistant", ours), Utterance("customer", said)), weight=PAIRS
        )
        for n, (language, ours, said, closing) in enumerate(contrasts())
    ]
    return short + pairs + [one for one in _rows(PHRASES, writer="", weight=0.5) if one.turns[-1].by == "customer"]


def _rows(file: Path, *, writer: str, weight: float = 1.0) -> Iterator[Dialogue]:
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        turns = tuple(Utterance(turn["from"], turn["text"]) for turn in row["turns"])
        hard = row.get("hard", False)
        yield Dialogue(row["id"], row["lang"], row["closing"], turns, writer=writer, hard=hard, weight=weight)


def _lines(file: Path) -> Iterator[Dialogue]:
    """`C|a: ...|c: ...`: closing or not (N), then the turns of the assistant and the customer."""
    language = file.stem.removeprefix("own_")
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        label, *said = line.split("|")
        turns = tuple(Utterance("assistant" if turn[0] == "a" else "customer", turn[2:].strip()) for turn in said)
        yield Dialogue(f"{file.stem}-{number}", language, label == "C", turns)
