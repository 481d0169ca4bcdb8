"""Small files that make each reader load what it needs, before the child process gives up the file system."""

import contextlib
import io
import zipfile

from atende.outbound.extraction.errors import Refused
from atende.outbound.extraction.formats import read

_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj "
    b"4 0 obj<</Length 22>>stream\nBT /F 1 Tf (x) Tj ET \nendstream endobj "
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj trailer<</Root 1 0 R>>"
)
_MARKDOWN = b"# a\n\n- *b*\n\n|c|d|\n|-|-|\n|e|f|\n\n<b>g</b>\n"
_WORD = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>x</w:t></w:r></w:p></w:body></w:document>'
_BOOK = (
    b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/'
    b'officeDocument/2006/relationships"><sheets><sheet name="a" r:id="r"/></sheets></workbook>'
)
_LINKS = b'<Relationships><Relationship Id="r" Target="worksheets/sheet1.xml"/></Relationships>'
_SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1"><v>1</v></c>'
    b"</row></sheetData></worksheet>"
)


def read_samples(beginning: bytes) -> None:
    """Reads a sample of every format that a file with these first bytes can be."""
    if beginning.startswith(b"PK"):
        samples = [("docx", _zip({"word/document.xml": _WORD})), ("xlsx", _zip(_BOOK_PARTS))]
    elif beginning.startswith((b"\x89PNG", b"\xff\xd8", b"II", b"MM", b"GIF8", b"BM", b"RIFF")):
        samples = [("image", _image(kind)) for kind in ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP")]
        samples.append(("pdf", _PDF))
    else:
        samples = [("pdf", _PDF), ("md", _MARKDOWN), ("html", b"<p>x"), ("csv", b"a;b\nc;d"), ("txt", b"x")]
    for kind, data in samples:
        with contextlib.suppress(Refused):
            read(data, kind, recognise=lambda pictures: {picture.page: [] for picture in pictures})


_BOOK_PARTS = {"xl/workbook.xml": _BOOK, "xl/_rels/workbook.xml.rels": _LINKS, "xl/worksheets/sheet1.xml": _SHEET}


def _zip(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def _image(kind: str) -> bytes:
    from PIL import Image

    target = io.BytesIO()
    Image.new("L", (8, 8)).save(target, kind)
    return target.getvalue()
