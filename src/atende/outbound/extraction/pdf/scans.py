"""Pages of a PDF without text: they are drawn, and what is written there is recognised."""

from collections.abc import Iterator, Sequence

import pypdfium2

from atende.outbound.extraction.errors import NoRecognition
from atende.outbound.extraction.pdf.page import Box, Page, Piece, Word
from atende.outbound.extraction.result import Picture, Recognise, Seen

INSTALL = (
    "Text in images is read by Tesseract, which is not installed: install the packages tesseract-ocr, tesseract-ocr-por and "
    "tesseract-ocr-spa, and process the document again."
)
_DOTS = 200
_LARGEST = 4_000
"""Pixels of the longer side of a drawn page."""
_FEW = 12
"""A page with fewer letters that consists of an image is a scan."""
_COVERED = 0.4
_UNREADABLE = 0.3
_NAMED = 12
_WIDE = 1.6
"""A gap of this many ems divides a recognised line."""


def recognised(
    document: pypdfium2.PdfDocument, pages: Sequence[Page], recognise: Recognise
) -> tuple[list[str], list[int]]:
    """Puts the words that were recognised on the pages that are scans. Returns notes, and the numbers of those pages."""
    wanted = [page for page in pages if _is_scan(page)]
    if not wanted:
        return [], []
    names = [page.number for page in wanted]
    try:
        found = recognise(_drawn(document, wanted))
    except NoRecognition:
        return [f"No text on {named(names)}: scanned. {INSTALL}"], []
    notes = []
    read = [page for page in wanted if found.get(page.number)]
    for page in read:
        page.pieces = pieces(found[page.number], min(_DOTS / 72, _LARGEST / max(page.width, page.height)))
        page.hidden = 0
    if read:
        notes.append(
            f"Text was recognised in the image on {named([page.number for page in read])}; it may have errors."
        )
    if late := [number for number in names if number not in found]:
        notes.append(f"There was no time to recognise the text on {named(late)}. Send the file in parts.")
    if empty := [number for number in names if number in found and not found[number]]:
        notes.append(f"No text was found on {named(empty)}.")
    return notes, [page.number for page in read]


def named(numbers: Sequence[int]) -> str:
    """Pages, in words: `page 3`, `pages 1, 2, 5-9`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs[:_NAMED]]
    more = " and others" if len(runs) > _NAMED else ""
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(shown)}{more}"


def pieces(seen: Sequence[Seen], scale: float) -> list[Piece]:
    """The recognised words as pieces of lines. `scale`: pixels for each unit of the page."""
    lines: dict[tuple[int, int, int], list[Seen]] = {}
    for one in seen:
        lines.setdefault(one.line, []).append(one)
    found = []
    for line in lines.values():
        heights = sorted(one.height for one in line)
        em = heights[len(heights) // 2] / scale * 1.15
        base = max(sorted(one.top + one.height for one in line)[len(line) // 2] / scale, em)
        run: list[Seen] = []
        ordered: list[Seen | None] = [*sorted(line, key=lambda one: one.left), None]
        for word in ordered:
            if run and (word is None or (word.left - run[-1].left - run[-1].width) / scale > _WIDE * em):
                words = [Word(one.text, one.left / scale, (one.left + one.width) / scale) for one in run]
                found.append(Piece(words[0].x0, words[-1].x1, base, em, " ".join(one.text for one in words), words))
                run = []
            if word is not None:
                run.append(word)
    return found


def _is_scan(page: Page) -> bool:
    if not page.drawing.images and page.unmapped <= _FEW:
        return False
    letters = sum(c.isalnum() for piece in page.pieces for c in piece.text)
    covered = sum(_area(box) for box in page.drawing.images) >= _COVERED * page.width * page.height
    if page.unmapped > _UNREADABLE * (letters + page.unmapped) and page.unmapped > _FEW:
        return True  # the font does not say which letters its signs are
    return letters < _FEW and bool(page.drawing.images) and (covered or not letters)


def _area(box: Box) -> float:
    return max(0.0, box.x1 - box.x0) * max(0.0, box.bottom - box.top)


def _drawn(document: pypdfium2.PdfDocument, pages: Sequence[Page]) -> Iterator[Picture]:
    for one in pages:
        try:
            page = document[one.number - 1]
            scale = min(_DOTS / 72, _LARGEST / max(page.get_size()))
            bitmap = page.render(scale=scale, grayscale=True)
            rows, stride, width = bytes(bitmap.buffer), bitmap.stride, bitmap.width
            grey = (
                rows
                if stride == width
                else b"".join(rows[y * stride : y * stride + width] for y in range(bitmap.height))
            )
            picture = Picture(one.number, width, bitmap.height, grey, scale)
            bitmap.close()
            page.close()
        except (pypdfium2.PdfiumError, MemoryError):
            continue
        yield picture
