"""A report in one HTML file: figures with their intervals, plots, and what went wrong. It loads nothing from elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from math import sqrt
from pathlib import Path

_Z = 1.96
_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d5dbe3; --mark: #2563a8; --paper: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaf0; --soft: #9aa6b5; --line: #384354; --mark: #7db4f0; --paper: #141a22;
} }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem;
  font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
p.lead, figcaption, dt { color: var(--soft); }
.wide { overflow-x: auto; } figure { margin: 1rem 0; } svg { width: 100%; height: auto; max-width: 40rem; display: block; }
table { border-collapse: collapse; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line);
  text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
details { border-bottom: 1px solid var(--line); padding: .4rem 0; } summary { cursor: pointer; overflow-wrap: anywhere; }
dl { margin: .4rem 0 .4rem 1rem; } dd { margin: 0 0 .5rem; white-space: pre-wrap; overflow-wrap: anywhere; }
svg text { font: 12px system-ui, sans-serif; fill: currentColor; }
.bar { fill: var(--mark); } .axis, .whisker { stroke: currentColor; }
"""


def interval(hits: int, of: int) -> tuple[float, float]:
    """The Wilson interval of a share: with a probability of 95 % the true one is within."""
    if not of:
        return 0.0, 1.0
    share, square = hits / of, _Z * _Z / of
    middle = (share + square / 2) / (1 + square)
    half = _Z * sqrt(share * (1 - share) / of + square / (4 * of)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    of: int

    def __str__(self) -> str:
        if not self.of:
            return "–"
        low, high = interval(self.hits, self.of)
        return f"{self.hits / self.of:.3f} ({low:.2f}–{high:.2f})"


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]

    def html(self) -> str:
        head = "".join(f"<th scope=col>{escape(str(one))}</th>" for one in self.columns)
        body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in self.rows)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f"<h2>{escape(self.title)}</h2><div class=wide>{table}</div>"


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar for each name. A `Share` has a whisker for its interval; numbers are drawn against the largest of them."""

    title: str
    bars: Sequence[tuple[str, Share | int]]

    def html(self) -> str:
        most = max((value for _, value in self.bars if isinstance(value, int)), default=0) or 1
        lines = [_bar(n, name, value, most) for n, (name, value) in enumerate(self.bars)]
        high = 26 * len(self.bars) + 6
        drawn = "".join(lines) + f'<line class=axis x1="150" y1="0" x2="150" y2="{high}"/>'
        told = "; ".join(f"{name}: {value}" for name, value in self.bars)
        svg = f'<svg viewBox="0 0 560 {high}" role=img aria-label="{escape(told, quote=True)}">{drawn}</svg>'
        return f"<figure><figcaption>{escape(self.title)}</figcaption>{svg}</figure>"


@dataclass(frozen=True, slots=True)
class Miss:
    """Something to read: a line, and what belongs to it."""

    line: str
    details: Sequence[tuple[str, str]]

    def html(self) -> str:
        pairs = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in self.details)
        return f"<details><summary>{escape(self.line)}</summary><dl>{pairs}</dl></details>"


@dataclass(frozen=True, slots=True)
class Report:
    title: str
    lead: str
    parts: Sequence[Table | Bars] = ()
    misses_title: str = "What went wrong"
    misses: Sequence[Miss] = field(default=())

    def html(self) -> str:
        read = "".join(miss.html() for miss in self.misses) or "<p>Nothing.</p>"
        return (
            "<!doctype html><html lang=en><head><meta charset=utf-8>"
            '<meta name=viewport content="width=device-width, initial-scale=1">'
            "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">"
            f"<title>{escape(self.title)}</title><style>{_STYLE}</style></head><body><h1>{escape(self.title)}</h1>"
            f"<p class=lead>{escape(self.lead)}</p>{_joined(self.parts)}"
            f"<h2>{escape(self.misses_title)} ({len(self.misses)})</h2>{read}</body></html>\n"
        )

    def write(self, file: Path) -> None:
        """A lone surrogate is written as a question mark."""
        file.write_bytes(self.html().encode("utf-8", "replace"))


def beside(out: Path | None) -> Path | None:
    """Where the report of these results goes: beside them. None if they go nowhere, or to a device."""
    if out is None or (out.exists() and not out.is_file()):
        return None
    return out.with_name(f"{out.stem}.html") if out.suffix != ".html" else out.with_name(f"{out.name}.report.html")


def _joined(parts: Iterable[Table | Bars]) -> str:
    return "".join(part.html() for part in parts)


def _bar(n: int, name: str, value: Share | int, most: int) -> str:
    top = 26 * n + 4
    share = (value.hits / value.of if value.of else 0.0) if isinstance(value, Share) else value / most
    drawn = f'<text x="144" y="{top + 14}" text-anchor="end">{escape(name)}</text>'
    drawn += f'<rect class=bar x="150" y="{top}" width="{320 * share:.1f}" height="18"/>'
    end = share
    if isinstance(value, Share):
        low, end = interval(value.hits, value.of)
        y = top + 9
        drawn += f'<line class=whisker x1="{150 + 320 * low:.1f}" y1="{y}" x2="{150 + 320 * end:.1f}" y2="{y}"/>'
    shown = f"{share:.3f}" if isinstance(value, Share) else str(value)
    return drawn + f'<text x="{156 + 320 * end:.1f}" y="{top + 14}">{shown}</text>'
