"""Running headers and footers, recognised over the whole document."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from atende.outbound.extraction.pdf.columns import Row, rows_of
from atende.outbound.extraction.pdf.page import Page, Piece

_OUTER_ROWS = 3
_OUTER_SHARE = 0.16
_SHARE = 0.4
_LEAST_ROWS = 4
"""A page with fewer lines loses its number only."""
_SAME_HEIGHT = 6.0
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:(?:p[aá]g(?:ina|e)?s?\.?|page|folha|fl\.)?\s*\d{1,4}\s*(?:(?:/|de|of|-)\s*\d{1,4})?|[ivxlc]{1,6})[\W_]*",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Furniture:
    """`heads` and `feet`: their texts, each once, by the page that it stays on."""

    heads: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    feet: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class _Place:
    """A line near the top or the bottom of one page."""

    page: Page
    row: Row
    text: str
    top: bool

    @property
    def height(self) -> float:
        """Its distance from the edge of the page."""
        return self.row.base if self.top else self.page.height - self.row.base


def take_out(pages: Sequence[Page]) -> Furniture:
    """Removes headers, footers and page numbers from the pages. A header is kept on its first page, a footer on its last."""
    places = [place for page in pages for place in _outer(page)]
    found = Furniture()
    alike: dict[tuple[bool, str], list[_Place]] = defaultdict(list)
    for place in places:
        alike[place.top, _NUMBER.sub("#", place.text)].append(place)
    for group in alike.values():
        for run in _same_height(group):
            if _repeats(run, len(pages)):
                _remove(run, found)
    return found


def _outer(page: Page) -> list[_Place]:
    """The lines near the top and the bottom edge, outermost first."""
    rows = rows_of(page.pieces)
    share = _OUTER_SHARE * page.height
    heads = [row for row in rows[:_OUTER_ROWS] if row.base < share and row.pieces[0].lines is None]
    feet = [
        row for row in rows[: -_OUTER_ROWS - 1 : -1] if row.base > page.height - share and row.pieces[0].lines is None
    ]
    found = [_Place(page, row, _text(row), top=True) for row in heads]
    return found + [_Place(page, row, _text(row), top=False) for row in feet if row not in heads]


def _text(row: Row) -> str:
    return " ".join(piece.text for piece in row.pieces)


def _same_height(group: list[_Place]) -> list[list[_Place]]:
    runs: list[list[_Place]] = []
    for place in sorted(group, key=lambda one: one.height):
        if runs and place.height - runs[-1][-1].height <= _SAME_HEIGHT:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _repeats(run: list[_Place], count: int) -> bool:
    """Whether it is on so many pages that it belongs to all, its numbers the same or counting the pages."""
    pages = {place.page.number for place in run}
    if _PAGE_NUMBER.fullmatch(run[0].text):
        return _counts(run) and (len(pages) > 1 or _stands_apart(run[0]))
    return len(pages) > 1 and len(pages) >= _SHARE * count and _counts(run)


def _counts(run: list[_Place]) -> bool:
    """Whether each number is the same on all pages, or grows with the pages."""
    ordered = sorted(run, key=lambda place: place.page.number)
    first = ordered[0]
    start = _numbers(first.text)
    for place in ordered[1:]:
        steps = place.page.number - first.page.number
        if any(b not in {a, a + steps} for a, b in zip(start, _numbers(place.text), strict=True)):
            return False
    return True


def _numbers(text: str) -> list[int]:
    return [int(number) for number in _NUMBER.findall(text)[:20]]


def _stands_apart(place: _Place) -> bool:
    """Whether a number that is on one page only is its page number: alone at the edge, and right, or first in one page."""
    numbers = _numbers(place.text)
    others = [row for row in rows_of(place.page.pieces) if abs(row.base - place.row.base) > 1]
    near = min((abs(row.base - place.row.base) for row in others), default=1_000.0)
    return bool(numbers) and numbers[0] == place.page.number and near > 2 * place.row.pieces[0].em


def _remove(run: list[_Place], found: Furniture) -> None:
    is_number = _PAGE_NUMBER.fullmatch(run[0].text)
    run = [place for place in run if is_number or len(rows_of(place.page.pieces)) >= _LEAST_ROWS]
    for place in run:
        gone: tuple[Piece, ...] = place.row.pieces
        place.page.pieces = [piece for piece in place.page.pieces if not any(piece is one for one in gone)]
    if is_number or not run:
        return
    ordered = sorted(run, key=lambda place: place.page.number)
    kept = ordered[0] if run[0].top else ordered[-1]
    place_of = found.heads if kept.top else found.feet
    if kept.text not in place_of[kept.page.number]:
        place_of[kept.page.number].append(kept.text)
