"""Splitting a document's text into the chunks that are searched and cited."""

from collections.abc import Iterator
from dataclasses import dataclass

from atende.core.kernel import Invalid
from atende.core.knowledge.model import Extracted
from atende.core.language.segments import is_heading
from atende.core.language.text import estimate_tokens, sentences

_FULL_ENOUGH = 0.6
"""A chunk that has reached this share of its size ends before the next heading."""


@dataclass(frozen=True, slots=True)
class ChunkText:
    """A chunk without an id. `page` counts from 1, None if the format has no pages; `tokens` is an estimate."""

    index: int
    content: str
    tokens: int
    page: int | None


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    tokens: int
    page: int
    heading: bool


def joined(extracted: Extracted) -> tuple[str, list[int]]:
    """The pages as one text, and the offset of each page. A sentence that continues on the next page stays in one piece."""
    text, starts = "", []
    parts: list[str] = []
    length = 0
    for page in extracted.pages:
        gap = "" if not parts else "\n" if _runs_on(text, page) else "\n\n"
        length += len(gap)
        starts.append(length)
        parts += [gap, page]
        length += len(page)
        text = page or text
    return "".join(parts), starts


def chunk(extracted: Extracted, *, size: int = 500, overlap: int = 50) -> list[ChunkText]:
    """Splits into chunks of whole sentences, of at most `size` tokens; up to `overlap` tokens are repeated in the next chunk.

    A chunk does not extend over the end of a page, except by a single sentence, so that its page is the page of its quotes. A
    sentence longer than `size` is cut between words. `content` is an exact part of the joined text. Raises Invalid.
    """
    if size < 1 or not 0 <= overlap < size:
        raise Invalid("the size of chunks must be at least 1, and their overlap smaller than the size")
    text, starts = joined(extracted)
    pieces = list(_pieces(text, starts, size))
    chunks: list[ChunkText] = []
    for first, last in _windows(pieces, size, overlap):
        content = text[pieces[first].start : pieces[last].end]
        page = pieces[first].page if extracted.has_pages else None
        tokens = sum(piece.tokens for piece in pieces[first : last + 1])
        chunks.append(ChunkText(len(chunks), content, tokens, page))
    return chunks


def _runs_on(before: str, after: str) -> bool:
    """Whether the last sentence of a page continues on the next page."""
    return bool(before) and before[-1] not in ".!?…:;" and after[:1].islower()


def _pieces(text: str, starts: list[int], size: int) -> Iterator[_Piece]:
    page = 0
    for start, end in sentences(text):
        while page + 1 < len(starts) and starts[page + 1] <= start:
            page += 1
        tokens = estimate_tokens(text[start:end])
        if tokens <= size:
            yield _Piece(start, end, tokens, page + 1, is_heading(text[start:end]))
            continue
        for a, b in _cut(text, start, end, size):
            while page + 1 < len(starts) and starts[page + 1] <= a:
                page += 1
            yield _Piece(a, b, estimate_tokens(text[a:b]), page + 1, heading=False)


def _cut(text: str, start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """Cuts a long sentence into parts of at most `size` tokens, between words if possible."""
    at = start
    while at < end:
        stop = _longest(text, at, end, size)
        if stop < end:
            blank = max(text.rfind(" ", at, stop), text.rfind("\n", at, stop))
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


def _windows(pieces: list[_Piece], size: int, overlap: int) -> Iterator[tuple[int, int]]:
    first = 0
    while first < len(pieces):
        last = _fill(pieces, first, size)
        yield first, last
        first = _next(pieces, first, last, size=size, overlap=overlap)


def _fill(pieces: list[_Piece], first: int, size: int) -> int:
    """The last piece of the window that begins at `first`: when it is full, at the end of the page, or before a heading."""
    last, tokens = first, pieces[first].tokens
    while last + 1 < len(pieces) and pieces[last + 1].page == pieces[first].page:
        following = pieces[last + 1]
        if tokens + following.tokens > size or (
            following.heading and not pieces[last].heading and tokens >= _FULL_ENOUGH * size
        ):
            break
        last, tokens = last + 1, tokens + following.tokens
    while (
        last > first and pieces[last].heading and last + 1 < len(pieces) and pieces[last + 1].page == pieces[last].page
    ):
        last -= 1
    return last


def _next(pieces: list[_Piece], first: int, last: int, *, size: int, overlap: int) -> int:
    """The first piece of the next window: some sentences back, unless a new page or section begins."""
    following = last + 1
    if following >= len(pieces) or pieces[following].page != pieces[last].page or pieces[following].heading:
        return following
    room = min(overlap, size - pieces[following].tokens)
    back, tokens = following, 0
    while back - 1 > first and tokens + pieces[back - 1].tokens <= room:
        back -= 1
        tokens += pieces[back].tokens
    return back
