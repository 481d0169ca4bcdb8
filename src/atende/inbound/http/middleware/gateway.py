"""What every request passes before any route, and the headers that every response gets."""

from typing import Any

from litestar.datastructures import ResponseHeader
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from atende.core.limits.model import RateLimitExceeded
from atende.core.limits.policy import Caller
from atende.inbound.http.errors import known_problem, problem, send_problem
from atende.inbound.http.middleware.cors import Cors, Headers
from atende.inbound.http.middleware.security_headers import SECURITY_HEADERS
from atende.inbound.http.middleware.timed_body import TimedBody
from atende.inbound.http.options import WebOptions
from atende.inbound.http.security.client_address import note_address
from atende.inbound.http.security.hosts import ServedHosts
from atende.inbound.http.security.rate_limits import CallCount, CallLimits, start_counting
from atende.inbound.http.wire.structs import WireResponse

_PROBES = ("/health", "/health/live", "/health/ready", "/metrics")
_HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


RATE_LIMIT_HEADERS = [
    ResponseHeader(
        name="X-RateLimit-Limit", description="Allowed calls in the present window.", documentation_only=True
    ),
    ResponseHeader(name="X-RateLimit-Remaining", description="Remaining calls in the window.", documentation_only=True),
    ResponseHeader(
        name="X-RateLimit-Reset", description="When the window ends, in seconds since 1970.", documentation_only=True
    ),
]
"""For the OpenAPI: those of the tightest limit that applies to a call."""


class Gateway:
    """Determines the address of the client, refuses unknown hosts and bodies with two lengths, answers CORS preflights, times out
    slow bodies, and serves HEAD as GET without the body. Responses get security, CORS and rate limit headers; a call that no guard
    has counted, such as one to an unknown path, is counted here for its address.
    """

    def __init__(self, app: ASGIApp, options: WebOptions, limits: CallLimits) -> None:
        self._app, self._options, self._limits = app, options, limits
        self._cors = Cors.of(options.cors_origins)
        self._hosts = ServedHosts(options.allowed_hosts)
        self._headers = [*SECURITY_HEADERS, _HSTS] if options.https else SECURITY_HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        call_count = start_counting(scope, note_address(scope, hops=self._options.trusted_proxy_hops))
        response = _Response(self, scope, send, call_count, [*self._headers, *self._cors.headers(origin)])
        if b"transfer-encoding" in headers and b"content-length" in headers:
            call_count.exempt = True
            await response.replace(_two_lengths())
        elif scope["method"] == "OPTIONS" and origin is not None and b"access-control-request-method" in headers:
            call_count.exempt = True
            await response.empty(204, self._cors.preflight(origin))
        elif not self._hosts.serve(headers.get(b"host", b"")) and not scope["path"].endswith(_PROBES):
            call_count.exempt = True
            detail = "this host name is not served; the setting ALLOWED_HOSTS lists those that are"
            await response.replace(problem(400, code="WRONG_HOST", title="Unknown host", detail=detail))
        else:
            inner: Any = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
            await self._app(inner, TimedBody(receive, self._options).receive, response.send)

    async def count(self, call_count: CallCount) -> WireResponse[dict[str, Any]] | None:
        """Counts a call that was not counted yet. The refusal, if it is one call too many."""
        if call_count.exempt or call_count.verdict is not None:
            return None
        try:
            await self._limits.count(call_count, Caller(address=call_count.address))
        except RateLimitExceeded as error:
            return known_problem(error)
        return None


def _two_lengths() -> WireResponse[dict[str, Any]]:
    """A proxy may have used the other header than our server does (request smuggling), so the connection is closed."""
    detail = "send either Content-Length or Transfer-Encoding"
    closing = {"Connection": "close"}
    return problem(400, code="BAD_FRAMING", title="Two lengths of one body", detail=detail, headers=closing)


class _Response:
    """One response on its way to the client."""

    def __init__(self, gateway: Gateway, scope: HTTPScope, send: Send, call_count: CallCount, headers: Headers) -> None:
        self._gateway, self._send, self._call_count, self._headers = gateway, send, call_count, headers
        self._head = scope["method"] == "HEAD"
        self._replaced = False

    async def send(self, message: Message) -> None:
        if self._replaced:
            return
        if message["type"] == "http.response.start":
            refusal = None if self._call_count.exempt else await self._gateway.count(self._call_count)
            if refusal is not None:
                self._replaced = True
                await self.replace(refusal)
                return
            message["headers"] = self._with_headers(list(message["headers"]))
        elif message["type"] == "http.response.body" and self._head:
            message = {**message, "body": b""}
        await self._send(message)

    async def replace(self, problem: WireResponse[dict[str, Any]]) -> None:
        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._with_headers(list(message["headers"]))
            await self._send(message)

        await send_problem(problem, send, head=self._head)

    async def empty(self, status: int, headers: Headers) -> None:
        start: Any = {"type": "http.response.start", "status": status, "headers": self._with_headers(headers)}
        await self._send(start)
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    def _with_headers(self, headers: Headers) -> Headers:
        """With ours, where the route has not set them itself."""
        there = {name.lower() for name, _ in headers}
        ours = [pair for pair in self._headers if pair[0] not in there or pair[0] == b"vary"]
        return [*headers, *ours, *self._rate_limit_headers()]

    def _rate_limit_headers(self) -> Headers:
        verdict = self._call_count.verdict
        if verdict is None:
            return []
        return [
            (b"x-ratelimit-limit", b"%d" % verdict.limit),
            (b"x-ratelimit-remaining", b"%d" % verdict.remaining),
            (b"x-ratelimit-reset", b"%d" % self._call_count.reset_at),
        ]
