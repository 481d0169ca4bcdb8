"""What a reader of one format returns."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

MAX_FIELD = 300
"""Characters of a title or an author."""


@dataclass(slots=True)
class Read:
    """`pages` are not normalised yet. `notes` are sentences for the person who uploaded the file."""

    pages: list[str]
    has_pages: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as grey pixels, row by row. `scale`: pixels for each unit of the page (a point of a PDF)."""

    page: int
    width: int
    height: int
    grey: bytes
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A word that was recognised in a picture, with its place in pixels, and the block and paragraph that it belongs to."""

    text: str
    left: int
    top: int
    width: int
    height: int
    line: tuple[int, int, int]


Recognise = Callable[[Iterator[Picture]], dict[int, list[Seen]]]
"""The words of the pictures by page. A page that could not be recognised in time is missing. Raises NoRecognition."""
