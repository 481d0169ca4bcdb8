"""What stands on a page of a PDF and where: pieces of lines, drawn lines, filled areas and images.

Coordinates are points from the top left corner of the page as it is shown.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Box:
    x0: float
    top: float
    x1: float
    bottom: float

    def covers(self, x: float, y: float) -> bool:
        return self.x0 <= x <= self.x1 and self.top <= y <= self.bottom


@dataclass(slots=True)
class Word:
    text: str
    x0: float
    x1: float


@dataclass(slots=True)
class Piece:
    """Words of one line that stand close together. `base`: the height of the line that they stand on; `em`: their size.

    `words` is empty when the piece is whole, that is when nothing needed the places of its words. `lines` are those of a table,
    which is treated as one piece; `glued`: the line ends with a hyphen that the text continues after.
    """

    x0: float
    x1: float
    base: float
    em: float
    text: str
    words: list[Word] = field(default_factory=list)
    top: float = 0.0
    lines: list[str] | None = None
    field: bool = False

    def __post_init__(self) -> None:
        if not self.top:
            self.top = self.base - self.em


@dataclass(slots=True)
class Drawing:
    """`across` and `down` are drawn lines: boxes without height or without width."""

    across: list[Box] = field(default_factory=list)
    down: list[Box] = field(default_factory=list)
    filled: list[Box] = field(default_factory=list)
    images: list[Box] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    number: int
    width: float
    height: float
    pieces: list[Piece] = field(default_factory=list)
    drawing: Drawing = field(default_factory=Drawing)
    hidden: int = 0
    struck: int = 0
    unmapped: int = 0
