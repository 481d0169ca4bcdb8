"""The request id, echoed in every response, and the origin of a call for the audit log."""

import re
import secrets
from collections.abc import Callable
from typing import Any

import structlog
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from atende.core.audit.model import ANONYMOUS, Origin, without_credentials
from atende.inbound.http.security.client_address import client_address

HEADER = b"x-request-id"
_SAFE_ID = re.compile(rb"[A-Za-z0-9._:=+/-]{1,100}")
_SCOPE_KEY = "atende.request_id"


def with_request_id(app: ASGIApp, *, make: Callable[[], str] = lambda: secrets.token_hex(16)) -> ASGIApp:
    """The outermost layer: the response carries the `X-Request-Id` of the request, or a new one if that is missing or unsafe."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        shown = [value for name, value in scope["headers"] if name == HEADER]
        request_id = shown[0].decode() if len(shown) == 1 and _is_safe(shown[0]) else make()
        scope[_SCOPE_KEY] = request_id  # type: ignore[literal-required]

        async def echo(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message["headers"] if pair[0].lower() != HEADER]
                message["headers"] = [*kept, (HEADER, request_id.encode())]
            await send(message)

        bound = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await app(scope, receive, echo)
        finally:
            structlog.contextvars.reset_contextvars(**bound)

    return handle


def _is_safe(shown: bytes) -> bool:
    """Short, printable and no credential, since it is logged, recorded and sent back."""
    return _SAFE_ID.fullmatch(shown) is not None and without_credentials(shown.decode()) == shown.decode()


def user_agent_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Without credentials, so that it can be stored."""
    return without_credentials(connection.headers.get("user-agent", ""))


def request_id_of(scope: Scope) -> str:
    return str(scope.get(_SCOPE_KEY, ""))


async def record_origin(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The first guard: records the origin of the call, with an anonymous actor until authentication."""
    if not isinstance(handler, HTTPRouteHandler):
        return
    origin: Origin = await connection.state.dishka_container.get(Origin)
    origin.actor = ANONYMOUS
    origin.request_id = request_id_of(connection.scope)
    origin.ip_address = client_address(connection)
    origin.user_agent = user_agent_of(connection)
