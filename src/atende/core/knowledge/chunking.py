"""Splitting a document's text into the chunks that are searched and cited."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from atende.core.kernel import Invalid
from atende.core.knowledge.extracted import Extracted
from atende.core.knowledge.runs import Piece, Runs
from atende.core.language.segments import FENCE, is_code, is_heading, is_item, is_row, is_unfinished
from atende.core.language.text import estimate_tokens, sentences

GOES_ON = "…"
"""The last line of a chunk that ends within a list."""

_FULL_ENOUGH = 0.6
"""A chunk that has reached this share of its size ends before the next heading."""


@dataclass(frozen=True, slots=True)
class ChunkText:
    """A chunk without an id. `page` counts from 1, None if the format has no pages; `tokens` is an estimate.

    `content` is the document's text from `start` to `end`, behind `carried` characters that repeat what it continues.
    """

    index: int
    content: str
    tokens: int
    page: int | None
    start: int
    end: int
    carried: int = 0


def joined(extracted: Extracted) -> tuple[str, list[int]]:
    """The pages as one text, and the offset of each page. What continues on the next page stays in one piece."""
    before, starts = "", []
    parts: list[str] = []
    length = 0
    for page in extracted.pages:
        gap = "" if not parts else "\n" if _runs_on(before, page) else "\n\n"
        length += len(gap)
        starts.append(length)
        parts += [gap, page]
        length += len(page)
        before = page or before
    return "".join(parts), starts


def chunk(extracted: Extracted, *, size: int = 500, overlap: int = 50) -> list[ChunkText]:
    """Splits into chunks of whole sentences, of at most `size` tokens; up to `overlap` tokens are repeated in the next chunk.

    - A chunk does not extend over the end of a page, except by a single sentence, so that its page is the page of its quotes.
    - A sentence longer than `size` is cut between words.
    - A list stays whole with the line that introduces it if it fits. Otherwise the chunk ends with the line `…`, and the next
      one begins with the first line of the list.
    - Each chunk of a table begins with the names of its columns.

    Raises Invalid.
    """
    if size < 1 or not 0 <= overlap < size:
        raise Invalid("the size of chunks must be at least 1, and their overlap smaller than the size")
    text, starts = joined(extracted)
    pieces = list(_pieces(text, starts, size))
    cutter = _Cutter(text, pieces, Runs(text, pieces), size, overlap)
    return [
        cutter.made(number, first, last, with_page=extracted.has_pages)
        for number, (first, last) in enumerate(cutter.windows())
    ]


def _runs_on(before: str, after: str) -> bool:
    """Whether the last sentence, list or table of a page continues on the next page."""
    if not before or not after:
        return False
    last, first = before.rpartition("\n")[2], after.partition("\n")[0]
    if is_row(last) or is_row(first):
        return last.count(" | ") == first.count(" | ")
    if is_item(last) and is_item(first):
        return True
    return before[-1] not in ".!?…:;" and (after[0].islower() or is_unfinished(last) or before[-1] == ",")


def _pieces(text: str, starts: list[int], size: int) -> Iterator[Piece]:
    for start, end in sentences(text):
        tokens = estimate_tokens(text[start:end])
        if tokens <= size:
            yield Piece(start, end, tokens, max(1, bisect_right(starts, start)), is_heading(text[start:end]))
            continue
        code = is_code(text[start:end])
        for a, b in _cut(text, start, end, size):
            page, tokens = max(1, bisect_right(starts, a)), estimate_tokens(text[a:b])
            yield Piece(
                a, b, tokens, page, heading=False, inside_code=code and a > start, code_goes_on=code and b < end
            )


def _cut(text: str, start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """Cuts a long sentence into parts of at most `size` tokens, between words if possible, and code between its lines."""
    at, code = start, text.startswith(FENCE, start)
    if code:
        size = max(1, size - 2 * len(FENCE))  # each part gets fences of its own
    while at < end:
        stop = _longest(text, at, end, size)
        if stop < end:
            line = text.rfind("\n", at, stop)
            blank = line if code and line > at else max(text.rfind(" ", at, stop), line)
            if blank > at and not text[stop].isspace():
                stop = blank
        yield at, stop
        at = stop
        while at < end and text[at].isspace():
            at += 1


def _longest(text: str, start: int, end: int, size: int) -> int:
    """The largest offset at which text[start:offset] has at most `size` tokens (a token has at most five letters)."""
    low, high = min(end, start + size), min(end, start + size * 6)
    while low < high:
        middle = (low + high + 1) // 2
        if estimate_tokens(text[start:middle]) <= size:
            low = middle
        else:
            high = middle - 1
    return low


@dataclass(frozen=True, slots=True)
class _Cutter:
    """Cuts one text."""

    text: str
    pieces: Sequence[Piece]
    runs: Runs
    size: int
    overlap: int

    def windows(self) -> Iterator[tuple[int, int]]:
        """The first and the last piece of each chunk."""
        first = 0
        while first < len(self.pieces):
            last = self._fill(first)
            yield first, last
            first = self._next(first, last)

    def made(self, number: int, first: int, last: int, *, with_page: bool) -> ChunkText:
        start, end = self.pieces[first].start, self.pieces[last].end
        body, carried = self.text[start:end], self._carried(first)
        after = f"\n{GOES_ON}" if self.runs.is_cut_list(last) else ""
        if self.pieces[first].inside_code:
            carried += f"{FENCE}\n"
        if self.pieces[last].code_goes_on:
            after = f"\n{FENCE}"
        content = f"{carried}{body}{after}"
        page = self.pieces[first].page if with_page else None
        return ChunkText(number, content, estimate_tokens(content), page, start, end, len(carried))

    def _carried(self, first: int) -> str:
        """What a chunk that begins here repeats, unless that would fill most of it."""
        lines = [self.text[piece.start : piece.end] for piece in self.runs.above(first)]
        text = "".join(f"{line}\n" for line in lines)
        room = self.size - self.pieces[first].tokens - 1
        return text if 0 < estimate_tokens(text) <= min(room, self.size // 2) else ""

    def _fill(self, first: int) -> int:
        """The last piece of the chunk that begins at `first`: when it is full, at the end of the page, or before a heading."""
        pieces, last = self.pieces, first
        tokens = pieces[first].tokens + estimate_tokens(self._carried(first)) + self.runs.is_listed(first)
        while last + 1 < len(pieces) and pieces[last + 1].page == pieces[first].page:
            following = pieces[last + 1]
            room = self.size - tokens
            if following.tokens > room or self._whole(last + 1, room) > room:
                break
            if following.heading and not pieces[last].heading and tokens >= _FULL_ENOUGH * self.size:
                break
            last, tokens = last + 1, tokens + following.tokens
        while last > first and pieces[last].heading and self._follows_on_page(last):
            last -= 1
        return last

    def _whole(self, at: int, room: int) -> int:
        """The tokens of the list that begins here, if it should stay whole: on one page, and no longer than a chunk."""
        end = self.runs.list_end(at)
        tokens = sum(piece.tokens for piece in self.pieces[at : end + 1])
        fits = self.pieces[end].page == self.pieces[at].page and tokens + 1 <= self.size
        return tokens if end > at and fits else min(room, self.pieces[at].tokens + self.runs.is_listed(at))

    def _follows_on_page(self, last: int) -> bool:
        return last + 1 < len(self.pieces) and self.pieces[last + 1].page == self.pieces[last].page

    def _next(self, first: int, last: int) -> int:
        """The first piece of the next chunk: some sentences back, unless a new page, section, list or table begins."""
        pieces, following = self.pieces, last + 1
        if following >= len(pieces) or pieces[following].page != pieces[last].page or pieces[following].heading:
            return following
        if self.runs.above(following) or self.runs.list_end(following) > following:
            return following
        room = min(self.overlap, self.size - pieces[following].tokens)
        back, tokens = following, 0
        while back - 1 > first and tokens + pieces[back - 1].tokens <= room and not self.runs.is_structured(back - 1):
            back -= 1
            tokens += pieces[back].tokens
        return back
