"""Blobs in a dictionary."""

from atende.core.kernel import NotFound
from atende.core.knowledge.ports import Blobs


class FakeBlobs(Blobs):
    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    async def put(self, key: str, data: bytes) -> None:
        self._blobs[key] = bytes(data)

    async def get(self, key: str) -> bytes:
        try:
            return self._blobs[key]
        except KeyError:
            raise NotFound("no such blob") from None

    async def delete(self, key: str) -> None:
        self._blobs.pop(key, None)

    async def delete_folder(self, folder: str) -> None:
        self._blobs = {key: data for key, data in self._blobs.items() if not key.startswith(f"{folder}/")}
