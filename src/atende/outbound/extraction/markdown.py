"""Turning Markdown into plain text. Runs in the child process (see child.py)."""

import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MAX_FIELD = 300
_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^(title|author)[ \t]*:[ \t]*(.+)$", re.MULTILINE | re.IGNORECASE)
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|<[^<>]*>", re.DOTALL | re.IGNORECASE)


def markdown(text: str) -> tuple[str, dict[str, Any]]:
    """Plain text (a line per heading and table row, dashes for list items, only the text of links), title and author if given."""
    metadata: dict[str, Any] = {}
    if front := _FRONT_MATTER.match(text):
        fields = _FIELD.findall(front.group(1) or "")
        metadata = {name.lower(): value.strip(" \"'")[:_MAX_FIELD] for name, value in fields}
        text = text[front.end() :]
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    if title := _first_heading(tokens):
        metadata.setdefault("title", title)
    return _Reading().of(tokens), metadata


def _first_heading(tokens: list[Token]) -> str | None:
    for i, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            return _inline(tokens[i + 1]).strip()[:_MAX_FIELD] or None
    return None


class _Reading:
    """Converts the tokens of one document."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._next_number: list[int | None] = []
        self._after_mark = False
        self._first_cell = False

    def of(self, tokens: list[Token]) -> str:
        steps = {
            "bullet_list_open": self._open_list, "ordered_list_open": self._open_list,
            "bullet_list_close": self._close_list, "ordered_list_close": self._close_list,
            "list_item_open": self._open_item, "tr_open": self._open_row, "th_open": self._open_cell, "td_open": self._open_cell,
            "inline": self._words, "fence": self._as_is, "code_block": self._as_is, "html_block": self._html,
            "paragraph_open": self._open_block, "heading_open": self._open_block, "table_open": self._open_block,
            "hr": self._open_block, "heading_close": self._close_block, "table_close": self._close_block,
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

    def _open_row(self, _token: Token) -> None:
        self._first_cell = True
        self._parts.append("\n")

    def _open_cell(self, _token: Token) -> None:
        self._parts.append("" if self._first_cell else " | ")
        self._first_cell = False

    def _words(self, token: Token) -> None:
        self._parts.append(_inline(token))

    def _as_is(self, token: Token) -> None:
        self._parts.append(f"\n\n{token.content}\n\n")

    def _html(self, token: Token) -> None:
        self._parts.append(f"\n\n{_HIDDEN.sub(' ', token.content)}\n\n")

    def _open_block(self, _token: Token) -> None:
        self._parts.append("" if self._after_mark else "\n" if self._next_number else "\n\n")
        self._after_mark = False

    def _close_block(self, _token: Token) -> None:
        self._parts.append("\n\n")


def _inline(token: Token) -> str:
    parts = []
    for child in token.children or []:
        if child.type in {"text", "code_inline", "image"}:
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak" or (child.type == "html_inline" and child.content.lower().startswith("<br")):
            parts.append("\n")
    return "".join(parts)
