"""Blobs in a dictionary."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from datetime import timedelta

from atende.core.kernel import NotFound
from atende.core.knowledge.ports import NO_LABELS, Blobs


class FakeBlobs(Blobs):
    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    async def put(
        self,
        key: str,
        data: bytes | AsyncIterable[bytes],
        *,
        content_type: str = "application/octet-stream",
        labels: Mapping[str, str] = NO_LABELS,
    ) -> None:
        self._blobs[key] = bytes(data) if isinstance(data, bytes) else b"".join([piece async for piece in data])

    async def get(self, key: str) -> bytes:
        try:
            return self._blobs[key]
        except KeyError:
            raise NotFound("no such blob") from None

    async def read(self, key: str) -> AsyncIterator[bytes]:
        yield await self.get(key)

    async def link(self, key: str, *, lifetime: timedelta, filename: str) -> str | None:
        return None

    async def delete(self, key: str) -> None:
        self._blobs.pop(key, None)

    async def delete_folder(self, folder: str) -> None:
        self._blobs = {key: data for key, data in self._blobs.items() if not key.startswith(f"{folder}/")}
