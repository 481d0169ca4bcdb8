"""Turning Markdown into plain text. Runs in the child process (see child.py)."""

import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from atende.outbound.extraction import grid
from atende.outbound.extraction.flow import FENCE
from atende.outbound.extraction.html import fragment
from atende.outbound.extraction.result import MAX_FIELD

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^(title|author)[ \t]*:[ \t]*(.+)$", re.MULTILINE | re.IGNORECASE)
_STRUCK = re.compile(r"</?(?:s|del|strike)\s*>", re.IGNORECASE)


def markdown(text: str) -> tuple[str, dict[str, Any]]:
    """Plain text (a line per heading and table row, dashes for list items, only the text of links), title and author if given."""
    metadata: dict[str, Any] = {}
    if front := _FRONT_MATTER.match(text):
        fields = _FIELD.findall(front.group(1) or "")
        metadata = {name.lower(): value.strip(" \"'")[:MAX_FIELD] for name, value in fields}
        text = text[front.end() :]
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    if title := _first_heading(tokens):
        metadata.setdefault("title", title)
    return _Reading().of(tokens), metadata


def _first_heading(tokens: list[Token]) -> str | None:
    for i, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            return _inline(tokens[i + 1]).strip()[:MAX_FIELD] or None
    return None


class _Reading:
    """Converts the tokens of one document."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._next_number: list[int | None] = []
        self._after_mark = False
        self._rows: list[list[str]] | None = None

    def of(self, tokens: list[Token]) -> str:
        steps = {
            "bullet_list_open": self._open_list, "ordered_list_open": self._open_list,
            "bullet_list_close": self._close_list, "ordered_list_close": self._close_list,
            "list_item_open": self._open_item, "tr_open": self._open_row, "table_open": self._open_table,
            "inline": self._words, "fence": self._as_is, "code_block": self._as_is, "html_block": self._html,
            "paragraph_open": self._open_block, "heading_open": self._open_block,
            "hr": self._open_block, "heading_close": self._close_block, "table_close": self._close_table,
        }  # fmt: skip
        for token in tokens:
            if step := steps.get(token.type):
                step(token)
        return "".join(self._parts)

    def _open_list(self, token: Token) -> None:
        self._next_number.append(int(token.attrGet("start") or 1) if token.type == "ordered_list_open" else None)

    def _close_list(self, _token: Token) -> None:
        self._next_number.pop()
        self._parts.append("" if self._next_number else "\n\n")

    def _open_item(self, _token: Token) -> None:
        number = self._next_number[-1]
        if number is not None:
            self._next_number[-1] = number + 1
        self._parts.append("\n- " if number is None else f"\n{number}. ")
        self._after_mark = True

    def _open_table(self, _token: Token) -> None:
        self._rows = []

    def _open_row(self, _token: Token) -> None:
        if self._rows is not None:
            self._rows.append([])

    def _close_table(self, _token: Token) -> None:
        self._parts.append("\n\n" + "\n".join(grid.plain(self._rows or [])) + "\n\n")
        self._rows = None

    def _words(self, token: Token) -> None:
        if self._rows is not None:
            self._rows[-1].append(_inline(token))
        else:
            self._parts.append(_inline(token))

    def _as_is(self, token: Token) -> None:
        lines = token.content.replace(FENCE, "'''").strip("\n")
        self._parts.append(f"\n\n{FENCE}\n{lines}\n{FENCE}\n\n" if lines.strip() else "")

    def _html(self, token: Token) -> None:
        self._parts.append(f"\n\n{fragment(token.content)}\n\n")

    def _open_block(self, _token: Token) -> None:
        self._parts.append("" if self._after_mark else "\n" if self._next_number else "\n\n")
        self._after_mark = False

    def _close_block(self, _token: Token) -> None:
        self._parts.append("\n\n")


def _inline(token: Token) -> str:
    """The words of a line, without those that are struck through."""
    parts, struck = [], 0
    for child in token.children or []:
        content = child.content
        if child.type in {"s_open", "s_close"} or (child.type == "html_inline" and _STRUCK.fullmatch(content)):
            struck = max(0, struck + (-1 if child.type == "s_close" or content.startswith("</") else 1))
        elif struck:
            continue
        elif child.type in {"text", "code_inline", "image"}:
            parts.append(content)
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak" or (child.type == "html_inline" and content.lower().startswith("<br")):
            parts.append("\n")
    return "".join(parts)
