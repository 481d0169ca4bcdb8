"""Detecting the type of a file by its content; its name decides only between kinds of text."""

import re
from pathlib import PurePosixPath

from atende.core.kernel import Invalid

FILE_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "md": "text/markdown",
    "txt": "text/plain",
    "html": "text/html",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "image": "image/*",
}
SUPPORTED = "send a PDF, DOCX, XLSX, CSV, Markdown, HTML or text file, or an image (PNG, JPG, TIFF)"

_TEXT_ENDINGS = {
    "md": "md", "markdown": "md", "mdown": "md", "html": "html", "htm": "html", "xhtml": "html", "csv": "csv", "tsv": "csv",
}  # fmt: skip
_ENDINGS = _TEXT_ENDINGS | {
    "pdf": "pdf", "docx": "docx", "docm": "docx", "dotx": "docx", "xlsx": "xlsx", "xlsm": "xlsx", "txt": "txt", "text": "txt",
    "png": "image", "jpg": "image", "jpeg": "image", "tif": "image", "tiff": "image", "webp": "image", "bmp": "image",
    "gif": "image",
}  # fmt: skip
_NEVER_TEXT = frozenset({
    "exe", "dll", "so", "bin", "bat", "cmd", "com", "msi", "scr", "ps1", "vbs", "jar", "apk", "dmg", "iso", "zip", "rar", "7z",
    "gz", "tar", "doc", "xls", "ppt", "pptx", "odt", "ods", "odp", "rtf", "epub", "mp3", "mp4", "avi", "mov", "wav", "heic", "psd",
})  # fmt: skip
"""What is named like this is not read, even if its content looks like text."""
_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_UNSUPPORTED = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or a password-protected Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript document"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"\x1f\x8b\x08", "an archive"),
    (b"BZh", "an archive"),
    (b"\xfd7zXZ", "an archive"),
    (b"ID3", "a sound recording"),
    (b"OggS", "a sound recording"),
    (b"\x1aE\xdf\xa3", "a video"),
)
_ZIPPED = (
    (b"ppt/presentation.xml", "a presentation"),
    (b"mimetypeapplication/vnd.oasis.opendocument", "an OpenDocument file"),
    (b"mimetypeapplication/epub", "an e-book"),
    (b"xl/workbook.bin", "a binary Excel workbook"),
)
_PDF_WITHIN = 1024
"""PDF readers accept files whose signature is within this many bytes."""
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_TITLES = {
    "pdf": "a PDF",
    "docx": "a Word document",
    "xlsx": "an Excel workbook",
    "html": "a web page",
    "image": "an image",
}


def detect(data: bytes, name: str, *, is_whole: bool = True) -> tuple[str, str]:
    """The type (a key of FILE_TYPES) and the MIME type. Raises Invalid with the reason.

    `name`: a file name or an ending. `is_whole`: whether `data` is all of the file, and not only its beginning.
    """
    if is_pdf(data):
        return _pair("pdf")
    if data.startswith(b"PK\x03\x04"):
        return _pair(_zipped(data, name, is_whole=is_whole))
    for mark, mime in _IMAGES:
        if data.startswith(mark):
            return "image", mime
    if data.startswith(b"BM") and data[6:10] == b"\0\0\0\0":
        return "image", "image/bmp"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image", "image/webp"
    if kind := _unsupported(data):
        raise Invalid(f"the file is {kind}, which is not supported: {SUPPORTED}")
    return _pair(_text(data, name))


def ending_note(filename: str, file_type: str) -> str | None:
    """A note for the person who uploaded a file whose ending names another type."""
    ending = _ending(filename)
    if _ENDINGS.get(ending, file_type) == file_type:
        return None
    return f"The name ends in .{ending}, but the file is {_TITLES.get(file_type, 'text')}; it was read as such."


def is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:_PDF_WITHIN]


def _pair(file_type: str) -> tuple[str, str]:
    return file_type, FILE_TYPES[file_type]


def _zipped(data: bytes, name: str, *, is_whole: bool) -> str:
    for mark, kind in _ZIPPED:
        if mark in data:
            raise Invalid(f"the file is {kind}, which is not supported: {SUPPORTED}")
    if b"word/document" in data:
        return "docx"
    if b"xl/workbook.xml" in data or b"xl/worksheets/" in data:
        return "xlsx"
    ending = _ENDINGS.get(_ending(name), "")
    if not is_whole and ending in {"docx", "xlsx"}:
        return ending  # its table of contents is at its end; the reader will see
    raise Invalid(f"the file is a ZIP archive: unpack it and upload what is in it; {SUPPORTED}")


def _unsupported(data: bytes) -> str | None:
    if data[4:8] == b"ftyp":
        return "an image in the format HEIC" if data[8:12] in {b"heic", b"heix", b"mif1", b"avif"} else "a video"
    if data.startswith(b"RIFF"):
        return "a sound recording or a video"
    return next((kind for mark, kind in _UNSUPPORTED if data.startswith(mark)), None)


def _text(data: bytes, name: str) -> str:
    if b"\x00" in data[:4096] and not data.startswith(_MARKS) and not _wide(data):
        raise Invalid(f"the file is neither text nor of a known type: {SUPPORTED}")
    ending = _ending(name)
    if ending in _TEXT_ENDINGS:
        return _TEXT_ENDINGS[ending]
    if _HTML.match(data[:4096].removeprefix(_MARKS[0])):
        return "html"
    if ending in _NEVER_TEXT:
        raise Invalid(f"files of type {ending} are not supported: {SUPPORTED}")
    if ending in _ENDINGS.keys() - {"txt", "text"} and not _is_utf_8(data[:4096]):
        raise Invalid(f"the file is not what its name says, .{ending}, nor of another known type: {SUPPORTED}")
    return "txt"


def _is_utf_8(beginning: bytes) -> bool:
    """Whether it is text in UTF-8. Its last letter may be cut."""
    try:
        beginning.decode()
    except UnicodeDecodeError as error:
        return error.start > len(beginning) - 4 and error.start > 0 and error.reason == "unexpected end of data"
    return True


def _wide(data: bytes) -> bool:
    """Whether it may be UTF-16 without a byte order mark: most of every second byte of the beginning are zero."""
    sample = data[:400]
    return abs(sample[1::2].count(0) - sample[0::2].count(0)) >= 0.3 * len(sample)


def _ending(name: str) -> str:
    name = name.strip().lower()
    return PurePosixPath(name).suffix[1:] if "." in name else name
