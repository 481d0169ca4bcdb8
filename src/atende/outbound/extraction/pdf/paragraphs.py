"""Lines of a page as text: paragraphs, list entries, headings and tables."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from atende.core.language.segments import is_item
from atende.outbound.extraction.pdf import hyphens
from atende.outbound.extraction.pdf.columns import Row
from atende.outbound.extraction.pdf.page import Piece
from atende.outbound.extraction.pdf.tables import aligned

_MARK = re.compile(
    r"(?:[-*•·‣▪●○–—✓✔☑►o]|\(?\d{1,3}(?:\.\d{1,3})*[.)]?|\(?[a-zA-Z][.)]|[ivxIVX]{1,4}[.)]|\[[x ]\]|[☐☒])$"
)
_HYPHENED = re.compile(r"[^\W_]-$")
_BIGGER = 1.15
_LONG, _PROSE = 45, 0.3
_APART = 1.45
"""A gap of this many usual ones begins a new paragraph."""


@dataclass(slots=True)
class _Line:
    text: str
    x0: float
    x1: float
    base: float
    em: float
    top: float
    table: bool = False


@dataclass(slots=True)
class Writer:
    """Writes one flow of lines. `em`: the usual size of the document's text; `known`: its words."""

    em: float
    known: set[str]

    def write(self, rows: Sequence[Row]) -> str:
        lines = list(self._lines(rows))
        if not lines:
            return ""
        shape = _Shape.of(lines)
        text = lines[0].text
        item = lines[0] if is_item(lines[0].text) else None
        for before, line in pairwise(lines):
            gap = self._gap(before, line, shape, item)
            text = hyphens.joined(text, line.text, self.known) if gap == " " else text + gap + line.text
            item = line if is_item(line.text) else item if gap in {" ", "\n"} else None
        return text

    def _lines(self, rows: Sequence[Row]) -> Iterator[_Line]:
        """One line for each row; several rows that stand in columns are a table."""
        at = 0
        while at < len(rows):
            end = _table_end(rows, at)
            lines = aligned([row.pieces for row in rows[at:end]], self.known) if end - at >= 2 else None
            if lines is not None:
                pieces = [piece for row in rows[at:end] for piece in row.pieces]
                yield _of(pieces, "\n".join(lines), table=True)
                at = end
                continue
            row = rows[at]
            yield _of(row.pieces, _row_text(row), table=row.pieces[0].lines is not None)
            at += 1

    def _gap(self, before: _Line, line: _Line, shape: "_Shape", item: _Line | None) -> str:
        """What stands between two lines: a blank if the text only goes on below, a line end, or an empty line."""
        if line.table or before.table:
            return "\n\n"
        down = line.base - before.base
        if _HYPHENED.search(before.text) and 0 < down < 2.5 * line.em and not line.text.startswith("- "):
            return " "
        if is_item(line.text):
            alike = (
                item is not None
                and item.text[0].isdecimal() == line.text[0].isdecimal()
                and 0 < down < 3 * shape.leading
            )
            return "\n" if alike and not self._resized(before, line) else self._apart(before, line, down, shape) or "\n"
        apart = self._apart(before, line, down, shape)
        if apart:
            return apart
        if self._wraps(before, line, shape):
            return " "
        return "\n\n" if item is not None and line.x0 <= item.x0 + 0.5 * item.em else "\n"

    def _apart(self, before: _Line, line: _Line, down: float, shape: "_Shape") -> str | None:
        return "\n\n" if down > _APART * shape.leading or down < 0 or self._resized(before, line) else None

    def _resized(self, before: _Line, line: _Line) -> bool:
        """Whether one of them is a title in larger letters."""
        larger, smaller = max(line.em, before.em), min(line.em, before.em)
        return larger > _BIGGER * smaller and larger > _BIGGER * self.em

    def _wraps(self, before: _Line, line: _Line, shape: "_Shape") -> bool:
        """Whether the text goes on below only because the line above is full."""
        first = line.text.split(" ", 1)[0]
        width = (line.x1 - line.x0) / max(1, len(line.text)) * (len(first) + 1)
        full = before.x1 + width >= shape.right - before.em * 0.5
        if before.text.endswith((".", "!", "?", ":", ";")):
            return full and not before.text.endswith(":")
        if line.text[:1].islower():
            return full or before.x1 > (shape.right + before.x0) / 2
        return full and (shape.is_prose or len(before.text) >= _LONG)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Of a flow: the usual distance of its lines, where full lines end, and whether sentences go on from line to line."""

    leading: float
    right: float
    is_prose: bool

    @staticmethod
    def of(lines: Sequence[_Line]) -> "_Shape":
        plain = [line for line in lines if not line.table]
        going_on = sum(1 for line in plain[1:] if line.text[:1].islower())
        return _Shape(_usual_gap(lines), _right_edge(lines), going_on >= _PROSE * (len(plain) - 1) > 0)


def _row_text(row: Row) -> str:
    if row.pieces[0].lines is not None:
        return row.pieces[0].text
    text = row.pieces[0].text
    for before, piece in pairwise(row.pieces):
        label = piece.field and not before.field and before.text[-1:].isalnum() and not piece.text.startswith("[")
        text += (": " if label else " ") + piece.text
    return text


def _of(pieces: Sequence[Piece], text: str, *, table: bool) -> _Line:
    return _Line(
        text, min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces), max(piece.base for piece in pieces),
        max(piece.em for piece in pieces), min(piece.top for piece in pieces), table,
    )  # fmt: skip


def _table_end(rows: Sequence[Row], at: int) -> int:
    """The end of the rows with several pieces that begin here; rows without first cell belong to the one above."""
    if not _is_tabular(rows[at]):
        return at
    end, left = at + 1, rows[at].pieces[0].x1
    while end < len(rows) and rows[end].pieces[0].lines is None:
        row = rows[end]
        close = row.base - rows[end - 1].base < 3.2 * row.pieces[0].em
        if not close or not (_is_tabular(row) or (row.pieces[0].x0 > left and end > at + 1)):
            break
        end += 1
    return end


def _is_tabular(row: Row) -> bool:
    pieces = row.pieces
    if len(pieces) < 2 or pieces[0].lines is not None:
        return False
    return not (len(pieces) == 2 and (_MARK.match(pieces[0].text) or pieces[1].field or pieces[0].field))


def _usual_gap(lines: Sequence[_Line]) -> float:
    plain = [line for line in lines if not line.table]
    gaps = sorted(b.base - a.base for a, b in pairwise(plain) if 0 < b.base - a.base < 3 * b.em)
    return gaps[len(gaps) // 4] if gaps else 1.2 * lines[0].em


def _right_edge(lines: Sequence[_Line]) -> float:
    """Where full lines end: of the longest ones, so that a single overlong line does not count."""
    ends = sorted((line.x1 for line in lines if not line.table), reverse=True)
    return ends[min(len(ends) // 10, len(ends) - 1)] if ends else 0.0
