"""A load generator that costs little: ready-made requests over a few kept connections, one under way on each."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_OK = b"HTTP/1.1 2"
_END = b"\r\n\r\n"


@dataclass(slots=True)
class Load:
    """One measured run. Seconds; `refused` are answers other than 2xx."""

    requests: Iterator[bytes]
    left: int
    done: asyncio.Event = field(default_factory=asyncio.Event)
    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    refusal: bytes = b""

    def next(self) -> bytes | None:
        return next(self.requests, None)

    def answered(self, seconds: float, answer: bytes) -> None:
        self.seconds.append(seconds)
        if not answer.startswith(_OK):
            self.refused, self.refusal = self.refused + 1, answer
        self.left -= 1
        if self.left <= 0:
            self.done.set()


class _Connection(asyncio.Protocol):
    def __init__(self, load: Load) -> None:
        self._load, self._buffer, self._sent = load, b"", 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's own is not registered as one

    def start(self) -> None:
        request = self._load.next()
        if request is not None and self._transport is not None:
            self._sent = time.perf_counter()
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(_END)
        if end < 0 or len(self._buffer) < end + len(_END) + _length(self._buffer[:end]):
            return
        answer, self._buffer = self._buffer, b""
        self._load.answered(time.perf_counter() - self._sent, answer)
        self.start()

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.done.set()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


async def drive(port: int, requests: Sequence[bytes], *, connections: int = 32) -> tuple[float, Load]:
    """Sends every request once; the seconds that it all took. Raises RuntimeError when one was refused or cut off."""
    load = Load(iter(requests), len(requests))
    loop = asyncio.get_running_loop()
    opened = [
        (await loop.create_connection(lambda: _Connection(load), "127.0.0.1", port))[1] for _ in range(connections)
    ]
    began = time.perf_counter()
    for connection in opened:
        connection.start()
    async with asyncio.timeout(60):
        await load.done.wait()
    took = time.perf_counter() - began
    for connection in opened:
        connection.close()
    if load.refused or load.left:
        raise RuntimeError(f"{load.refused} requests were refused and {load.left} were not answered: {load.refusal!r}")
    return took, load


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """One HTTP/1.1 request, ready to be written."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body
