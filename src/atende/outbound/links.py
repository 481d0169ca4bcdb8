"""Links in texts, found by the parsers of Markdown and HTML, and as chat applications find them.

The parsers are imported for the first text that may have a link: they take 6 MB, and most processes meet few.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from atende.core.knowledge.screening import Link, Links

_HARMLESS = frozenset({"alt", "class", "colspan", "dir", "height", "id", "lang", "name", "rowspan", "title", "width"})
"""Attributes that lead nowhere. Each other one is taken for a reference."""
_ACTIVE = frozenset(
    {
        "applet",
        "audio",
        "base",
        "embed",
        "form",
        "frame",
        "frameset",
        "iframe",
        "input",
        "link",
        "math",
        "meta",
        "object",
        "picture",
        "script",
        "source",
        "style",
        "svg",
        "template",
        "track",
        "video",
    }
)
_SKELETON = frozenset({"html", "head", "body"})  # which the parser adds
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_BARE = re.compile(
    r"""(?:[a-z][a-z0-9+.-]*:)?[/\\]{2}[^\s<>"'`]+     # https://..., //..., and what browsers read as that
    |\b(?:javascript|vbscript|data|blob|file|intent|tel|sms|mailto|geo|facetime|skype|tg|whatsapp):[^\s<>"'`]+
    |[\w.+-]+@[\w-]+(?:\.[\w-]+)+                      # a mail address
    |(?<![\w@.])\w[\w-]*(?:\.\w[\w-]*)*\.[^\W\d_]{2,24}\b(?:[:/?\#][^\s<>"'`]*)?  # a host, with a path or not
    |(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:[:/][^\s<>"'`]*)""",
    re.IGNORECASE | re.VERBOSE,
)
_SIGNS = re.compile(r"[<\[&@\\]|//|\w\.\w|:\S")
"""Without one of these, no text leads anywhere."""
_END = ".,;:!?)]}>*_~\"'"


class ParsedLinks(Links):
    """Each reading of a text counts: as it stands, without invisible characters, and with its entities resolved."""

    @cached_property
    def _markdown(self) -> Any:
        from markdown_it import MarkdownIt

        return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

    def of(self, text: str) -> list[Link]:
        if not _SIGNS.search(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text))):
            return []  # nearly all sentences: the parsers take a hundred times as long
        found: dict[Link, None] = {}
        for reading in _readings(text):
            for link in (*self._in_markdown(reading), *_in_html(reading), *_bare(reading)):
                found[link] = None
        return list(found)

    def _in_markdown(self, text: str) -> Iterator[Link]:
        environment: dict[str, dict[str, dict[str, str]]] = {}
        for token in self._markdown.parse(text, environment):
            yield from _of_token(token)
        for reference in environment.get("references", {}).values():
            yield _link(str(reference.get("href", "")), hidden=True)


def _readings(text: str) -> dict[str, None]:
    seen = _INVISIBLE.sub("", text)
    plain = html.unescape(seen)
    return dict.fromkeys((text, seen, plain, html.unescape(plain), unicodedata.normalize("NFKC", plain)))


def _of_token(token: Any) -> Iterator[Link]:
    children = token.children or []
    for n, child in enumerate(children):
        if child.type == "image":
            yield _link(str(child.attrs.get("src", "")), hidden=True)
            yield from _of_token(child)
        elif child.type == "link_open":
            target = str(child.attrs.get("href", ""))
            seen = children[n + 1].content if n + 1 < len(children) else ""
            yield _link(target, hidden=target != seen or child.info != "auto")


def _in_html(text: str) -> Iterator[Link]:
    if "<" not in text:
        return
    from selectolax.lexbor import LexborHTMLParser

    root = LexborHTMLParser(text).root
    for node in root.traverse() if root is not None else ():
        tag = str(node.tag or "").lower()
        if tag in _ACTIVE:
            yield Link(tag, None, hidden=True)
        if tag in _SKELETON and not node.attributes:
            continue
        for name, value in node.attributes.items():
            if name.lower() in {"href", "src"} and tag in {"a", "img"}:
                yield _link(value or "", hidden=True)
            elif name.lower() not in _HARMLESS and not _is_autolink(tag):
                yield Link(f"{name}={value or ''}", None, hidden=True)


def _is_autolink(tag: str) -> bool:
    """Markdown's <https://example.org>, which an HTML parser takes for an element."""
    return tag.startswith(("http:", "https:"))


def _bare(text: str) -> Iterator[Link]:
    for match in _BARE.finditer(text):
        yield _link(match.group().rstrip(_END), hidden=False)


def _link(url: str, *, hidden: bool) -> Link:
    return Link(url, host_of(url), hidden)


def host_of(url: str) -> str | None:
    """None unless every program reads the same host: no user, no backslash, no other scheme than http and https."""
    plain = url.strip().lower()
    if re.search(r"[\\\s\x00-\x1f\x7f]", plain):
        return None
    if re.fullmatch(r"[\w.+-]+@[\w.-]+", plain):
        plain = plain.rpartition("@")[2]
    if plain.startswith("//"):
        plain = f"https:{plain}"
    elif not re.match(r"[a-z][a-z0-9+-]*:", plain):
        plain = f"https://{plain}"
    elif not re.match(r"https?://[^/]", plain):
        return None
    try:
        parts = urlsplit(plain)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if "@" in parts.netloc or (port is not None and port not in {80, 443}) or not _HOST.fullmatch(host):
        return None
    return host
