"""Tables as text: one line for each row, cells divided by ` | `, the names of the columns in the first line."""

from collections.abc import Sequence
from dataclasses import dataclass

from atende.outbound.extraction.errors import Refused

MAX_CELLS = 400_000
EMPTY = "-"
"""Stands for an empty cell, so that every row has as many cells as the first."""

_TOO_MANY = f"The file has a table of more than {MAX_CELLS} cells. Send it in parts."


@dataclass(frozen=True, slots=True)
class Cell:
    """`across` and `down`: how many columns and rows it covers. `names`: whether it names a column, if the file says so."""

    text: str
    across: int = 1
    down: int = 1
    names: bool | None = None


def table(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """The lines of a table. A cell that covers several is repeated in each, a second row of column names is joined to the first,
    and a row of one cell above the names is a title: a line of its own.
    """
    grid = _without_empty(_spread(rows))
    if not grid or not grid[0]:
        return []
    if len(grid[0]) == 1:
        return [row[0] for row in grid]
    titles = 0
    while titles < len(grid) - 1 and _is_title(grid[titles]):
        titles += 1
    lines = [_distinct(row)[0] for row in grid[:titles]]
    body = grid[titles:]
    if _are_fields(body):
        return lines + [f"{row[0].rstrip(': ')}: {' '.join(filter(None, row[1:]))}" for row in body]
    if _has_two_headers(rows, titles):
        body = _one_header(body)
    return [*lines, *([""] if lines else []), *(" | ".join(cell or EMPTY for cell in row) for row in body)]


def plain(rows: Sequence[Sequence[str]]) -> list[str]:
    return table([[Cell(text) for text in row] for row in rows])


def _spread(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """One text for each place of the grid."""
    grid: list[dict[int, str]] = [{} for _ in rows]
    filled = 0
    for y, row in enumerate(rows):
        x = 0
        for cell in row:
            while x in grid[y]:
                x += 1
            text = clean(cell.text)
            for down in range(min(cell.down, len(rows) - y)):
                for across in range(cell.across):
                    grid[y + down][x + across] = text
                    filled += 1
            if filled > MAX_CELLS:
                raise Refused(_TOO_MANY)
            x += cell.across
    width = max((max(row) + 1 for row in grid if row), default=0)
    if width * len(grid) > MAX_CELLS * 4:
        raise Refused(_TOO_MANY)
    return [[row.get(x, "") for x in range(width)] for row in grid]


def clean(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


def _without_empty(grid: list[list[str]]) -> list[list[str]]:
    rows = [row for row in grid if any(row)]
    used = [x for x in range(len(rows[0]) if rows else 0) if any(row[x] for row in rows)]
    return [[row[x] for x in used] for row in rows]


def _distinct(row: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, row)))


def _is_title(row: Sequence[str]) -> bool:
    """Whether it has a single text, which covers all columns or stands in the first of at least three."""
    filled = [x for x, text in enumerate(row) if text]
    return len(_distinct(row)) == 1 and (len(filled) == len(row) or (len(row) > 2 and filled == [0]))


def _are_fields(rows: Sequence[Sequence[str]]) -> bool:
    """Whether it is a form rather than a table: the first of two columns holds labels with colons."""
    return len(rows[0]) == 2 and 2 * sum(row[0].endswith(":") for row in rows) > len(rows)


def _has_two_headers(rows: Sequence[Sequence[Cell]], titles: int) -> bool:
    """Whether the names of the columns take two rows."""
    filled = [row for row in rows if any(cell.text.strip() for cell in row)][titles:]
    if len(filled) < 3 or any(cell.names is False for cell in filled[1]):
        return False
    return any(cell.across > 1 for cell in filled[0])


def _one_header(rows: list[list[str]]) -> list[list[str]]:
    joined = [" ".join(dict.fromkeys(filter(None, pair))) for pair in zip(rows[0], rows[1], strict=True)]
    return [joined, *rows[2:]]
