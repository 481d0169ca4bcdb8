"""Opening Office files, which are ZIP archives of XML, without trusting what they say of their size."""

import io
import zipfile
import zlib
from xml.etree import ElementTree as ET

from atende.outbound.extraction.errors import Refused
from atende.outbound.extraction.result import MAX_FIELD

MAX_ENTRIES = 2_000
MAX_BYTES = 200 * 1024 * 1024
MAX_RATIO = 100
_SMALL = 4 * 1024 * 1024
"""Parts up to this size may be compressed as strongly as they like."""
_PIECE = 1024 * 1024
_BOMB = "The file unfolds to far more than it seems to hold; it may be malicious."
_DAMAGED = "The file is damaged and cannot be opened. Save it again and send it again."


class Package:
    """The parts of an Office file, by name. Raises Refused for damaged and malicious ones."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise Refused(_DAMAGED) from error
        entries = self._zip.infolist()
        if len(entries) > MAX_ENTRIES:
            raise Refused(f"The file holds {len(entries)} parts; at most {MAX_ENTRIES} are possible.")
        if sum(entry.file_size for entry in entries) > MAX_BYTES:
            raise Refused(_BOMB)
        self._names = {entry.filename.lstrip("/"): entry for entry in entries}
        self._read = 0

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def names(self, prefix: str) -> list[str]:
        return sorted(name for name in self._names if name.startswith(prefix))

    def bytes(self, name: str) -> bytes:
        """The content of a part, which is counted while it unfolds."""
        entry = self._names[name]
        if entry.flag_bits & 1:
            raise Refused("The file is password-protected. Remove the password and send it again.")
        found = bytearray()
        try:
            with self._zip.open(entry) as part:
                while piece := part.read(_PIECE):
                    found += piece
                    self._read += len(piece)
                    if self._read > MAX_BYTES or len(found) > max(_SMALL, MAX_RATIO * max(entry.compress_size, 1)):
                        raise Refused(_BOMB)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
            raise Refused(_DAMAGED) from error
        return bytes(found)

    def xml(self, name: str) -> ET.Element | None:
        """The root of a part; None if there is no such part."""
        return parsed(self.bytes(name)) if name in self else None

    def metadata(self) -> dict[str, str | int]:
        """Title, author, date and pages, as the program that made the file noted them."""
        found: dict[str, str | int] = {}
        try:
            core, app = self.xml("docProps/core.xml"), self.xml("docProps/app.xml")
        except Refused:
            return found
        for element in core if core is not None else ():
            text = " ".join((element.text or "").split())[:MAX_FIELD]
            name = element.tag.rpartition("}")[2]
            if text and name in {"title", "creator"}:
                found["title" if name == "title" else "author"] = text
            elif name == "created" and text[:4].isdecimal():
                found["created_date"] = text[:10]
        for element in app if app is not None else ():
            if element.tag.endswith("}Pages") and (element.text or "").isdecimal() and int(element.text or 0) > 0:
                found["pages"] = int(element.text or 0)
        if found.get("author") in {"python-docx", "openpyxl"}:
            del found["author"]
        return found


def parsed(data: bytes) -> ET.Element:
    """Parses XML. Raises Refused for XML with a document type, whose entities could unfold without end."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"<\x00!\x00" in data[:2000]:
        raise Refused("The file holds XML with a document type, which no Office program writes; it may be malicious.")
    try:
        return ET.fromstring(data)  # noqa: S314 - without a document type there are no entities
    except ET.ParseError as error:
        raise Refused(_DAMAGED) from error


def related(package: Package, part: str) -> dict[str, str]:
    """The names of the parts that a part refers to, by id."""
    folder, _, name = part.rpartition("/")
    root = package.xml(f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels")
    found = {}
    for element in root if root is not None else ():
        target = element.get("Target") or ""
        path = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}" if folder else target
        found[element.get("Id") or ""] = _without_dots(path)
    return found


def _without_dots(path: str) -> str:
    kept: list[str] = []
    for step in path.split("/"):
        if step == ".." and kept:
            kept.pop()
        elif step not in {"", ".", ".."}:
            kept.append(step)
    return "/".join(kept)
