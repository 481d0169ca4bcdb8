"""A fake of clamd: it knows what its manual documents, and one signature, that of EICAR's test file."""

import asyncio
import struct
from types import TracebackType
from typing import Self

EICAR = "Eicar-Test-Signature"
_PART = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
"""A part of the test file: the whole of it would alarm whoever scans this file."""


class FakeClamd:
    """`largest`: its StreamMaxLength, in bytes. `silent`: it takes connections and never answers."""

    def __init__(self, *, largest: int = 25 * 1024 * 1024) -> None:
        self.largest, self.silent = largest, False
        self.scanned: list[bytes] = []
        self.url = ""
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"tcp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        assert self._server is not None, "it was started"
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            command = await reader.readuntil(b"\0")
            if self.silent:
                await reader.read()
                return
            match command:
                case b"zPING\0":
                    said = "PONG"
                case b"zVERSION\0":
                    said = "ClamAV 1.4.3/27800/Mon Nov 30 08:00:00 2026"
                case b"zINSTREAM\0":
                    said = await self._scan(reader)
                case _:
                    said = "UNKNOWN COMMAND"
            writer.write(said.encode() + b"\0")
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _scan(self, reader: asyncio.StreamReader) -> str:
        data = bytearray()
        while size := struct.unpack(">I", await reader.readexactly(4))[0]:
            if len(data) + size > self.largest:
                return "INSTREAM size limit exceeded. ERROR"
            data += await reader.readexactly(size)
        self.scanned.append(bytes(data))
        return f"stream: {EICAR} FOUND" if _PART in data else "stream: OK"
