"""Detecting the type of a file by its name, else by its first bytes."""

from pathlib import PurePosixPath

from atende.core.kernel import Invalid
from atende.core.knowledge.model import FILE_TYPES

_SUFFIXES = {".pdf": "pdf", ".md": "md", ".markdown": "md", ".txt": "txt", ".text": "txt"}
_OTHERS = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"II*\x00", "an image"),
    (b"MM\x00*", "an image"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"\x1f\x8b\x08", "an archive"),
    (b"{\\rtf", "an RTF document"),
)
_PDF_WITHIN = 1024
"""PDF readers accept files whose signature is within this many bytes."""


def sniff(filename: str, data: bytes) -> str:
    """pdf, md or txt: by the ending of the name, or by the content if the ending is not known. Raises Invalid.

    Whether the content matches the name is checked when the file is read.
    """
    suffix = PurePosixPath(filename.strip().lower()).suffix
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if is_pdf(data):
        return "pdf"
    if suffix and suffix[1:].isalnum() and not suffix[1:].isdigit() and len(suffix) <= 6:
        raise Invalid(f"files of type {suffix[1:]} are not supported: send one of {', '.join(FILE_TYPES)}")
    if kind := other_kind(data):
        raise Invalid(f"this is {kind}, which is not supported: send one of {', '.join(FILE_TYPES)}")
    return "txt"


def is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:_PDF_WITHIN]


def other_kind(data: bytes) -> str | None:
    """What a file with this beginning is, if it certainly is not text."""
    return next((kind for mark, kind in _OTHERS if data.startswith(mark)), None)
