"""Turning HTML into text as a browser shows it. Runs in the child process (see child.py)."""

import re
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from atende.core.language.text import normalise
from atende.outbound.extraction import grid
from atende.outbound.extraction.decoding import decoded
from atende.outbound.extraction.flow import Flow
from atende.outbound.extraction.result import MAX_FIELD, Read

_DEEPEST = 150
"""Elements nested deeper are read as plain text."""
_UNSEEN = frozenset({
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "head", "datalist", "audio", "video",
})  # fmt: skip
_STRUCK = frozenset({"s", "strike", "del"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "legend", "li", "main", "nav", "ol", "p", "section",
    "summary", "table", "td", "th", "tr", "ul",
})  # fmt: skip
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])", re.IGNORECASE
)
_STRIKING = re.compile(r"text-decoration[^;]*:[^;]*line-through", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_UTF_8 = frozenset({"utf-8", "utf8", "unicode-1-1-utf-8"})
_OLD = frozenset({"iso-8859-1", "latin1", "windows-1252", "cp1252", "us-ascii", "ascii", "iso-8859-15"})
_SPACES = re.compile(r"[ \t\r\n\f]+")


def html(data: bytes) -> Read:
    """Raises Refused."""
    text, notes = _decoded(data)
    tree = LexborHTMLParser(text)
    reading = _Reading()
    if tree.body is not None:
        reading.block(tree.body, 0)
        reading.end_block()
    if reading.hidden:
        notes.append(f"Text that the page hides was left out: {reading.hidden} words.")
    return Read([reading.flow.text()], metadata=_metadata(tree), notes=notes)


def fragment(text: str) -> str:
    """The text of a piece of HTML."""
    reading, body = _Reading(), LexborHTMLParser(text).body
    if body is not None:
        reading.block(body, 0)
        reading.end_block()
    return reading.flow.text()


def _decoded(data: bytes) -> tuple[str, list[str]]:
    declared = _CHARSET.search(data[:4096])
    name = declared.group(1).decode().lower() if declared else ""
    if name in _OLD:
        try:
            return data.decode("utf-8"), []  # what it says of itself is often wrong; valid UTF-8 never is by chance
        except UnicodeDecodeError:
            return data.decode("cp1252", errors="replace"), []
    return decoded(data)


def _metadata(tree: LexborHTMLParser) -> dict[str, Any]:
    found: dict[str, Any] = {}
    title = tree.css_first("title") or tree.css_first("h1")
    if title is not None and (text := normalise(title.text()).replace("\n", " ")):
        found["title"] = text[:MAX_FIELD]
    for node in tree.css("meta[name][content]"):
        name, content = (node.attributes.get("name") or "").lower(), normalise(node.attributes.get("content") or "")
        if name == "author" and content:
            found["author"] = content[:MAX_FIELD]
        elif name in {"date", "dcterms.created", "dc.date"} and re.match(r"\d{4}-\d\d-\d\d", content):
            found["created_date"] = content[:10]
    return found


class _Reading:
    """Walks through the elements of one page."""

    def __init__(self) -> None:
        self.flow = Flow()
        self.hidden = 0
        self._line: list[str] = []
        self._marks: list[str] = []
        self._heading = False
        self._numbers: list[int | None] = []

    def block(self, node: LexborNode, depth: int) -> None:
        """The children of an element."""
        child = node.child
        while child is not None:
            self._visit(child, depth + 1)
            child = child.next

    def end_block(self) -> None:
        lines = [_SPACES.sub(" ", line).strip() for line in "".join(self._line).split("\x01")]
        text = "\n".join(line for line in lines if line)
        self._line.clear()
        if not text:
            return
        if self._heading:
            self.flow.heading(text)
        elif self._marks and self._marks[-1]:
            self.flow.item(text, self._marks[-1])
            self._marks[-1] = ""
        elif self._marks:
            self.flow.more(text)
        else:
            self.flow.paragraph(text)

    def _visit(self, node: LexborNode, depth: int) -> None:
        tag = node.tag or ""
        if tag == "-text":
            self._line.append(node.text_content or "")
        elif tag in _UNSEEN or tag.startswith(("-", "!")) or tag in _STRUCK:
            return
        elif depth > _DEEPEST:
            self._line.append(node.text(deep=True, separator=" "))
        elif _hides(node):
            self.hidden += len(node.text(deep=True, separator=" ").split())
        elif not _STRIKING.search(node.attributes.get("style") or ""):
            self._element(node, tag, depth)

    def _element(self, node: LexborNode, tag: str, depth: int) -> None:
        if tag == "br":
            self._line.append("\x01")
        elif tag in {"img", "input", "select", "textarea"}:
            self._line.append(f" {_shown(node, tag)} ")
        elif tag == "pre":
            self.end_block()
            self.flow.code(node.text(deep=True))
        elif tag == "table" and (rows := _data_rows(node)) is not None:
            self.end_block()
            self.flow.table(grid.table([[_cell(cell) for cell in row] for row in rows]))
        elif tag == "q":
            self._line.append("“")
            self.block(node, depth)
            self._line.append("”")
        elif tag in _BLOCKS:
            self.end_block()
            self._nested(node, tag, depth)
            self.end_block()
        else:
            self.block(node, depth)

    def _nested(self, node: LexborNode, tag: str, depth: int) -> None:
        if tag in {"ul", "ol", "dl"}:
            self._numbers.append(_number(node.attributes.get("start"), 1) if tag == "ol" else None)
            self.block(node, depth)
            self._numbers.pop()
        elif tag in {"li", "dd"}:
            self._marks.append(self._mark(node) if tag == "li" else "-")
            self.block(node, depth)
            self.end_block()
            self._marks.pop()
        else:
            self._heading = tag in _HEADINGS
            self.block(node, depth)
            self.end_block()
            self._heading = False

    def _mark(self, node: LexborNode) -> str:
        number = self._numbers[-1] if self._numbers else None
        if number is None:
            return "-"
        number = _number(node.attributes.get("value"), number)
        self._numbers[-1] = number + 1
        return f"{number}."


def _hides(node: LexborNode) -> bool:
    named = node.attributes
    return "hidden" in named or bool(_HIDING.search(named.get("style") or ""))


def _shown(node: LexborNode, tag: str) -> str:
    """What a browser shows of an image or a field of a form."""
    named = node.attributes
    if tag == "img":
        return named.get("alt") or ""
    if tag == "textarea":
        return node.text(deep=True)
    if tag == "select":
        options = node.css("option")
        chosen = [option for option in options if "selected" in option.attributes] or options[:1]
        return ", ".join(option.text(deep=True).strip() for option in chosen)
    kind = (named.get("type") or "text").lower()
    if kind in {"checkbox", "radio"}:
        return "[x]" if "checked" in named else "[ ]"
    return "" if kind in {"hidden", "password", "submit", "image", "file"} else named.get("value") or ""


def _data_rows(table: LexborNode) -> list[list[LexborNode]] | None:
    """The cells of a table, row by row; None if it only arranges the page."""
    if len(table.css("table")) > 1 or table.css_first("h1, h2, h3, h4") is not None:
        return None
    rows = [
        [cell for cell in row.iter() if cell.tag in {"td", "th"} and not _hides(cell)]
        for row in table.css("tr")
        if not _hides(row)
    ]
    return rows if any(len(row) > 1 for row in rows) and len(rows) > 1 else None


def _cell(node: LexborNode) -> grid.Cell:
    reading = _Reading()
    reading.block(node, 0)
    reading.end_block()
    text = re.sub(r"\n+(?:- )?", "; ", reading.flow.text()) if node.css_first("li") else reading.flow.text()
    across, down = (_number(node.attributes.get(name), 1) for name in ("colspan", "rowspan"))
    return grid.Cell(text, min(max(across, 1), 100), min(max(down, 1), 1_000), node.tag == "th")


def _number(value: str | None, default: int) -> int:
    return int(value) if value and value.strip().isdecimal() and len(value) < 7 else default
