"""The HTTP API's edge over nothing but a clock and counts in memory, for tests with routes of their own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpx
from dishka import Provider, Scope, make_async_container, provide
from litestar import Litestar
from litestar.types import ControllerRouterHandler

from atende.core.audit.model import Origin
from atende.core.kernel import Clock
from atende.core.limits.count_call import CountCall
from atende.core.limits.ports import RateLimits
from atende.fakes.ports.clock import FakeClock
from atende.inbound.http.app import WebOptions, make_app
from atende.outbound.local_limits import LocalRateLimits


class Bare(Provider):
    def __init__(self, clock: FakeClock, shared: RateLimits | None) -> None:
        super().__init__()
        self._clock, self._shared = clock, shared or LocalRateLimits(clock)

    @provide(scope=Scope.APP)
    def clock(self) -> Clock:
        return self._clock

    @provide(scope=Scope.APP)
    def count_call(self) -> CountCall:
        return CountCall(shared=self._shared, local=LocalRateLimits(self._clock))

    @provide(scope=Scope.REQUEST)
    def origin(self) -> Origin:
        return Origin()


def bare_app(
    *handlers: ControllerRouterHandler,
    clock: FakeClock | None = None,
    shared: RateLimits | None = None,
    options: WebOptions | None = None,
) -> Litestar:
    """The API with these routes beside its own, which have one prefix only. `shared`: where calls are counted."""
    container = make_async_container(Bare(clock or FakeClock(), shared))
    return make_app(container, replace(options or WebOptions(), aliases=False), extra_handlers=list(handlers))


def caller(app: Litestar, *, address: str = "127.0.0.1", base_url: str = "http://x") -> httpx.AsyncClient:
    """Somebody at this address."""
    transport = httpx.ASGITransport(app, client=(address, 1))  # type: ignore[arg-type]  # the two spell ASGI differently
    return httpx.AsyncClient(transport=transport, base_url=base_url)


async def messages_of(
    app: Litestar,
    headers: Sequence[tuple[bytes, bytes]] = (),
    *,
    method: str = "GET",
    path: str = "/nowhere",
    client: tuple[str, int] | None = ("127.0.0.1", 1),
) -> list[Any]:
    """What goes out, without a client between that makes sense of it."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": list(headers),
        "client": client,
        "server": ("127.0.0.1", 2),
    }
    await app(scope, receive, send)
    return sent


async def status_of(
    app: Litestar, headers: Sequence[tuple[bytes, bytes]], *, client: tuple[str, int] | None = ("127.0.0.1", 1)
) -> int:
    """Of a GET to nowhere."""
    return int((await messages_of(app, headers, client=client))[0]["status"])
