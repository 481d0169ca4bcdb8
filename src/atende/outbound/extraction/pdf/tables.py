"""Tables of a PDF: by the lines drawn around their cells, or by words that stand in columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from atende.outbound.extraction import grid
from atende.outbound.extraction.pdf import hyphens
from atende.outbound.extraction.pdf.page import Box, Page, Piece, Word
from atende.outbound.extraction.pdf.words import words_of

_NEAR = 3.0
_MOST_LINES = 3_000
_FEW_BANDS = 3


@dataclass(slots=True)
class _Net:
    """Lines that touch each other."""

    across: list[Box] = field(default_factory=list)
    down: list[Box] = field(default_factory=list)

    @property
    def xs(self) -> list[float]:
        return _merged([line.x0 for line in self.down] + [x for line in self.across for x in (line.x0, line.x1)])

    @property
    def ys(self) -> list[float]:
        return _merged([line.top for line in self.across] + [y for line in self.down for y in (line.top, line.bottom)])


def ruled(page: Page, known: set[str]) -> list[Piece]:
    """The pieces of the page, with each table that has lines between its cells as one piece."""
    pieces = page.pieces
    for net in _nets(page.drawing.across, page.drawing.down):
        xs, ys = net.xs, net.ys
        if len(xs) < 3 or len(ys) < 2 or not net.down:
            continue
        around = Box(xs[0] - 1, ys[0] - 1, xs[-1] + 1, ys[-1] + 1)
        inside = [piece for piece in pieces if around.covers((piece.x0 + piece.x1) / 2, piece.base - piece.em / 3)]
        lines = _Cells(net, xs, ys, inside, known).lines() if inside else []
        if len(lines) > 1 or any(" | " in line for line in lines):
            rest = [piece for piece in pieces if not any(piece is one for one in inside)]
            pieces = [*rest, _as_piece(lines, around, inside)]
    return pieces


def _as_piece(lines: list[str], around: Box, inside: Sequence[Piece]) -> Piece:
    em = sorted(piece.em for piece in inside)[len(inside) // 2]
    return Piece(around.x0, around.x1, around.bottom, em, "\n".join(lines), top=around.top, lines=lines)


def _merged(values: list[float]) -> list[float]:
    """Values without those that are nearly the same as the one before."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > _NEAR:
            kept.append(value)
    return kept


def _nets(across: list[Box], down: list[Box]) -> list[_Net]:
    if not down or not across or len(across) + len(down) > _MOST_LINES:
        return []
    owner = list(range(len(across)))

    def root(i: int) -> int:
        while owner[i] != i:
            owner[i] = owner[owner[i]]
            i = owner[i]
        return i

    touched: list[tuple[Box, int]] = []
    for line in down:
        hits = [
            i
            for i, other in enumerate(across)
            if other.x0 - _NEAR <= line.x0 <= other.x1 + _NEAR and line.top - _NEAR <= other.top <= line.bottom + _NEAR
        ]
        for i in hits[1:]:
            owner[root(i)] = root(hits[0])
        if hits:
            touched.append((line, hits[0]))
    nets: dict[int, _Net] = {}
    for line, i in touched:
        nets.setdefault(root(i), _Net()).down.append(line)
    for i, line in enumerate(across):
        if root(i) in nets:
            nets[root(i)].across.append(line)
    return list(nets.values())


class _Cells:
    """The cells between the lines of a net."""

    def __init__(self, net: _Net, xs: list[float], ys: list[float], inside: Sequence[Piece], known: set[str]) -> None:
        self._net, self._xs, self._ys, self._known = net, xs, ys, known
        self._words: dict[tuple[int, int], list[tuple[Word, Piece]]] = {}
        for piece in inside:
            row = _band(ys, piece.base - piece.em / 3)
            whole = _band(xs, piece.x0 + 1) == _band(xs, piece.x1 - 1)
            for word in [Word(piece.text, piece.x0, piece.x1)] if whole else words_of(piece):
                self._words.setdefault((row, _band(xs, (word.x0 + word.x1) / 2)), []).append((word, piece))

    def lines(self) -> list[str]:
        rows: list[list[grid.Cell]] = []
        taken: set[tuple[int, int]] = set()
        split = len(self._ys) - 1 < _FEW_BANDS
        for row in range(len(self._ys) - 1):
            cells: list[tuple[list[tuple[Word, Piece]], int, int]] = []
            for column in range(len(self._xs) - 1):
                if (row, column) not in taken:
                    across, down = self._extent(row, column, taken)
                    spots = [(row + y, column + x) for y in range(down) for x in range(across)]
                    taken.update(spots)
                    cells.append(([pair for spot in spots for pair in self._words.get(spot, [])], across, down))
            rows += self._divided(cells) if split else [[grid.Cell(self._text(w), a, d) for w, a, d in cells]]
        return grid.table(rows)

    def _extent(self, row: int, column: int, taken: set[tuple[int, int]]) -> tuple[int, int]:
        """How many columns and rows the cell covers that begins here."""
        across = down = 1
        while (
            column + across < len(self._xs) - 1
            and (row, column + across) not in taken
            and not self._wall(row, column + across)
        ):
            across += 1
        while row + down < len(self._ys) - 1 and not self._floor(row + down, column):
            down += 1
        return across, down

    def _wall(self, row: int, x: int) -> bool:
        """Whether a line is drawn left of a column in a row."""
        middle = (self._ys[row] + self._ys[row + 1]) / 2
        return any(abs(line.x0 - self._xs[x]) <= _NEAR and line.top <= middle <= line.bottom for line in self._net.down)

    def _floor(self, y: int, column: int) -> bool:
        middle = (self._xs[column] + self._xs[column + 1]) / 2
        return any(abs(line.top - self._ys[y]) <= _NEAR and line.x0 <= middle <= line.x1 for line in self._net.across)

    def _text(self, words: list[tuple[Word, Piece]]) -> str:
        text = ""
        for line in _by_line(words):
            text = hyphens.joined(text, line, self._known) if text else line
        return text

    def _divided(self, cells: list[tuple[list[tuple[Word, Piece]], int, int]]) -> list[list[grid.Cell]]:
        """The rows of a table whose rows no lines divide: each begins with a line in the first column."""
        bases = sorted({round(piece.base) for words, _, _ in cells[:1] for _, piece in words})
        others = {round(piece.base) for words, _, _ in cells[1:] for _, piece in words}
        if len(bases) < 3 or sum(any(abs(base - other) <= _NEAR for other in others) for base in bases) < 0.8 * len(
            bases
        ):
            return [[grid.Cell(self._text(words), across, down) for words, across, down in cells]]
        found = []
        for n, base in enumerate(bases):
            end = bases[n + 1] if n + 1 < len(bases) else float("inf")
            low = base - _NEAR if n else float("-inf")
            rows = [([p for p in words if low <= p[1].base < end - _NEAR], across) for words, across, _ in cells]
            found.append([grid.Cell(self._text(words), across) for words, across in rows])
        return found


def _by_line(words: list[tuple[Word, Piece]]) -> list[str]:
    ordered = sorted(words, key=lambda pair: pair[1].base)
    lines: list[tuple[float, list[tuple[Word, Piece]]]] = []
    for word, piece in ordered:
        if lines and piece.base - lines[-1][0] <= piece.em * 0.4:
            lines[-1][1].append((word, piece))
        else:
            lines.append((piece.base, [(word, piece)]))
    return [" ".join(word.text for word, _ in sorted(line, key=lambda pair: pair[0].x0)) for _, line in lines]


def _band(edges: list[float], at: float) -> int:
    for i in range(len(edges) - 1):
        if at < edges[i + 1]:
            return i
    return max(0, len(edges) - 2)


def aligned(rows: Sequence[Sequence[Piece]], known: set[str]) -> list[str] | None:
    """The lines of a table whose cells stand in columns without lines between them; None if it is no table."""
    columns = _columns(rows)
    if len(columns) < 2 or len(rows) < (2 if len(columns) > 2 else 3):
        return None
    grid_rows: list[list[str]] = []
    for row in rows:
        cells = [""] * len(columns)
        for piece in row:
            at = next((i for i, (x0, x1) in enumerate(columns) if piece.x0 <= x1 and x0 <= piece.x1), 0)
            cells[at] = f"{cells[at]} {piece.text}".strip()
        if (
            grid_rows
            and not cells[0]
            and len([cell for cell in cells if cell]) < len(columns)
            and _goes_on(row, columns)
        ):
            above = grid_rows[-1]
            grid_rows[-1] = [
                hyphens.joined(a, b, known) if a and b else a or b for a, b in zip(above, cells, strict=True)
            ]
        else:
            grid_rows.append(cells)
    full = sum(1 for cells in grid_rows if sum(map(bool, cells)) >= 2)
    return grid.plain(grid_rows) if full >= 2 and full >= 0.6 * len(grid_rows) else None


def _goes_on(row: Sequence[Piece], columns: list[tuple[float, float]]) -> bool:
    """Whether a row without first cell continues the one above, rather than being a group below it."""
    return len(row) < len(columns)


def _columns(rows: Sequence[Sequence[Piece]]) -> list[tuple[float, float]]:
    """The places of the columns: what the words of all rows cover."""
    spans: list[tuple[float, float]] = []
    for x0, x1 in sorted((piece.x0, piece.x1) for row in rows for piece in row):
        if spans and x0 <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], x1))
        else:
            spans.append((x0, x1))
    return spans
