"""Blobs as files in one folder."""

import asyncio
import os
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from atende.core.kernel import Invalid, NotFound
from atende.core.knowledge.ports import Blobs

_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.=-]{0,199}")
_TEMPORARY = ".writing-"
_PRIVATE = 0o700


class FileBlobs(Blobs):
    """A blob is stored completely or not at all, also after a power failure. Other users of the machine cannot read it.

    Keys consist of parts of letters, digits and `_ - . =`, joined by slashes. Raises Invalid for all other keys.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, key: str, data: bytes) -> None:
        await asyncio.to_thread(_write, self._root, self._path(key), data)

    async def get(self, key: str) -> bytes:
        path = self._path(key)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise NotFound("no such blob") from None

    async def delete(self, key: str) -> None:
        await asyncio.to_thread(_remove, self._path(key))

    async def delete_folder(self, folder: str) -> None:
        await asyncio.to_thread(_remove_folder, self._path(folder))

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if len(key) > 1_000 or not all(_PART.fullmatch(part) for part in parts):
            raise Invalid("this cannot be the key of a blob")
        return self._root.joinpath(*parts)


def _write(root: Path, path: Path, data: bytes) -> None:
    """Writes a temporary file in the same folder, syncs it and renames it; then syncs the changed folders."""
    made = _make_folders(root, path.parent)
    handle, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    for folder in [path.parent, *(folder.parent for folder in made)]:
        _sync(folder)


def _make_folders(root: Path, folder: Path) -> list[Path]:
    """Creates missing folders; returns them, deepest first."""
    missing = [one for one in [folder, *folder.parents] if one.is_relative_to(root) and not one.is_dir()]
    root.parent.mkdir(parents=True, exist_ok=True)
    for one in reversed(missing):
        with suppress(FileExistsError):
            one.mkdir(mode=_PRIVATE)
    return missing


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        path.unlink()
        _sync(path.parent)


def _remove_folder(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
        _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
