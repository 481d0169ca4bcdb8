"""Reading CSV files as tables."""

import csv
import io
from collections import Counter

from atende.outbound.extraction import grid
from atende.outbound.extraction.errors import Refused

_DELIMITERS = ";,\t|"
_SAMPLE = 60


def delimited(text: str) -> str:
    """The rows of a CSV file, divided by commas, semicolons, tabs or bars. Raises Refused."""
    csv.field_size_limit(1_000_000)
    named = text[:6] == "sep=" + text[4:5] + "\n"
    delimiter = text[4] if named else _delimiter(text)
    rows, cells = [], 0
    try:
        for row in csv.reader(io.StringIO(text[6:] if named else text, newline=""), delimiter=delimiter):
            cells += len(row)
            if cells > grid.MAX_CELLS:
                raise Refused(f"The file has more than {grid.MAX_CELLS} cells. Send it in parts.")
            rows.append(row)
    except csv.Error as error:
        raise Refused("The file cannot be read as CSV: it may be damaged.") from error
    return "\n".join(grid.plain(rows))


def _delimiter(text: str) -> str:
    """The one that divides most lines into the same number of cells, more than one."""
    lines = text.splitlines()[:_SAMPLE]
    best, most = ",", (0, 0)
    for delimiter in _DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        except csv.Error:
            continue
        usual = max(((count, width) for width, count in widths.items() if width > 1), default=(0, 0))
        if usual > most:
            best, most = delimiter, usual
    return best
