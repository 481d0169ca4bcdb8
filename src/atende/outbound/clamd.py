"""Looking for viruses with clamd, over TCP or a Unix socket, by its own protocol (INSTREAM)."""

import asyncio
import struct
from urllib.parse import urlsplit

from atende.core.kernel import Unavailable
from atende.core.knowledge.document import UnreadableDocument
from atende.core.knowledge.ports import VirusScan

DEFAULT_PORT = 3310
_PIECE = 64 * 1024
_LONGEST = 4_096
_FOUND, _TOO_LARGE = " FOUND", "size limit exceeded"


class NotScanned(VirusScan):
    """Where no scanner is set up, files are read as they are."""

    async def find(self, data: bytes) -> str | None:
        return None


class ClamdScan(VirusScan):
    """`url`: `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`. `timeout`: seconds for a whole scan."""

    def __init__(self, url: str, *, timeout: float = 30.0) -> None:
        self._url, self._timeout = urlsplit(url), timeout

    async def find(self, data: bytes) -> str | None:
        said = await self._ask(b"zINSTREAM\0", data)
        if said == "stream: OK":
            return None
        if said.endswith(_FOUND):
            return said.removeprefix("stream: ").removesuffix(_FOUND)
        if _TOO_LARGE in said:
            raise UnreadableDocument(
                "this file is larger than the virus scanner takes: raise StreamMaxLength of clamd, or send a smaller file"
            )
        raise Unavailable(f"clamd answered: {said[:200] or 'nothing'}")

    async def version(self) -> str:
        """What clamd calls itself and its signatures. Raises Unavailable."""
        return await self._ask(b"zVERSION\0")

    async def _ask(self, command: bytes, data: bytes | None = None) -> str:
        try:
            async with asyncio.timeout(self._timeout):
                reader, writer = await self._connect()
                try:
                    return await _exchange(reader, writer, command, data)
                finally:
                    writer.close()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            raise Unavailable(f"the virus scanner does not answer: {error!r}") from error

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._url.scheme == "unix":
            return await asyncio.open_unix_connection(self._url.path)
        return await asyncio.open_connection(self._url.hostname, self._url.port or DEFAULT_PORT)


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, command: bytes, data: bytes | None
) -> str:
    """clamd may answer before the end, and close: over its limit, it does."""
    writer.write(command)
    try:
        if data is not None:
            for at in range(0, len(data), _PIECE):
                piece = data[at : at + _PIECE]
                writer.write(struct.pack(">I", len(piece)) + piece)
                await writer.drain()
            writer.write(struct.pack(">I", 0))
        await writer.drain()
    except ConnectionError:
        pass  # what it said before it closed is still to be read
    said = await reader.read(_LONGEST)
    return said.rstrip(b"\0\n").decode("utf-8", "replace").strip()
