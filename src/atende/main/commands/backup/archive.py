"""The file that a backup is: a compressed tar of the database's dump, the files and the keys, with a manifest at its end.

The manifest says what was in each of them, so that a restore knows a damaged or cut-off backup before it touches anything.
"""

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec

from atende.core.kernel import Invalid

FORMAT = 1
"""Of the archive. A program reads its own format and older ones."""
MANIFEST, DATABASE, KEY, TENANT, FILES = (
    "manifest.json",
    "database.dump",
    "encryption.key",
    "first-tenant.json",
    "files/",
)
_PART = r"[A-Za-z0-9_-][A-Za-z0-9_.=-]{0,199}"
_NAME = re.compile(rf"(?:{re.escape(DATABASE)}|{re.escape(KEY)}|{re.escape(TENANT)}|{FILES}{_PART}(?:/{_PART})*)")
_BLOCK = 1024 * 1024
_PRIVATE = 0o600


class Stored(msgspec.Struct, frozen=True):
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`schema` is the last migration of the database, `postgresql` the major version of its server."""

    format: int
    atende: str
    made_at: str
    postgresql: int
    schema: str
    stored: Mapping[str, Stored]


class ArchiveWriter:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.stored: dict[str, Stored] = {}

    def add(self, name: str, file: IO[bytes]) -> None:
        """An open file as it is now, from its beginning, read once."""
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        reader = _Hashing(file)
        self._put(name, size, reader)
        self.stored[name] = Stored(size, reader.hash.hexdigest())

    def finish(self, about: Mapping[str, Any]) -> None:
        manifest = {**about, "format": FORMAT, "stored": msgspec.to_builtins(self.stored)}
        raw = json.dumps(manifest, indent=1).encode()
        self._put(MANIFEST, len(raw), io.BytesIO(raw))

    def _put(self, name: str, size: int, file: "IO[bytes] | _Hashing") -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, _PRIVATE
        self._tar.addfile(info, file)


class _Hashing:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.hash.update(data)
        return data


@contextmanager
def writing(file: Path) -> Iterator[ArchiveWriter]:
    """An archive at `file`, for our eyes only, which is there whole or not at all. Raises Invalid when something is there."""
    if file.exists():
        raise Invalid(f"{file} exists already: name another file")
    draft = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    except OSError as error:
        raise Invalid(f"{file} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as tar:
                yield ArchiveWriter(tar)
            raw.flush()
            os.fsync(raw.fileno())
        draft.rename(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def verify(file: Path) -> Manifest:
    """Reads all of it, and says what it is. Raises Invalid when it is damaged, cut off, too new, or no backup at all."""
    found: dict[str, Stored] = {}
    raw: bytes | None = None
    with _reading(file) as tar:
        for member in tar:
            body = tar.extractfile(member)
            if body is None or (member.name != MANIFEST and not _NAME.fullmatch(member.name)):
                raise Invalid(f"{file} is not a backup of atende: it holds {member.name!r}")
            if member.name == MANIFEST:
                raw = body.read(_BLOCK * 64)
            else:
                found[member.name] = _stored(body)
    if raw is None:
        raise Invalid(f"{file} is not a whole backup: its manifest is missing")
    manifest = _manifest(file, raw)
    _compare(file, found, manifest.stored)
    return manifest


def unpack(file: Path, target: Path, manifest: Manifest) -> None:
    """Into the empty folder `target`, each file ours alone and on the disk. Raises Invalid when it has changed since."""
    found: dict[str, Stored] = {}
    with _reading(file) as tar:
        for member in tar:
            body = tar.extractfile(member)
            if body is None or member.name not in manifest.stored:
                continue
            place = target / member.name
            for folder in reversed(Path(member.name).parents):
                (target / folder).mkdir(mode=0o700, exist_ok=True)
            with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as copy:
                found[member.name] = _stored(body, copy)
                copy.flush()
                os.fsync(copy.fileno())
    _compare(file, found, manifest.stored)


@contextmanager
def _reading(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file, mode="r:*") as tar:
            yield tar
    except FileNotFoundError as error:
        raise Invalid(f"there is no {file}") from error
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise Invalid(f"{file} is damaged, or no backup of atende") from error
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror or error}") from error


def _stored(body: IO[bytes], copy: IO[bytes] | None = None) -> Stored:
    size, digest = 0, hashlib.sha256()
    while block := body.read(_BLOCK):
        size += len(block)
        digest.update(block)
        if copy is not None:
            copy.write(block)
    return Stored(size, digest.hexdigest())


def _manifest(file: Path, raw: bytes) -> Manifest:
    try:
        form = msgspec.json.decode(raw, type=dict[str, Any]).get("format")
        if isinstance(form, int) and form > FORMAT:
            raise Invalid(f"{file} was made by a newer atende (format {form}, ours is {FORMAT}): update atende first")
        return msgspec.json.decode(raw, type=Manifest)
    except msgspec.DecodeError as error:
        raise Invalid(f"{file} is damaged: its manifest cannot be read ({error})") from error


def _compare(file: Path, found: Mapping[str, Stored], promised: Mapping[str, Stored]) -> None:
    for name in sorted({*found, *promised}):
        if found.get(name) != promised.get(name):
            raise Invalid(f"{file} is damaged: the checksum of {name} does not match its manifest")
