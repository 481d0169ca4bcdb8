"""Reading plain text from text, Markdown and PDF files. Runs in the child process (see child.py)."""

from typing import Any

from atende.core.knowledge.filetypes import is_pdf, other_kind
from atende.core.language.text import normalise
from atende.outbound.extraction.errors import Refused
from atende.outbound.extraction.markdown import markdown
from atende.outbound.extraction.pdf import pdf

_MARKS = "–—‘’“”…•°§€£«»\u00a0"


def read(data: bytes, file_type: str) -> tuple[list[str], dict[str, Any]]:
    """Normalised pages and metadata. Raises Refused."""
    if not data.strip():
        raise Refused("The file is empty.")
    if file_type == "pdf":
        return pdf(data)
    text, metadata = decoded(data), dict[str, Any]()
    if file_type == "md":
        text, metadata = markdown(text)
    text = normalise(text)
    if not text:
        raise Refused("The file contains no text.")
    return [text], metadata


def decoded(data: bytes) -> str:
    """Decodes UTF-8, UTF-16 with a byte order mark, or else Windows-1252. Raises Refused."""
    kind = other_kind(data) or ("a PDF" if is_pdf(data) else None)
    if kind:
        raise Refused(f"The file name says text, but the file is {kind}. Send it with the right ending.")
    for encoding in ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _readable(text, strange_letters=encoding == "cp1252"):
            return text
    raise Refused("The file is not readable text. Save it as UTF-8 text and send it again.")


def _readable(text: str, *, strange_letters: bool) -> bool:
    """Whether it has almost no control characters and, decoded as Windows-1252, mostly common letters."""
    sample = text[:200_000]
    control = sum(1 for c in sample if c < " " and c not in "\n\r\t\x0c\x1b")
    if "\x00" in sample or control > 0.002 * len(sample) + 1:
        return False
    return not strange_letters or sum(
        1 for c in sample if c > "\x7f" and not (c.isalpha() or c in _MARKS)
    ) <= 0.1 * len(sample)
