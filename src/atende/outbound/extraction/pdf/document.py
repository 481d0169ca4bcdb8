"""Reading PDF files, page by page. Runs in the child process (see child.py)."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from atende.core.language.text import normalise
from atende.outbound.extraction.errors import Refused
from atende.outbound.extraction.pdf import hyphens, scans
from atende.outbound.extraction.pdf.columns import flows
from atende.outbound.extraction.pdf.furniture import take_out
from atende.outbound.extraction.pdf.page import Page
from atende.outbound.extraction.pdf.paragraphs import Writer
from atende.outbound.extraction.pdf.reading import PageReader
from atende.outbound.extraction.pdf.tables import ruled
from atende.outbound.extraction.result import MAX_FIELD, Read, Recognise

MAX_PAGES = 2_000
MAX_CHARACTERS = 20_000_000
_PDF_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})")
_ROW = " | "
_NO_TEXT = "The PDF contains no text; it may be scanned."


def pdf(data: bytes, recognise: Recognise) -> Read:
    """Raises Refused."""
    document = _opened(data)
    count = len(document)
    if count > MAX_PAGES:
        raise Refused(f"The PDF has {count} pages; at most {MAX_PAGES} are possible. Send it in parts.")
    if not count:
        raise Refused("The PDF has no pages.")
    pages = list(_pages(document, count))
    notes, recognised = scans.recognised(document, pages, recognise)
    text = [normalise(page) for page in tidied(pages)]
    if not any(text):
        raise Refused(notes[0] if notes else f"{_NO_TEXT} Send a version with text that can be selected.")
    metadata = _metadata(document, count)
    if recognised:
        metadata["recognised_pages"] = recognised
    return Read(text, has_pages=True, metadata=metadata, notes=[*notes, *_notes(pages)])


def tidied(pages: Sequence[Page]) -> list[str]:
    """The text of the pages: in reading order, with tables, without running headers and footers, broken words whole again."""
    known = hyphens.vocabulary([piece.text for page in pages for piece in page.pieces])
    for page in pages:
        if page.drawing.down:
            page.pieces = ruled(page, known)
    furniture = take_out(pages)
    sizes = sorted(piece.em for page in pages[:50] for piece in page.pieces for _ in range(len(piece.text) // 20 + 1))
    writer = Writer(sizes[len(sizes) // 2] if sizes else 10.0, known)
    bodies = ["\n\n".join(writer.write(rows) for rows in flows(page.pieces)) for page in pages]
    bodies = _continued(bodies, known)
    return [
        "\n\n".join([*furniture.heads[page.number], body, *furniture.feet[page.number]])
        for page, body in zip(pages, bodies, strict=True)
    ]


def _continued(bodies: Sequence[str], known: set[str]) -> list[str]:
    """The pages without column names that a table repeats on each page, and without words broken between two pages."""
    found = list(bodies)
    head: str | None = None
    for n in range(len(found)):
        last, (first, _, rest) = found[n - 1].rpartition("\n")[2] if n else "", found[n].partition("\n")
        is_continued = head is not None and _ROW in first and first.count(_ROW) == head.count(_ROW)
        if is_continued and first == head:
            found[n] = rest
        elif last[-1:] == "-" and last[-2:-1].isalpha() and first[:1].islower():
            word, _, after = found[n].partition(" ")
            found[n - 1] = found[n - 1][: -len(last)] + hyphens.joined(last, word, known)
            found[n] = after
        rows = _last_rows(found[n])
        head = (head if is_continued and len(rows) == found[n].count("\n") + 1 else rows[0]) if rows else None
    return found


def _last_rows(body: str) -> list[str]:
    """The lines of the table that a page ends with."""
    rows: list[str] = []
    for line in reversed(body.split("\n")):
        if _ROW not in line:
            break
        rows.insert(0, line)
    return rows


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise Refused("The PDF is password-protected. Remove the password and send it again.") from error
        raise Refused("The PDF is damaged and cannot be opened. Save it again as PDF and send it again.") from error
    if document.get_formtype() != pdfium.FORMTYPE_NONE:
        document.init_forms()
    return document


def _pages(document: pypdfium2.PdfDocument, count: int) -> Iterator[Page]:
    total = failed = 0
    form = document.formenv.raw if document.formenv else None
    for number in range(1, count + 1):
        try:
            page = document[number - 1]
            text_page = page.get_textpage()
            found = PageReader(page, text_page, number).read(form)
            text_page.close()
            page.close()
        except pypdfium2.PdfiumError:
            found, failed = Page(number, 1.0, 1.0), failed + 1
        total += sum(len(piece.text) for piece in found.pieces)
        if total > MAX_CHARACTERS:
            raise Refused("There is too much text in the PDF. Send it in parts.")
        yield found
    if failed == count:
        raise Refused("The PDF is damaged: none of its pages can be read. Save it again as PDF and send it again.")


def _notes(pages: Sequence[Page]) -> list[str]:
    found = []
    if hidden := [page for page in pages if page.hidden]:
        words = sum(page.hidden for page in hidden)
        found.append(f"Hidden text was left out: {words} words on {scans.named([page.number for page in hidden])}.")
    if struck := [page.number for page in pages if page.struck]:
        found.append(f"Text that is struck through was left out on {scans.named(struck)}.")
    return found


def _metadata(document: pypdfium2.PdfDocument, pages: int) -> dict[str, Any]:
    found: dict[str, Any] = {"pages": pages}
    try:
        fields = document.get_metadata_dict()
    except pypdfium2.PdfiumError:
        return found
    for key in ("Title", "Author"):
        value = normalise(str(fields.get(key) or ""))[:MAX_FIELD]
        if value and value not in {"(anonymous)", "anonymous", "(unspecified)", "unspecified", "untitled"}:
            found[key.lower()] = value
    if date := _PDF_DATE.match(str(fields.get("CreationDate") or "")):
        found["created_date"] = "-".join(date.groups())
    return found
