"""Files that no reader should be given, made on the spot."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

MEBI = 1024 * 1024


def pdf(*pages: str, password: str | None = None, title: str = "") -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, encrypt=StandardEncryption(password) if password else None)
    canvas.setTitle(title)
    for page in pages:
        for n, line in enumerate(page.split("\n")):
            canvas.drawString(50, 780 - 15 * n, line)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def raw_pdf(stream: bytes, *, filters: str = "/FlateDecode", length: int | None = None, count: int = 1) -> bytes:
    """A PDF by hand, one page whose content is `stream` as it is given."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [3 0 R] /Count {count} >>".encode(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream) if length is None else length} /Filter [{filters}] >>\nstream\n".encode()
        + stream
        + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, offsets = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n".encode() + part + b"\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"xref\n0 6\n0000000000 65535 f \n{table}trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    return body + trailer.encode()


def bomb(layers: int, size: int) -> bytes:
    """Nested Flate: a few kilobytes that unfold to `size` bytes of drawing."""
    data = b"BT /F1 12 Tf (x) Tj ET\n" * (size // 23)
    for _ in range(layers):
        data = zlib.compress(data, 9)
    return raw_pdf(data, filters="/FlateDecode " * layers)


def office(parts: dict[str, bytes]) -> bytes:
    """An Office file of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


WORD = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>%s</w:body></w:document>'
SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
BOOK = (
    b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" r:id="r"/></sheets></workbook>'
)
LINKS = b'<Relationships><Relationship Id="r" Target="worksheets/sheet1.xml"/></Relationships>'


def workbook(rows: bytes) -> bytes:
    return office(
        {"xl/workbook.xml": BOOK, "xl/_rels/workbook.xml.rels": LINKS, "xl/worksheets/sheet1.xml": SHEET % rows}
    )


def lying_docx() -> bytes:
    """It claims to unfold to ten gigabytes."""
    data = office({"word/document.xml": WORD % b"", "word/media/a.bin": b"x"})
    at = data.rindex(b"PK\x01\x02") + 24
    return data[:at] + struct.pack("<I", 2**32 - 2) + data[at + 4 :]


def entities() -> bytes:
    lines = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12))
    return office({"word/document.xml": b'<!DOCTYPE w [<!ENTITY e0 "ha">%s]>' % lines + WORD % b"<w:p>&e11;</w:p>"})


def pixels(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims this size."""

    def piece(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + piece(b"IHDR", head)
        + piece(b"IDAT", zlib.compress(bytes(100_000)))
        + piece(b"IEND", b"")
    )


GOOD = pdf("O prazo de troca é de 30 dias.", "A garantia é de 90 dias.", title="Manual")
HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty": ("pdf", lambda: b""),
    "blank text": ("txt", lambda: b" \n\t\r\n"),
    "only a mark": ("pdf", lambda: b"%PDF-1.7\n"),
    "cut in half": ("pdf", lambda: GOOD[: len(GOOD) // 2]),
    "without its table": ("pdf", lambda: GOOD[: GOOD.rindex(b"xref")]),
    "bytes turned round": ("pdf", lambda: b"%PDF-1.7\n" + GOOD[:20:-1]),
    "encrypted": ("pdf", lambda: pdf("segredo", password="dono")),
    "scanned": ("pdf", lambda: pdf("", "")),
    "flate bomb": ("pdf", lambda: bomb(2, 100 * MEBI)),
    "flate bomb of five layers": ("pdf", lambda: bomb(5, 50 * MEBI)),
    "claims a gigabyte": ("pdf", lambda: raw_pdf(zlib.compress(b"BT ET"), length=2**30)),
    "claims a billion pages": ("pdf", lambda: raw_pdf(zlib.compress(b"BT ET"), count=10**9)),
    "pages that hold each other": ("pdf", lambda: GOOD.replace(b"/Parent", b"/Kids [2 0 R] /Parent")),
    "deep arrays": ("pdf", lambda: GOOD.replace(b"trailer\n<<", b"trailer\n<< /X " + b"[" * 200_000 + b"]" * 200_000)),
    "too many pages": ("pdf", lambda: pdf(*["x"] * 2_001)),
    "noise after the mark": ("pdf", lambda: b"%PDF-1.7\n" + noise(200_000)),
    "noise as text": ("txt", lambda: noise(100_000)),
    "a picture as text": ("txt", lambda: b"\x89PNG\r\n\x1a\n" + noise(1_000)),
    "an archive as pdf": ("pdf", lambda: b"PK\x03\x04" + noise(1_000)),
    "a pdf as text": ("txt", lambda: GOOD),
    "a pdf as markdown": ("md", lambda: GOOD),
    "a program as markdown": ("md", lambda: b"\x7fELF" + noise(1_000)),
    "half a letter": ("txt", lambda: "prazo de devoluçã".encode()[:-1] + b"\x81\x8d"),
    "a zip bomb as docx": ("docx", lambda: office({"word/document.xml": WORD % (b"<w:p></w:p>" * 2_000_000)})),
    "a docx that claims 10 gigabytes": ("docx", lying_docx),
    "a docx with entities": ("docx", entities),
    "a docx of many parts": (
        "docx",
        lambda: office({"word/document.xml": WORD % b"", **{f"a{n}": b"" for n in range(2_001)}}),
    ),
    "a docx cut in half": ("docx", lambda: office({"word/document.xml": WORD % noise(5_000).hex().encode()})[:2_000]),
    "a docx nested deeply": (
        "docx",
        lambda: office({"word/document.xml": WORD % (b"<w:sdt>" * 3_000 + b"</w:sdt>" * 3_000)}),
    ),
    "an encrypted docx": ("docx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + noise(5_000)),
    "a sheet of a million rows": (
        "xlsx",
        lambda: workbook(b"".join(b"<row><c><v>%d</v></c></row>" % n for n in range(1_000_000))),
    ),
    "a table that covers everything": ("html", lambda: b"<table>" + b"<tr><td colspan=99 rowspan=999>a<td>b" * 900),
    "nested elements": ("html", lambda: b"<div>" * 50_000 + b"fundo"),
    "a flood of pixels": ("image", lambda: pixels(60_000, 60_000)),
    "an image with too few pixels": ("image", lambda: pixels(6_000, 6_000)),
    "an image cut in half": ("image", lambda: pixels(60, 60)[:40]),
    "a csv that never closes its quotes": ("csv", lambda: b'a;"' + b"b;c\n" * 500_000),
    "nested quotes": ("md", lambda: b">" * 100_000 + b" fundo"),
    "nested lists": ("md", lambda: b"".join(b" " * n + b"- a\n" for n in range(2_000))),
    "nested brackets": ("md", lambda: b"[" * 100_000 + b"texto" + b"](x)" * 100_000),
    "nested stars": ("md", lambda: b"*a **b " * 50_000),
    "one endless line": ("txt", lambda: b"palavra " * 600_000),
    "an endless table": ("md", lambda: b"|a" * 20_000 + b"\n" + b"|-" * 20_000 + b"\n" + b"|b" * 20_000),
}


def noise(size: int) -> bytes:
    seed, found = b"\x07", bytearray()
    while len(found) < size:
        seed = zlib.crc32(seed).to_bytes(4, "big") + seed[:60]
        found += seed
    return bytes(found[:size])
