"""Extracting the text of PDF files, page by page. Runs in the child process (see child.py)."""

import re
from collections.abc import Iterator
from typing import Any

import pypdfium2

from atende.core.knowledge.filetypes import is_pdf, other_kind
from atende.core.language.lexicon import word_set
from atende.core.language.text import normalise
from atende.outbound.extraction.errors import Refused

MAX_PAGES = 2_000
MAX_CHARACTERS = 20_000_000
_MAX_FIELD = 300
_FURNITURE_LINES = 2
_FURNITURE_SHARE = 0.6
_COMPOUND_ENDS = word_set("feira feiras se lo la los las lhe lhes me te nos vos o a os as mail line up in site")
_BROKEN_WORD = re.compile(r"(\w+)\x02\s*(\w+)")
_PAGE_NUMBER = re.compile(r"\bp[aá]g|\bpage\b|\bfolha\b|^\W*\d+\W*$|\d ?(?:/|de|of) ?\d", re.IGNORECASE)
_PDF_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})")


def pdf(data: bytes) -> tuple[list[str], dict[str, Any]]:
    """Normalised pages and metadata. Raises Refused."""
    if not is_pdf(data):
        kind = other_kind(data)
        raise Refused(
            f"The file name says PDF, but the file is {kind or 'something else'}. Send it with the right ending."
        )
    document = _opened(data)
    count = len(document)
    if count > MAX_PAGES:
        raise Refused(f"The PDF has {count} pages; at most {MAX_PAGES} are possible. Send it in parts.")
    if not count:
        raise Refused("The PDF has no pages.")
    pages = tidied(list(_page_texts(document, count)))
    if not any(pages):
        raise Refused("The PDF contains no text; it may be scanned. Send a version with text that can be selected.")
    return pages, _pdf_metadata(document, count)


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise Refused("The PDF is password-protected. Remove the password and send it again.") from error
        raise Refused("The PDF is damaged and cannot be opened. Save it again as PDF and send it again.") from error


def _page_texts(document: pypdfium2.PdfDocument, count: int) -> Iterator[str]:
    total = failed = 0
    for number in range(count):
        try:
            page = document[number]
            text_page = page.get_textpage()
            text = str(text_page.get_text_range())
            text_page.close()
            page.close()
        except pypdfium2.PdfiumError:
            text, failed = "", failed + 1
        total += len(text)
        if total > MAX_CHARACTERS:
            raise Refused("There is too much text in the PDF. Send it in parts.")
        yield text
    if failed == count:
        raise Refused("The PDF is damaged: none of its pages can be read. Save it again as PDF and send it again.")


def tidied(raw: list[str]) -> list[str]:
    """Normalised pages: words broken at the end of a line are joined, repeated header and footer lines are kept only once."""
    vocabulary = _vocabulary(raw) if any("\x02" in page for page in raw) else set()
    pages = [normalise(_BROKEN_WORD.sub(lambda m: _mended(m, vocabulary), page)) for page in raw]
    lines = [page.split("\n") for page in pages]
    repeated = _furniture(lines)
    if not repeated:
        return pages
    seen: set[str] = set()
    return [
        normalise("\n".join(_without(page, number, len(lines), repeated=repeated, seen=seen)))
        for number, page in enumerate(lines, 1)
    ]


def _vocabulary(pages: list[str]) -> set[str]:
    return {word for page in pages for word in re.findall(r"[\w-]+", page.lower())}


def _mended(match: re.Match[str], vocabulary: set[str]) -> str:
    before, after = match.groups()
    whole, compound = before + after, f"{before}-{after}"
    if whole.lower() in vocabulary:
        return whole
    kept = compound.lower() in vocabulary or after.lower() in _COMPOUND_ENDS or after[0].isupper() or after[0].isdigit()
    return compound if kept else whole


def _furniture(pages: list[list[str]]) -> set[str]:
    """Header and footer lines that most pages have, ignoring page numbers."""
    counts: dict[str, int] = {}
    for number, lines in enumerate(pages, 1):
        if len(lines) > 2 * _FURNITURE_LINES:
            for line in {_numberless(line, number, len(pages)) for line in _edges(lines)}:
                counts[line] = counts.get(line, 0) + 1
    least = max(3, _FURNITURE_SHARE * len(pages))
    return {line for line, count in counts.items() if count >= least}


def _edges(lines: list[str]) -> list[str]:
    return lines[:_FURNITURE_LINES] + lines[-_FURNITURE_LINES:]


def _numberless(line: str, number: int, total: int) -> str:
    """The line with its page number and page count replaced by `#`, if it has them."""
    return re.sub(rf"(?<!\d)(?:{number}|{total})(?!\d)", "#", line) if _PAGE_NUMBER.search(line) else line


def _without(lines: list[str], number: int, total: int, *, repeated: set[str], seen: set[str]) -> Iterator[str]:
    for i, line in enumerate(lines):
        if i < _FURNITURE_LINES or i >= len(lines) - _FURNITURE_LINES:
            bare = _numberless(line, number, total)
            if bare in seen:
                continue
            if bare in repeated:
                seen.add(bare)
        yield line


def _pdf_metadata(document: pypdfium2.PdfDocument, pages: int) -> dict[str, Any]:
    found: dict[str, Any] = {"pages": pages}
    try:
        fields = document.get_metadata_dict()
    except pypdfium2.PdfiumError:
        return found
    for key in ("Title", "Author"):
        value = normalise(str(fields.get(key) or ""))[:_MAX_FIELD]
        if value and value not in {"(anonymous)", "(unspecified)", "untitled"}:
            found[key.lower()] = value
    if date := _PDF_DATE.match(str(fields.get("CreationDate") or "")):
        found["created_date"] = "-".join(date.groups())
    return found
