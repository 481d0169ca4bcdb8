"""What a reader of files hands over."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Extracted:
    """The normalised text of a file, page by page (a single page if the format has no pages).

    The text has one line for each heading, list entry and table row (cells divided by ` | `, the names of the columns first);
    lines of code stand between two lines of three back quotes. `notes`: what the reader should know, such as pages without text.
    """

    pages: tuple[str, ...]
    has_pages: bool
    metadata: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
