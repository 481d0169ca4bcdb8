"""An HTML page of the received mails, with links that can be opened in a browser."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Protocol

PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_LINK = re.compile(r"https?://[^\s<>\"']+")
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 44rem; padding: 0 1rem }
h1 { font-size: 1.3rem } h2 { font-size: 1.05rem; margin: 0 }
article { border: 1px solid #8886; border-radius: .6rem; margin: 1rem 0; padding: 1rem 1.2rem }
p { margin: .2rem 0 .8rem; color: GrayText } pre { margin: 0; font: inherit; white-space: pre-wrap; overflow-wrap: anywhere }
"""


class Shown(Protocol):
    @property
    def to(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def at(self) -> float: ...


def page_of(mails: Sequence[Shown]) -> bytes:
    """Newest first. The content of mails is escaped; only http and https addresses become links."""
    articles = "".join(map(_article, reversed(mails))) or "<p>No mail yet. This page reloads by itself.</p>"
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="refresh" content="5"><title>Mail</title><style>{_STYLE}</style></head>'
        f"<body><h1>Mail that was sent ({len(mails)})</h1><main>{articles}</main></body></html>"
    )
    return page.encode()


def _article(mail: Shown) -> str:
    when = datetime.fromtimestamp(mail.at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    head = f"<h2>{escape(mail.subject)}</h2><p>to {escape(mail.to)}, {when} UTC</p>"
    return f"<article>{head}<pre>{_linked(mail.text)}</pre></article>"


def _linked(text: str) -> str:
    parts, end = [], 0
    for found in _LINK.finditer(text):
        address = escape(found[0])
        parts += [escape(text[end : found.start()]), f'<a href="{address}">{address}</a>']
        end = found.end()
    return "".join([*parts, escape(text[end:])])
