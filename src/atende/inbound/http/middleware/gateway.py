"""The edge: what every request meets before any route, and every answer bears."""

import asyncio
from collections.abc import Mapping
from typing import Any

from litestar.datastructures import ResponseHeader
from litestar.enums import ScopeType
from litestar.exceptions import ClientException
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPScope, Message, Receive, Scope, Send

from atende.core.limits.model import RateLimitExceeded
from atende.core.limits.policy import Caller
from atende.inbound.http.errors import known_problem, problem, send_problem
from atende.inbound.http.middleware.cors import Cors, Headers
from atende.inbound.http.middleware.rate_limits import CallCount, CallLimits, start_counting
from atende.inbound.http.options import WebOptions
from atende.inbound.http.security.client_address import note_address
from atende.inbound.http.wire.structs import WireResponse

_PROBES = ("/health", "/health/live", "/health/ready", "/metrics")
_ALWAYS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
]
_HTTPS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


RATE_LIMIT_HEADERS = [
    ResponseHeader(name="X-RateLimit-Limit", description="Calls in the present window.", documentation_only=True),
    ResponseHeader(name="X-RateLimit-Remaining", description="How many of them are left.", documentation_only=True),
    ResponseHeader(
        name="X-RateLimit-Reset", description="When it ends, in seconds since 1970.", documentation_only=True
    ),
]
"""For the OpenAPI: the tightest of the limits that bind a call."""


class SlowBody(ClientException):
    """The body did not arrive in time."""

    status_code = 408


class Gateway:
    """Says where a request comes from; refuses hosts that are not ours, and bodies with two ends; answers browsers that ask
    first; gives slow bodies a limit; serves HEAD as the GET without its body. Answers get the headers that protect them, and
    those of the rate limit; one that no guard has counted, such as a 404, is counted here for the address.
    """

    def __init__(self, app: ASGIApp, options: WebOptions, limits: CallLimits) -> None:
        self._app, self._options, self._limits = app, options, limits
        self._cors = Cors.of(options.cors_origins)
        self._hosts = frozenset(host.lower().encode() for host in options.allowed_hosts)
        self._headers = [*_ALWAYS, _HTTPS] if options.https else _ALWAYS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        shown = dict(scope["headers"])
        origin = shown.get(b"origin")
        call_count = start_counting(scope, note_address(scope, hops=self._options.trusted_proxy_hops))
        answer = _Answer(self, scope, send, call_count, [*self._headers, *self._cors.headers(origin)])
        if b"transfer-encoding" in shown and b"content-length" in shown:
            call_count.exempt = True
            await answer.whole(_two_ends())
        elif scope["method"] == "OPTIONS" and origin is not None and b"access-control-request-method" in shown:
            call_count.exempt = True
            await answer.empty(204, self._cors.preflight(origin))
        elif not self._is_ours(scope, shown.get(b"host", b"")):
            call_count.exempt = True
            detail = "this host is not served here; ALLOWED_HOSTS lists those that are"
            await answer.whole(problem(400, code="WRONG_HOST", title="The host is not ours", detail=detail))
        else:
            inner: Any = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
            await self._app(inner, _Patient(receive, self._options).receive, answer.send)

    def _is_ours(self, scope: HTTPScope, host: bytes) -> bool:
        """Probes come under the machine's own name."""
        name = host.lower() if host.endswith(b"]") else host.lower().rpartition(b":")[0] or host.lower()
        return not self._hosts or name in self._hosts or scope["path"].endswith(_PROBES)

    async def count(self, call_count: CallCount) -> WireResponse[dict[str, Any]] | None:
        """Counts what nobody has counted yet; the refusal, when it is one call too many."""
        if call_count.exempt or call_count.verdict is not None:
            return None
        try:
            await self._limits.count(call_count, Caller(address=call_count.address))
        except RateLimitExceeded as error:
            return known_problem(error)
        return None


def _two_ends() -> WireResponse[dict[str, Any]]:
    """A proxy in front may have believed the other header than our server does: what follows on the connection is not believed."""
    detail = "send Content-Length or Transfer-Encoding, not both"
    closing = {"Connection": "close"}
    return problem(400, code="BAD_FRAMING", title="The end of the body is told twice", detail=detail, headers=closing)


class _Answer:
    """One answer on its way out."""

    def __init__(self, edge: Gateway, scope: HTTPScope, send: Send, call_count: CallCount, headers: Headers) -> None:
        self._edge, self._send, self._call_count, self._headers = edge, send, call_count, headers
        self._head = scope["method"] == "HEAD"
        self._replaced = False

    async def send(self, message: Message) -> None:
        if self._replaced:
            return
        if message["type"] == "http.response.start":
            refusal = await self._edge.count(self._call_count)
            if refusal is not None:
                self._replaced = True
                await self.whole(refusal)
                return
            message["headers"] = self._dressed(list(message["headers"]))
        elif message["type"] == "http.response.body" and self._head:
            message = {**message, "body": b""}
        await self._send(message)

    async def whole(self, answer: WireResponse[dict[str, Any]]) -> None:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._dressed(list(message["headers"]))
            await self._send(message)

        await send_problem(answer, dressed, head=self._head)

    async def empty(self, status: int, headers: Headers) -> None:
        start: Any = {"type": "http.response.start", "status": status, "headers": self._dressed(headers)}
        await self._send(start)
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    def _dressed(self, headers: Headers) -> Headers:
        """With ours, where the route has none of its own."""
        there = {name.lower() for name, _ in headers}
        ours = [pair for pair in self._headers if pair[0] not in there or pair[0] == b"vary"]
        return [*headers, *ours, *self._counted()]

    def _counted(self) -> Headers:
        verdict = self._call_count.verdict
        if verdict is None:
            return []
        return [
            (b"x-ratelimit-limit", b"%d" % verdict.limit),
            (b"x-ratelimit-remaining", b"%d" % verdict.remaining),
            (b"x-ratelimit-reset", b"%d" % self._call_count.reset_at),
        ]


class _Patient:
    """A body has `body_timeout` seconds, and the longer the more of it has come: `body_bytes_per_second` bytes buy a second."""

    def __init__(self, receive: Receive, options: WebOptions) -> None:
        self._receive, self._pace = receive, options.body_bytes_per_second
        self._patience = options.body_timeout
        self._deadline: float | None = None
        self._whole = False

    async def receive(self) -> HTTPReceiveMessage:
        if self._whole:
            return await self._receive()  # type: ignore[return-value]
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + self._patience
        try:
            async with asyncio.timeout_at(self._deadline):
                message: Mapping[str, Any] = await self._receive()
        except TimeoutError as error:
            raise SlowBody("the body came too slowly", headers={"Connection": "close"}) from error
        self._whole = message["type"] != "http.request" or not message.get("more_body", False)
        self._deadline += len(message.get("body", b"")) / self._pace
        return message  # type: ignore[return-value]
