"""Reading Word documents (DOCX). Runs in the child process (see child.py)."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from atende.outbound.extraction import grid
from atende.outbound.extraction.docx.runs import Runs
from atende.outbound.extraction.docx.styles import Numbering, Styles, W, numbered, outline, value
from atende.outbound.extraction.errors import Refused
from atende.outbound.extraction.flow import Flow
from atende.outbound.extraction.package import Package
from atende.outbound.extraction.result import Read

_MAIN = ("word/document.xml", "word/document2.xml")
_PAGE_NUMBER = re.compile(r"\W*(?:p[aá]g(?:ina|e)?\.?|page)?\W*\d*\W*(?:de|of|/)?\W*\d*\W*$", re.IGNORECASE)
_WRAPPERS = frozenset({f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}moveTo", f"{W}customXml", f"{W}smartTag"})


def docx(data: bytes) -> Read:
    """Body, text boxes and footnotes where they belong; headers and footers once, at the end. Raises Refused."""
    package = Package(data)
    name = next((name for name in _MAIN if name in package), None)
    root = package.xml(name) if name else None
    body = root.find(f"{W}body") if root is not None else None
    if body is None:
        raise Refused("The file is not a Word document that can be read. Save it again as DOCX and send it again.")
    reading = _Reading(package)
    reading.blocks(body)
    reading.margins()
    return Read([reading.flow.text()], metadata=package.metadata(), notes=reading.notes())


class _Reading:
    """Walks through the blocks of one document."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self.flow = Flow()
        self._styles = Styles(package.xml("word/styles.xml"))
        self._numbering = Numbering(package.xml("word/numbering.xml"))
        self._runs = Runs(self._styles)
        self._footnotes = {
            kind: {value(one, "id") or "": one for one in _children(package.xml(f"word/{kind}s.xml"))}
            for kind in ("footnote", "endnote")
        }
        self._code: list[str] = []

    def blocks(self, parent: Element) -> None:
        for child in parent:
            if child.tag == f"{W}p":
                self._paragraph(child)
            elif child.tag == f"{W}tbl":
                self._end_code()
                self._table(child)
            elif child.tag in _WRAPPERS and child.find(f"{W}sdtPr/{W}showingPlcHdr") is None:
                self.blocks(child)
        self._end_code()

    def margins(self) -> None:
        """Headers and footers, without page numbers."""
        seen: set[str] = set()
        for name in self._package.names("word/header") + self._package.names("word/footer"):
            root = self._package.xml(name) if name.endswith(".xml") else None
            for paragraph in root.iter(f"{W}p") if root is not None else ():
                text = " ".join(self._runs.text(paragraph, self._styles.get(None)).split())
                if text and text not in seen and not _PAGE_NUMBER.match(text):
                    seen.add(text)
                    self.flow.paragraph(text)
        self._runs.boxes.clear()

    def notes(self) -> list[str]:
        runs, found = self._runs, []
        if runs.hidden:
            found.append(f"Hidden text was left out: {runs.hidden} words.")
        if runs.struck:
            found.append(f"Text that is struck through was left out: {runs.struck} words.")
        if runs.deleted:
            found.append("The document has tracked changes: it was read as if they were all accepted.")
        return found

    def _paragraph(self, element: Element) -> None:
        form = element.find(f"{W}pPr")
        style = self._styles.get(value(form.find(f"{W}pStyle")) if form is not None else None)
        text = self._runs.text(element, style)
        listed = numbered(form) or style.numbering
        if style.code and not listed:
            self._code += text.split("\n")
            return
        self._end_code()
        mark = self._numbering.mark(*listed) if listed and text.strip() else None
        if style.heading or outline(form):
            self.flow.heading(f"{mark} {text}" if mark and mark != "-" else text)
        elif mark:
            self.flow.item(text, mark)
        else:
            self.flow.paragraph(text)
        self._anchored()

    def _anchored(self) -> None:
        """The text boxes and footnotes of the last paragraph."""
        boxes, self._runs.boxes = self._runs.boxes, []
        for box in boxes:
            self.blocks(box)
        footnotes, self._runs.footnotes = self._runs.footnotes, []
        for kind, number in footnotes:
            if (note := self._footnotes[kind].get(number)) is not None:
                self.blocks(note)

    def _end_code(self) -> None:
        lines, self._code = self._code, []
        if lines:
            self.flow.code("\n".join(lines))

    def _table(self, table: Element) -> None:
        rows = [list(_cells(row)) for row in _rows(table)]
        if len(rows) == 1 or all(len(row) <= 1 for row in rows):
            for row in rows:  # it arranges the page
                for cell, _ in row:
                    self.blocks(cell)
            return
        self.flow.table(grid.table(self._merged(rows)))
        self._anchored()

    def _merged(self, rows: list[list[tuple[Element, int]]]) -> list[list[grid.Cell]]:
        """The cells; one that goes on below is repeated there."""
        found: list[list[grid.Cell]] = []
        above: dict[int, str] = {}
        for row in rows:
            cells, x = list[grid.Cell](), 0
            for cell, across in row:
                merge = cell.find(f"{W}tcPr/{W}vMerge")
                goes_on = merge is not None and value(merge) != "restart"
                text = above.get(x, "") if goes_on else self._cell(cell)
                above[x] = text
                cells.append(grid.Cell(text, across))
                x += across
            found.append(cells)
        return found

    def _cell(self, cell: Element) -> str:
        parts = []
        for child in cell.iter():
            if child.tag == f"{W}p":
                form = child.find(f"{W}pPr")
                style = self._styles.get(value(form.find(f"{W}pStyle")) if form is not None else None)
                text = self._runs.text(child, style).strip()
                listed = numbered(form) or style.numbering
                mark = self._numbering.mark(*listed) if listed and text else None
                parts.append(f"{mark} {text}" if mark and mark != "-" else text)
        return " ".join(filter(None, parts))


def _rows(table: Element) -> Iterator[Element]:
    for child in table:
        if child.tag == f"{W}tr" and child.find(f"{W}trPr/{W}del") is None:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _rows(child)


def _cells(row: Element) -> Iterator[tuple[Element, int]]:
    """The cells of a row, and how many columns each covers."""
    for child in row:
        if child.tag == f"{W}tc":
            across = value(child.find(f"{W}tcPr/{W}gridSpan")) or "1"
            yield child, min(max(int(across), 1), 100) if across.isdecimal() else 1
        elif child.tag in _WRAPPERS:
            yield from _cells(child)


def _children(root: Element | None) -> list[Element]:
    return list(root) if root is not None else []
