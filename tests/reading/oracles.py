"""Independent readers: what two of them find in a file is in it."""

import io
import re
import zipfile
from collections import Counter
from html.parser import HTMLParser

import docx
import openpyxl
import pypdf
from lxml import html as lxml_html
from pdfminer.high_level import extract_text

_WORD = re.compile(r"[^\W_]+")
_BROKEN = re.compile(r"(\w)-[ \t]*\n\s*(\w)")


def words(text: str) -> "Counter[str]":
    return Counter(_WORD.findall(_BROKEN.sub(r"\1\2", text.lower())))


def both(data: bytes, kind: str) -> "Counter[str]":
    """The words that both readers of this type find."""
    one, other = _READERS[kind]
    return words(one(data)) & words(other(data))


def share(stored: str, wanted: "Counter[str]") -> float:
    """How many of the wanted words are stored."""
    return sum((words(stored) & wanted).values()) / max(1, wanted.total())


def _by_pypdf(data: bytes) -> str:
    reader = pypdf.PdfReader(io.BytesIO(data))
    fields = [str(value) for value in (reader.get_form_text_fields() or {}).values() if value]
    return "\n".join([*(page.extract_text() for page in reader.pages), *fields])


def _by_pdfminer(data: bytes) -> str:
    found: str = extract_text(io.BytesIO(data))
    fields = [
        str(value) for value in (pypdf.PdfReader(io.BytesIO(data)).get_form_text_fields() or {}).values() if value
    ]
    return "\n".join([found, *fields])


def _by_python_docx(data: bytes) -> str:
    document = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def _by_tags(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = archive.read("word/document.xml").decode()
    joined = "".join(
        "\n" if found.startswith("</w:p") else re.sub(r"<[^>]*>", "", found)
        for found in re.findall(r"<w:t(?: [^>]*)?>[^<]*|</w:p>", text)
    )
    return re.sub(r"&(?:amp|lt|gt|quot|apos|#x27);", " ", joined)


def _by_openpyxl(data: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    return "\n".join(
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    )


def _by_shared_strings(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
    return "\n".join(re.findall(r"<t[^>]*>([^<]*)", text))


def _by_lxml(data: bytes) -> str:
    tree = lxml_html.document_fromstring(data)
    for element in list(tree.iter("script", "style", "title")):
        element.drop_tree()
    return " ".join(tree.itertext())


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._skipped = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipped = tag in {"script", "style", "title"}

    def handle_endtag(self, tag: str) -> None:
        self._skipped = False

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.found.append(data)


def _by_parser(data: bytes) -> str:
    parser = _Texts()
    encoding = re.search(rb"charset=([\w-]+)", data)
    parser.feed(data.decode(encoding.group(1).decode() if encoding else "utf-8"))
    return " ".join(parser.found)


_READERS = {
    "pdf": (_by_pypdf, _by_pdfminer),
    "docx": (_by_python_docx, _by_tags),
    "xlsx": (_by_openpyxl, _by_shared_strings),
    "html": (_by_lxml, _by_parser),
}
