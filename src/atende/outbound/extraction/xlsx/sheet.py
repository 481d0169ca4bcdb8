"""The cells of one worksheet."""

import io
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from atende.outbound.extraction.errors import Refused
from atende.outbound.extraction.grid import MAX_CELLS
from atende.outbound.extraction.xlsx.styles import Formats

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LAST_COLUMN = 16_384
_MOST_COVERED = 10_000


@dataclass(slots=True)
class Sheet:
    """The texts of the visible cells, by row and column; how much was left out."""

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden: int = 0
    struck: int = 0
    uncounted: int = 0
    last: int = 0
    hidden_columns: set[int] = field(default_factory=set)


def read_sheet(data: bytes, strings: list[str], formats: Formats, *, room: int) -> Sheet:
    """Raises Refused when it has more than `room` cells."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise Refused("The file holds XML with a document type, which no Office program writes; it may be malicious.")
    sheet = Sheet()
    try:
        for _, element in ET.iterparse(io.BytesIO(data)):  # noqa: S314 - without a document type there are no entities
            if element.tag == f"{_S}row":
                room -= _row(sheet, element, strings, formats)
                element.clear()
                if room < 0:
                    raise Refused(f"The workbook has more than {MAX_CELLS} cells. Send it in parts.")
            elif element.tag == f"{_S}col" and element.get("hidden") in {"1", "true"}:
                first, last = _int(element.get("min")), min(_int(element.get("max")), _LAST_COLUMN)
                sheet.hidden_columns |= set(range(first - 1, last))
            elif element.tag == f"{_S}mergeCell":
                _merge(sheet, element.get("ref") or "")
    except ET.ParseError as error:
        raise Refused("The file is damaged and cannot be opened. Save it again and send it again.") from error
    sheet.hidden += len(sheet.hidden_columns & {x for row in sheet.rows.values() for x in row})
    for row in sheet.rows.values():
        for x in sheet.hidden_columns & row.keys():
            del row[x]
    return sheet


def _row(sheet: Sheet, element: Element, strings: list[str], formats: Formats) -> int:
    """Stores the cells of a row, and returns how many it has."""
    y = sheet.last = _int(element.get("r")) or sheet.last + 1
    cells: dict[int, str] = {}
    if element.get("hidden") in {"1", "true"}:
        sheet.hidden += any(cell.find(f"{_S}v") is not None for cell in element)
        return len(element)
    for cell in element:
        reference = cell.get("r") or ""
        x = _column(reference) if reference else max(cells, default=-1) + 1
        style = _int(cell.get("s"))
        text = _cell(cell, strings, formats, style)
        if text and formats.is_struck(style):
            sheet.struck += 1
        elif text:
            cells[x] = text
        elif cell.find(f"{_S}f") is not None and cell.find(f"{_S}v") is None:
            sheet.uncounted += 1
    if cells:
        sheet.rows[y] = cells
    return len(element)


def _cell(cell: Element, strings: list[str], formats: Formats, style: int) -> str:
    kind, value = cell.get("t") or "n", cell.findtext(f"{_S}v") or ""
    if kind == "s":
        return strings[int(value)] if value.isdecimal() and int(value) < len(strings) else ""
    if kind == "inlineStr":
        inline = cell.find(f"{_S}is")
        return text_of(inline) if inline is not None else ""
    if kind == "b":
        return "TRUE" if value == "1" else "FALSE"
    return formats.number(value, style) if kind == "n" and value else value


def text_of(element: Element) -> str:
    """A text, without readings of Asian signs and without what is struck through."""
    parts = []
    for child in element:
        if child.tag == f"{_S}t":
            parts.append(child.text or "")
        elif child.tag == f"{_S}r":
            strike = child.find(f"{_S}rPr/{_S}strike")
            if strike is None or strike.get("val") in {"0", "false"}:
                parts.append(child.findtext(f"{_S}t") or "")
    return "".join(parts).replace("_x000D_", "")


def _merge(sheet: Sheet, reference: str) -> None:
    """Repeats the text of merged cells in each of them."""
    first, _, last = reference.partition(":")
    (x0, y0), (x1, y1) = (_column(first), _line(first)), (_column(last), _line(last))
    text = sheet.rows.get(y0, {}).get(x0, "")
    if not text or (x1 - x0 + 1) * (y1 - y0 + 1) > _MOST_COVERED:
        return
    for y in range(y0, y1 + 1):
        row = sheet.rows.setdefault(y, {}) if y in sheet.rows or x0 == x1 else None
        for x in range(x0, x1 + 1) if row is not None else ():
            row[x] = text  # type: ignore[index]


def _column(reference: str) -> int:
    number = 0
    for letter in reference:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return min(number, _LAST_COLUMN) - 1


def _line(reference: str) -> int:
    return _int(reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz$"))


def _int(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0
