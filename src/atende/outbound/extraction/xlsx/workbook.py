"""Reading Excel workbooks (XLSX) as tables. Runs in the child process (see child.py)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from atende.outbound.extraction import grid
from atende.outbound.extraction.errors import Refused
from atende.outbound.extraction.flow import Flow
from atende.outbound.extraction.package import Package, related
from atende.outbound.extraction.result import Read
from atende.outbound.extraction.xlsx.sheet import Sheet, read_sheet, text_of
from atende.outbound.extraction.xlsx.styles import Formats

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_DEFAULT_NAME = re.compile(r"(?:sheet|planilha|plan|hoja|folha|tabelle|worksheet) ?\d*$", re.IGNORECASE)


@dataclass(slots=True)
class _Notes:
    hidden_sheets: list[str] = field(default_factory=list)
    hidden_lines: int = 0
    struck: int = 0
    uncounted: int = 0

    def sentences(self) -> list[str]:
        found = []
        if self.hidden_sheets:
            found.append(f"Hidden sheets were left out: {', '.join(self.hidden_sheets[:5])}.")
        if self.hidden_lines:
            found.append(f"Hidden rows and columns were left out: {self.hidden_lines}.")
        if self.struck:
            found.append(f"Cells whose text is struck through were left out: {self.struck}.")
        if self.uncounted:
            found.append(
                f"{self.uncounted} formulas have no stored result and were left out. Save the file in a spreadsheet program."
            )
        return found


def xlsx(data: bytes, language: str) -> Read:
    """Each visible sheet, its tables divided by empty rows or columns. Raises Refused."""
    package = Package(data)
    book = package.xml("xl/workbook.xml")
    if book is None:
        raise Refused("The file is not an Excel workbook that can be read. Save it again as XLSX and send it again.")
    settings = book.find(f"{_S}workbookPr")
    from_1904 = settings is not None and settings.get("date1904") in {"1", "true"}
    formats = Formats(package.xml("xl/styles.xml"), comma=language != "en", from_1904=from_1904)
    strings = [text_of(one) for one in _children(package.xml("xl/sharedStrings.xml"))]
    parts, flow, notes = related(package, "xl/workbook.xml"), Flow(), _Notes()
    sheets = list(book.iter(f"{_S}sheet"))
    cells = 0
    for one in sheets:
        name, part = one.get("name") or "", parts.get(one.get(_ID) or "", "")
        if one.get("state") in {"hidden", "veryHidden"}:
            notes.hidden_sheets.append(name)
        elif part in package and "chartsheet" not in part:
            sheet = read_sheet(package.bytes(part), strings, formats, room=grid.MAX_CELLS - cells)
            cells += sum(map(len, sheet.rows.values()))
            _write(flow, name if len(sheets) > 1 or not _DEFAULT_NAME.match(name) else "", sheet)
            notes.hidden_lines += sheet.hidden
            notes.struck += sheet.struck
            notes.uncounted += sheet.uncounted
    metadata = package.metadata()
    metadata.pop("pages", None)
    return Read([flow.text()], metadata=dict(metadata), notes=notes.sentences())


def _write(flow: Flow, name: str, sheet: Sheet) -> None:
    blocks = [lines for block in _blocks(sheet.rows) if (lines := grid.plain(block))]
    if blocks and name:
        flow.heading(name)
    for lines in blocks:
        flow.table(lines)


def _blocks(rows: dict[int, dict[int, str]]) -> Iterator[list[list[str]]]:
    """The tables of a sheet: what is divided by an empty row or an empty column."""
    run: list[int] = []
    for y in [*sorted(y for y, row in rows.items() if any(row.values())), None]:
        if run and (y is None or y > run[-1] + 1):
            yield from _side_by_side([rows[at] for at in run])
            run = []
        if y is not None:
            run.append(y)


def _side_by_side(rows: list[dict[int, str]]) -> Iterator[list[list[str]]]:
    used = sorted({x for row in rows for x, text in row.items() if text})
    start = 0
    for i in range(1, len(used) + 1):
        if i == len(used) or (used[i] > used[i - 1] + 1 and _divides(rows, used[start:i], used[i:])):
            yield [[row.get(x, "") for x in used[start:i]] for row in rows]
            start = i


def _divides(rows: list[dict[int, str]], left: list[int], right: list[int]) -> bool:
    """Whether an empty column parts two tables, rather than standing inside one whose titles span it."""
    return len(left) > 1 and len(right) > 1 and len(rows) > 1


def _children(root: Element | None) -> list[Element]:
    return list(root) if root is not None else []
