"""Text to fill documents with: sentences of the documents that other tests use, in an order chosen by seed."""

import random
import re
from functools import cache
from pathlib import Path

_TESTS = Path(__file__).parents[1]
_SOURCES = (_TESTS / "unit" / "knowledge" / "corpus", _TESTS.parent / "docs" / "demo")


@cache
def sentences() -> tuple[str, ...]:
    """Sentences without marks of Markdown, in Portuguese, English and Spanish."""
    found = []
    for folder in _SOURCES:
        for path in sorted(folder.iterdir()):
            if path.suffix in {".md", ".txt"}:
                text = re.sub(r"[*_`#|>\[\]]+", " ", path.read_text(encoding="utf-8"))
                found += re.findall(r"[A-ZÀ-Ý][^.!?\n]{25,180}[.!?]", text)
    return tuple(" ".join(sentence.split()) for sentence in found)


class Prose:
    """Pieces of text, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def sentence(self) -> str:
        return self.random.choice(sentences())

    def paragraph(self, count: int = 4) -> str:
        return " ".join(self.sentence() for _ in range(count))

    def paragraphs(self, count: int) -> list[str]:
        return [self.paragraph(self.random.randint(2, 6)) for _ in range(count)]

    def title(self) -> str:
        return " ".join(self.sentence().rstrip(".!?").split()[: self.random.randint(2, 5)])

    def words(self, count: int) -> str:
        return " ".join(self.random.choice(self.sentence().split()).strip(".,;:!?()") for _ in range(count))

    def table(self, rows: int, columns: int) -> list[list[str]]:
        """A first row of names, then rows of short cells."""
        head = [f"{self.words(1).capitalize()} {n}" for n in range(1, columns + 1)]
        return [head, *([self.cell(n) for n in range(columns)] for _ in range(rows))]

    def cell(self, column: int) -> str:
        if column == 0:
            return f"{self.words(2)} {self.random.randint(100, 999)}"
        kind = self.random.choice("amtd")
        number = self.random.randint(1, 99)
        return {"a": f"R$ {number},90", "m": f"{number} dias", "t": self.words(2), "d": f"{number % 28 + 1}/03/2026"}[
            kind
        ]
