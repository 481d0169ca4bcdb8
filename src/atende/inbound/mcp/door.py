"""The tools over streamable HTTP at `/mcp`: stateless, so that any process answers any request."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import httpx
from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from atende.core.identity.permissions import Permission

PATH = "/mcp"
_TIMEOUT = 120.0
_PASSED_ON = ("authorization", "x-api-key", "x-project-id", "x-forwarded-for", "host")
"""Headers of a request that the calls of its tools have too."""


class McpDoor:
    """The SDK is imported, and its manager started, with the first request."""

    def __init__(self, *, version: str) -> None:
        self._version = version
        self._api: ASGIApp | None = None
        self._manager: Any = None
        self._starting = asyncio.Lock()
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    def over(self, api: ASGIApp) -> None:
        """Says which application the tools call."""
        self._api = api

    @property
    def handler(self) -> ASGIRouteHandler:
        @asgi(PATH, copy_scope=True, permission=Permission.RAG_RUN)
        async def mcp(scope: Scope, receive: Receive, send: Send) -> None:
            manager = await self._started()
            await manager.handle_request(scope, receive, send)

        return mcp

    @asynccontextmanager
    async def lifespan(self, _: Any) -> Any:
        try:
            yield
        finally:
            self._stop.set()
            if self._running is not None:
                await self._running

    async def _started(self) -> Any:
        async with self._starting:
            if self._manager is None:
                ready = asyncio.Event()
                self._running = asyncio.create_task(self._run(ready))
                await ready.wait()
        return self._manager

    async def _run(self, ready: asyncio.Event) -> None:
        """The manager must begin and end in one task."""
        manager = await asyncio.to_thread(self._make)
        async with manager.run():
            self._manager = manager
            ready.set()
            await self._stop.wait()

    def _make(self) -> Any:
        from mcp.server.transport_security import TransportSecuritySettings

        from atende.inbound.mcp.tools import make_server

        server = make_server(self._as_the_caller, version=self._version)
        hosts = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # ALLOWED_HOSTS are checked before
        server.streamable_http_app(
            streamable_http_path=PATH, json_response=True, stateless_http=True, transport_security=hosts
        )
        return server.session_manager

    async def _as_the_caller(self, ctx: Any) -> httpx.AsyncClient:
        assert self._api is not None, "the door stands in front of an application"
        shown = {name: value for name, value in (ctx.headers or {}).items() if name.lower() in _PASSED_ON}
        transport = httpx.ASGITransport(self._api, raise_app_exceptions=False)  # type: ignore[arg-type]
        return httpx.AsyncClient(transport=transport, base_url="http://atende", headers=shown, timeout=_TIMEOUT)
