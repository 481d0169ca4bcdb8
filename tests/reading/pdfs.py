"""PDF files by different producers: reportlab (drawn and set), fpdf2, and both written again by pikepdf and pypdf."""

import io
from collections.abc import Iterator

import pikepdf
import pypdf
import pypdfium2
from fpdf import FPDF
from PIL import Image
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    ListFlowable,
    PageBreak,
    PageTemplate,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)  # fmt: skip

from tests.reading.prose import Prose

STYLES = getSampleStyleSheet()


def drawn(prose: Prose, pages: int = 2, *, font: str = "Helvetica") -> bytes:
    """Lines drawn one by one, with a running header and a page number."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    head = prose.title()
    for page in range(1, pages + 1):
        canvas.setFont(font, 9)
        canvas.drawString(60, 810, head)
        canvas.drawCentredString(300, 30, f"Página {page} de {pages}")
        canvas.setFont(font, 11)
        y = 770.0
        for paragraph in prose.paragraphs(5):
            for line in simpleSplit(paragraph, font, 11, 470):
                canvas.drawString(60, y, line)
                y -= 14
            y -= 10
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def columns(prose: Prose, *, by_line: bool, count: int = 2) -> bytes:
    """Columns, drawn one after the other or line by line."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    width = (500 - 20 * (count - 1)) / count
    texts = [simpleSplit(" ".join(prose.paragraphs(4)), "Times-Roman", 10, width)[:40] for _ in range(count)]
    canvas.setFont("Helvetica-Bold", 15)
    canvas.drawString(50, 800, prose.title())
    canvas.setFont("Times-Roman", 10)
    places = [(column, line) for column in range(count) for line in range(len(texts[column]))]
    for column, line in sorted(places, key=lambda place: place[::-1]) if by_line else places:
        canvas.drawString(50 + column * (width + 20), 770 - 13 * line, texts[column][line])
    canvas.save()
    return target.getvalue()


def flowing(prose: Prose, *, pages: int = 2, framed: bool = False, wide: bool = False) -> bytes:
    """Set by reportlab: titles, paragraphs, lists and tables with lines or without."""
    parts: list[object] = []
    for _ in range(pages):
        parts += [
            Paragraph(prose.title(), STYLES["Heading1"]),
            *(Paragraph(text, STYLES["Normal"]) for text in prose.paragraphs(3)),
        ]
        parts.append(
            ListFlowable([Paragraph(prose.sentence(), STYLES["Normal"]) for _ in range(4)], bulletType="bullet")
        )
        style = [("GRID", (0, 0), (-1, -1), 0.5, colors.black)] if prose.random.random() < 0.6 else []
        rows = [
            [Paragraph(cell, STYLES["Normal"]) if len(cell) > 25 else cell for cell in row] for row in prose.table(8, 3)
        ]
        parts += [
            Spacer(1, 8),
            Table(rows, style=style),
            Spacer(1, 8),
            Paragraph(prose.paragraph(), STYLES["BodyText"]),
        ]
        parts.append(PageBreak())
    target = io.BytesIO()
    if framed:
        document = BaseDocTemplate(target, pagesize=A4)
        frames = [Frame(50, 50, 240, 740), Frame(310, 50, 240, 740)]
        document.addPageTemplates([PageTemplate(frames=frames)])
        document.build(parts)
    else:
        SimpleDocTemplate(target, pagesize=landscape(A4) if wide else A4, title=prose.title(), author="Ana").build(
            parts
        )
    return target.getvalue()


def by_fpdf(prose: Prose, *, pages: int = 2) -> bytes:
    """Set by fpdf2, with its own header, footer, table and HTML."""
    title = prose.title()

    class Report(FPDF):
        def header(self) -> None:
            self.set_font("Helvetica", "B", 10)
            self.cell(0, 8, title, align="C", new_x="LMARGIN", new_y="NEXT")

        def footer(self) -> None:
            self.set_y(-15)
            self.cell(0, 8, f"{self.page_no()}/{{nb}}", align="C")

    report = Report()
    for _ in range(pages):
        report.add_page()
        report.set_font("Times", size=12)
        for paragraph in prose.paragraphs(4):
            report.multi_cell(0, 6, latin(paragraph), new_x="LMARGIN", new_y="NEXT")
            report.ln(3)
        with report.table(borders_layout=prose.random.choice(["ALL", "HORIZONTAL_LINES", "MINIMAL"])) as table:
            for row in prose.table(5, 4):
                line = table.row()
                for cell in row:
                    line.cell(latin(cell))
    return bytes(report.output())


def form(prose: Prose) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target)
    for n in range(8):
        canvas.drawString(50, 760 - 40 * n, prose.words(2))
        canvas.acroForm.textfield(name=f"f{n}", value=prose.words(2), x=250, y=752 - 40 * n, width=250, height=20)
    canvas.save()
    return target.getvalue()


def scanned(data: bytes, *, dots: int = 200) -> bytes:
    """The pages of a PDF as images."""
    target = io.BytesIO()
    canvas = Canvas(target)
    for page in pypdfium2.PdfDocument(data):
        width, height = page.get_size()
        image: Image.Image = page.render(scale=dots / 72, grayscale=True).to_pil()
        canvas.setPageSize((width, height))
        canvas.drawImage(ImageReader(image), 0, 0, width, height)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def rewritten(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The same by other writers: compressed objects, linear, protected without a password."""
    for name, how in (
        ("objects", {"object_stream_mode": pikepdf.ObjectStreamMode.generate}),
        ("linear", {"linearize": True}),
        ("protected", {"encryption": pikepdf.Encryption(owner="dono", user="")}),
    ):
        target = io.BytesIO()
        with pikepdf.open(io.BytesIO(data)) as document:
            document.save(target, **how)
        yield name, target.getvalue()


def turned(data: bytes) -> bytes:
    """The pages turned by pypdf."""
    writer = pypdf.PdfWriter()
    writer.append(io.BytesIO(data))
    for page in writer.pages:
        page.rotate(90)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def latin(text: str) -> str:
    return text.encode("latin-1", errors="ignore").decode("latin-1")
