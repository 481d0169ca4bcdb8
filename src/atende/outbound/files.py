"""Blobs as files in one folder."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from atende.core.kernel import NotFound
from atende.core.knowledge.ports import NO_LABELS, Blobs
from atende.outbound.blob_keys import checked

_TEMPORARY = ".writing-"
_PRIVATE = 0o700
_PIECE = 1024 * 1024


class FileBlobs(Blobs):
    """A blob is stored completely or not at all, also after a power failure. Other users of the machine cannot read it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(
        self,
        key: str,
        data: bytes | AsyncIterable[bytes],
        *,
        content_type: str = "application/octet-stream",
        labels: Mapping[str, str] = NO_LABELS,
    ) -> None:
        path = self._path(key)
        if isinstance(data, bytes):
            await asyncio.to_thread(_write, self._root, path, data)
            return
        draft = await asyncio.to_thread(_Draft, self._root, path)
        try:
            async for piece in data:
                await asyncio.to_thread(draft.write, piece)
            await asyncio.to_thread(draft.publish)
        except BaseException:
            draft.discard()
            raise

    async def get(self, key: str) -> bytes:
        with _absence():
            return await asyncio.to_thread(self._path(key).read_bytes)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        with _absence():
            file = await asyncio.to_thread(self._path(key).open, "rb")
        try:
            while piece := await asyncio.to_thread(file.read, _PIECE):
                yield piece
        finally:
            file.close()

    async def link(self, key: str, *, lifetime: timedelta, filename: str) -> str | None:
        return None

    async def delete(self, key: str) -> None:
        await asyncio.to_thread(_remove, self._path(key))

    async def delete_folder(self, folder: str) -> None:
        await asyncio.to_thread(_remove_folder, self._path(folder))

    def _path(self, key: str) -> Path:
        return self._root.joinpath(*checked(key))


@contextmanager
def _absence() -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise NotFound("no such blob") from None


class _Draft:
    """A temporary file in the folder of the blob. It is synced and renamed at the end; then the changed folders are synced."""

    def __init__(self, root: Path, path: Path) -> None:
        self._path, self._made = path, _make_folders(root, path.parent)
        handle, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=path.parent)
        self._temporary = Path(name)
        self._file: BinaryIO = os.fdopen(handle, "wb")

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def publish(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._temporary.replace(self._path)
        for folder in [self._path.parent, *(folder.parent for folder in self._made)]:
            _sync(folder)

    def discard(self) -> None:
        self._file.close()
        self._temporary.unlink(missing_ok=True)


def _write(root: Path, path: Path, data: bytes) -> None:
    draft = _Draft(root, path)
    try:
        draft.write(data)
        draft.publish()
    except BaseException:
        draft.discard()
        raise


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
