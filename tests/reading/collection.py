"""A collection of files by different producers, with the words that are in each. The same for the same seed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.reading import others, pdfs
from tests.reading.oracles import both, words
from tests.reading.prose import Prose


@dataclass(frozen=True)
class Sample:
    name: str
    kind: str
    data: bytes
    words: "Counter[str]"


def collection(seed: int) -> Iterator[Sample]:
    """About forty files. Other seeds give other texts, tables and lengths."""
    prose = Prose(seed)
    for name, kind, data in _read_by_others(prose):
        yield Sample(f"{name} {seed}", kind, data, both(data, kind))
    upright = pdfs.drawn(Prose(seed), 2)
    yield Sample(f"turned {seed}", "pdf", pdfs.turned(upright), both(upright, "pdf"))
    for name, kind, data, text in _known(prose):
        yield Sample(f"{name} {seed}", kind, data, words(text))


def _read_by_others(prose: Prose) -> Iterator[tuple[str, str, bytes]]:
    yield "drawn", "pdf", pdfs.drawn(prose, 3)
    yield "drawn in Courier", "pdf", pdfs.drawn(prose, 1, font="Courier")
    yield "drawn in Times", "pdf", pdfs.drawn(prose, 2, font="Times-Roman")
    yield "two columns", "pdf", pdfs.columns(prose, by_line=False)
    yield "two columns by line", "pdf", pdfs.columns(prose, by_line=True)
    yield "three columns by line", "pdf", pdfs.columns(prose, by_line=True, count=3)
    yield "flowing", "pdf", pdfs.flowing(prose, pages=4)
    yield "flowing in frames", "pdf", pdfs.flowing(prose, framed=True)
    yield "flowing and wide", "pdf", pdfs.flowing(prose, wide=True)
    yield "by fpdf", "pdf", pdfs.by_fpdf(prose, pages=3)
    yield "a form", "pdf", pdfs.form(prose)
    for name, data in pdfs.rewritten(pdfs.flowing(prose)):
        yield f"flowing {name}", "pdf", data
    yield "word", "docx", others.word(prose)
    yield "plain word", "docx", others.word(prose, plain=True)
    yield "bare word", "docx", others.bare_word(prose)
    yield "workbook", "xlsx", others.workbook(prose)
    yield "small workbook", "xlsx", others.workbook(prose, sheets=1)
    yield "page", "html", others.page(prose)
    yield "sloppy page", "html", others.page(prose, sloppy=True)
    yield "old page", "html", others.page(prose, encoding="iso-8859-1")


def _known(prose: Prose) -> Iterator[tuple[str, str, bytes, str]]:
    for delimiter, encoding in ((",", "utf-8"), (";", "cp1252"), ("\t", "utf-16")):
        data = others.separated(prose, delimiter=delimiter, encoding=encoding)
        yield f"csv in {encoding}", "csv", data, data.decode(encoding)
    markdown = others.markdown(prose)
    yield "markdown", "md", markdown, markdown.decode()
    for encoding in ("utf-8-sig", "cp1252", "utf-16-le"):
        text = pdfs.latin("\n\n".join(prose.paragraphs(6)))
        yield f"text in {encoding}", "txt", text.encode(encoding), text
    damaged = bytearray("\n".join(prose.paragraphs(6)).encode())
    damaged[len(damaged) // 2] = 0xFF
    yield "text with a bad byte", "txt", bytes(damaged), damaged.decode(errors="ignore")


def scans(seed: int) -> Iterator[Sample]:
    """Images and scanned pages, which take seconds each."""
    prose = Prose(seed)
    for form in ("PNG", "JPEG", "TIFF"):
        data, text = others.image(prose, form=form)
        yield Sample(f"{form} {seed}", "image", data, words(text))
    source = pdfs.drawn(prose, 1)
    yield Sample(f"scan {seed}", "pdf", pdfs.scanned(source), both(source, "pdf"))
