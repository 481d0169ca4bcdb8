"""Reading the text of a file of any supported type. Runs in the child process (see child.py)."""

from collections.abc import Iterator

from atende.core.kernel import Invalid
from atende.core.knowledge.filetypes import detect
from atende.core.language.text import normalise
from atende.outbound.extraction.decoding import decoded
from atende.outbound.extraction.delimited import delimited
from atende.outbound.extraction.docx.document import docx
from atende.outbound.extraction.errors import NoRecognition, Refused
from atende.outbound.extraction.html import html
from atende.outbound.extraction.image import image
from atende.outbound.extraction.markdown import markdown
from atende.outbound.extraction.pdf.document import pdf
from atende.outbound.extraction.result import Picture, Read, Recognise, Seen
from atende.outbound.extraction.xlsx.workbook import xlsx

MAX_CHARACTERS = 20_000_000


def read(data: bytes, file_type: str, *, recognise: Recognise | None = None, language: str = "pt") -> Read:
    """Normalised pages, metadata and notes. What the content is decides; `file_type` only between kinds of text. Raises Refused."""
    if not data.strip():
        raise Refused("The file is empty.")
    try:
        kind, _ = detect(data, file_type)
    except Invalid as error:
        raise Refused(error.detail[0].upper() + error.detail[1:] + ".") from error
    found = _of_kind(data, kind, recognise or _nothing, language)
    found.pages = [normalise(page) for page in found.pages]
    if sum(map(len, found.pages)) > MAX_CHARACTERS:
        raise Refused("There is too much text in the file. Send it in parts.")
    if not any(found.pages):
        raise Refused("The file contains no text.")
    return found


def _of_kind(data: bytes, kind: str, recognise: Recognise, language: str) -> Read:
    if kind == "pdf":
        return pdf(data, recognise)
    if kind == "docx":
        return docx(data)
    if kind == "xlsx":
        return xlsx(data, language)
    if kind == "image":
        return image(data, recognise)
    if kind == "html":
        return html(data)
    text, notes = decoded(data)
    if kind == "md":
        text, metadata = markdown(text)
        return Read([text], metadata=metadata, notes=notes)
    return Read([delimited(text) if kind == "csv" else text], notes=notes)


def _nothing(_pictures: Iterator[Picture]) -> dict[int, list[Seen]]:
    raise NoRecognition
