"""A small HTTP server on loopback in the running event loop that can also hang or reset a connection."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

_KEEP_ALIVE = 75  # longer than our clients keep an idle connection, so that none is closed during a request
_LINGER_0 = struct.pack("ii", 1, 0)
_STOP_WITHIN = 5.0


class Request(msgspec.Struct, frozen=True):
    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def under(self, prefix: str) -> "Request":
        return msgspec.structs.replace(self, path=self.path.removeprefix(prefix))


class Reply(msgspec.Struct, frozen=True):
    """`chunks` are sent one by one after the body, for streams."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = {}
    chunks: tuple[bytes, ...] = ()


class Hang(msgspec.Struct, frozen=True):
    """There is never a response."""


class Reset(msgspec.Struct, frozen=True):
    """The connection is reset."""


Outcome = Reply | Hang | Reset
Handler = Callable[[Request], Awaitable[Outcome]]


def json_reply(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status=status, body=msgspec.json.encode(value), headers=headers or {})


class _Protocol(H11Protocol):
    """Passes its transport to the application, which needs it to reset a connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.access_log = False
        self.app_state = {**self.app_state, "transport": transport}


class LoopbackServer:
    """Serves `handler` until `stop`, which sets `closing` first, so that waiting handlers end."""

    def __init__(self, handler: Handler, closing: asyncio.Event) -> None:
        self._handler = handler
        self._closing = closing
        self._state = ServerState()
        self._server: asyncio.Server | None = None
        self.url = ""

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        config = uvicorn.Config(
            self._app,
            interface="asgi3",
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            timeout_keep_alive=_KEEP_ALIVE,
            server_header=False,
            date_header=False,
            proxy_headers=False,
        )
        config.load()

        def protocol() -> asyncio.Protocol:
            return _Protocol(config=config, server_state=self._state, app_state={})

        self._server = await asyncio.get_running_loop().create_server(protocol, host, port)
        self.url = f"http://{host}:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        self._closing.set()
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(set(self._state.tasks), timeout=_STOP_WITHIN)
        for connection in list(self._state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)
        await self._server.wait_closed()

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        request = Request(
            method=scope["method"],
            path=scope["path"],
            query=parse_qsl(scope["query_string"].decode(), keep_blank_values=True),
            headers={name.decode(): value.decode("latin-1") for name, value in scope["headers"]},
            body=bytes(body),
        )
        match await self._handler(request):
            case Reply() as reply:
                await _write(reply, send)
            case Hang():
                await self._until_gone(receive)
                _abort(scope["state"]["transport"])
                await receive()
            case Reset():
                _abort(scope["state"]["transport"])
                await receive()

    async def _until_gone(self, receive: Any) -> None:
        waits = [asyncio.ensure_future(receive()), asyncio.ensure_future(self._closing.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


async def _write(reply: Reply, send: Any) -> None:
    headers = [(b"content-type", reply.content_type.encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in reply.headers.items()]
    if not reply.chunks:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body, "more_body": bool(reply.chunks)})
    for n, chunk in enumerate(reply.chunks, start=1):
        await send({"type": "http.response.body", "body": chunk, "more_body": n < len(reply.chunks)})


def _abort(transport: asyncio.Transport) -> None:
    """Closes with RST instead of FIN."""
    sock: socket.socket | None = transport.get_extra_info("socket")
    if sock is not None and not transport.is_closing():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
    transport.abort()
