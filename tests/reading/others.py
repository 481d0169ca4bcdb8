"""Word documents, workbooks, web pages, text files and images."""

import csv
import datetime as dt
import html
import io
import zipfile
from pathlib import Path

import docx
import openpyxl
import reportlab
from PIL import Image, ImageDraw, ImageFont

from tests.reading.prose import Prose

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_LINK = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    "</Relationships>"
)
_FONT = str(Path(reportlab.__file__).with_name("fonts") / "Vera.ttf")


def word(prose: Prose, *, plain: bool = False) -> bytes:
    """By python-docx, with headings, lists, tables, merged cells, a header and a footer."""
    document = docx.Document()
    document.add_heading(prose.title(), 0)
    for _ in range(3):
        document.add_heading(prose.title(), 1)
        for paragraph in prose.paragraphs(3):
            document.add_paragraph(paragraph)
        for _ in range(4):
            document.add_paragraph(
                prose.sentence(), style=None if plain else prose.random.choice(["List Bullet", "List Number"])
            )
        rows = prose.table(5, 3)
        table = document.add_table(len(rows), 3)
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                table.cell(y, x).text = cell
        if not plain:
            table.cell(1, 0).merge(table.cell(2, 0))
    document.sections[0].header.paragraphs[0].text = prose.title()
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def bare_word(prose: Prose) -> bytes:
    """The least that is a Word document, as small programs write it."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    paragraphs = "".join(
        f"<w:p><w:r><w:t xml:space='preserve'>{html.escape(text[:40])}</w:t></w:r><w:r><w:t>{html.escape(text[40:])}</w:t></w:r></w:p>"
        for text in prose.paragraphs(8)
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _LINK)
        archive.writestr(
            "word/document.xml", f"<w:document xmlns:w='{space}'><w:body>{paragraphs}</w:body></w:document>"
        )
    return target.getvalue()


def workbook(prose: Prose, *, sheets: int = 2) -> bytes:
    """By openpyxl, with titles, dates, amounts and an empty row between tables."""
    book = openpyxl.Workbook()
    for n in range(sheets):
        sheet = book.active if n == 0 else book.create_sheet()
        sheet.title = f"{prose.words(1)[:20]} {n}"
        sheet.append([prose.title()])
        for row in prose.table(12, 4):
            sheet.append([*row, dt.date(2026, 3, prose.random.randint(1, 28)), prose.random.randint(1, 500)])
        sheet.append([])
        for row in prose.table(4, 3):
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def separated(prose: Prose, *, delimiter: str, encoding: str) -> bytes:
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter).writerows([*prose.table(15, 4), [prose.sentence(), "a\nb", "", "c"]])
    return target.getvalue().encode(encoding)


def page(prose: Prose, *, encoding: str = "utf-8", sloppy: bool = False) -> bytes:
    """A web page; `sloppy`: with elements that are never closed."""
    close = "" if sloppy else "</p>"
    body = "".join(f"<h2>{prose.title()}</h2><p>{html.escape(text)}{close}" for text in prose.paragraphs(5))
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}" + ("" if sloppy else "</td>") for cell in row)
        for row in prose.table(6, 3)
    )
    items = "".join(f"<li>{html.escape(prose.sentence())}" for _ in range(5))
    head = f"<!DOCTYPE html><html lang=pt><head><meta charset={encoding}><title>{prose.title()}</title><style>p {{}}</style></head>"
    return f"{head}<body>{body}<ul>{items}</ul><table>{rows}</table><script>var x</script></body></html>".encode(
        encoding, errors="xmlcharrefreplace"
    )


def markdown(prose: Prose) -> bytes:
    parts = [f"# {prose.title()}"]
    for _ in range(4):
        parts += [f"## {prose.title()}", *prose.paragraphs(2), "\n".join(f"- {prose.sentence()}" for _ in range(5))]
        table = prose.table(5, 3)
        lines = [" | ".join(row) for row in table]
        parts.append("\n".join([lines[0], "|".join(["---"] * 3), *lines[1:]]))
    return "\n\n".join(parts).encode()


def image(prose: Prose, *, form: str, size: int = 28) -> tuple[bytes, str]:
    """A picture of text, and the text."""
    lines = [" ".join(prose.sentence().split()[:9]) for _ in range(12)]
    picture = Image.new("L", (1400, 800), 255)
    draw = ImageDraw.Draw(picture)
    for n, line in enumerate(lines):
        draw.text((60, 40 + 60 * n), line, font=ImageFont.truetype(_FONT, size), fill=0)
    target = io.BytesIO()
    picture.save(target, form)
    return target.getvalue(), "\n".join(lines)
