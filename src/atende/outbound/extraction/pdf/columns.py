"""The order in which a person reads the pieces of a page: by columns, whatever the order in which they were drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from atende.outbound.extraction.pdf.page import Piece

_LEAST_LINES = 3
_FEW_CROSSING = 0.34
_STEP = 4.0
_MARGIN = 0.12
_DEEPEST = 6
_ALIGNED = 0.6
_PROSE_WORDS = 3.5
_CONTINUED = 0.2


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces on one line, from left to right."""

    pieces: tuple[Piece, ...]

    @property
    def base(self) -> float:
        return self.pieces[0].base

    @property
    def top(self) -> float:
        return min(piece.top for piece in self.pieces)


def rows_of(pieces: Sequence[Piece]) -> list[Row]:
    """The lines, from top to bottom. A table is a line of its own."""
    found: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: one.base if one.lines is None else one.top):
        last = found[-1][0] if found else None
        near = last is not None and last.lines is None and piece.lines is None
        if (
            near
            and last is not None
            and piece.base - last.base <= 0.35 * min(max(piece.em, last.em), 2 * min(piece.em, last.em))
        ):
            found[-1].append(piece)
        else:
            found.append([piece])
    return [Row(tuple(sorted(row, key=lambda piece: piece.x0))) for row in found]


def flows(pieces: Sequence[Piece], depth: int = 0) -> list[list[Row]]:
    """Stretches of lines that are read one after another: the columns of the page, and what stands above, between and below."""
    rows = rows_of(pieces)
    gutter = _gutter(rows) if depth < _DEEPEST else None
    if gutter is None:
        return [rows] if rows else []
    found: list[list[Row]] = []
    band: list[Row] = []
    for row in [*rows, None]:
        if row is not None and not _crosses(row, gutter):
            band.append(row)
            continue
        if band:
            found += _band(band, gutter, depth)
            band = []
        if row is not None:
            if found and found[-1] and _crosses(found[-1][-1], gutter):
                found[-1].append(row)
            else:
                found.append([row])
    return found


def _band(band: Sequence[Row], gutter: float, depth: int) -> list[list[Row]]:
    """The columns on both sides of a gutter, or the lines as they are if they are no columns."""
    left, right = _sides(band, gutter)
    if min(len(left), len(right)) < _LEAST_LINES or not _are_columns(left, right):
        return [list(band)]
    return [*flows(left, depth + 1), *flows(right, depth + 1)]


def _sides(rows: Sequence[Row], x: float) -> tuple[list[Piece], list[Piece]]:
    pieces = [piece for row in rows for piece in row.pieces]
    return [piece for piece in pieces if piece.x1 <= x], [piece for piece in pieces if piece.x1 > x]


def _crosses(row: Row, x: float) -> bool:
    return any(piece.x0 < x < piece.x1 for piece in row.pieces)


def _gutter(rows: Sequence[Row]) -> float | None:
    """Where an empty stripe divides most lines, with several lines on both sides."""
    if len(rows) < _LEAST_LINES:
        return None
    left = min(row.pieces[0].x0 for row in rows)
    right = max(piece.x1 for row in rows for piece in row.pieces)
    width = right - left
    most = _FEW_CROSSING * len(rows)
    if sum(1 for row in rows if any(piece.x1 - piece.x0 >= (1 - 2 * _MARGIN) * width for piece in row.pieces)) > most:
        return None
    found: list[tuple[int, int, float]] = []
    for step in range(int((1 - 2 * _MARGIN) * width / _STEP)):
        at = left + _MARGIN * width + step * _STEP
        crossing = sum(1 for row in rows if _crosses(row, at))
        behind = sum(1 for row in rows if row.pieces[0].x1 <= at)
        ahead = sum(1 for row in rows if row.pieces[-1].x0 >= at)
        if crossing <= most and min(behind, ahead) >= _LEAST_LINES:
            found.append((crossing, -min(behind, ahead), at))
    return _centre(rows, min(found)[2]) if found else None


def _centre(rows: Sequence[Row], at: float) -> float:
    """The middle of the empty stripe around a place."""
    lows = [piece.x1 for row in rows if not _crosses(row, at) for piece in row.pieces if piece.x1 <= at]
    highs = [piece.x0 for row in rows if not _crosses(row, at) for piece in row.pieces if piece.x0 >= at]
    return (max(lows, default=at) + min(highs, default=at)) / 2


def _are_columns(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    """Whether the two sides are texts of their own, and not the columns of a table."""
    if any(piece.lines is not None for piece in (*left, *right)):
        return True
    fewer, more = sorted((left, right), key=len)
    bases = sorted(piece.base for piece in more)
    shared = sum(1 for piece in fewer if any(abs(piece.base - base) <= 0.3 * piece.em for base in bases))
    if shared < _ALIGNED * len(fewer):
        return True
    return all(_is_prose(side) for side in (left, right))


def _is_prose(side: Sequence[Piece]) -> bool:
    """Whether its lines are long, and sentences go on from one to the next."""
    rows = rows_of(side)
    texts = [" ".join(piece.text for piece in row.pieces) for row in rows]
    words = sum(len(text.split()) for text in texts) / max(1, len(texts))
    continued = sum(1 for text in texts[1:] if text[:1].islower())
    return words >= _PROSE_WORDS and continued >= _CONTINUED * (len(texts) - 1)
