"""Idempotency-Key: a repeated request takes effect once and gets the first response again."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import structlog
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import ValidationException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import ASGIApp, Guard, HTTPResponseStartEvent, Message, Receive, Scope, Send

from atende.core.audit.model import Origin
from atende.core.identity.principal import Principal
from atende.core.kernel import PLATFORM, Clock, DomainError
from atende.core.work.idempotency import IdempotencyKeys, StoredAnswer
from atende.inbound.http.errors import known_problem, send_problem
from atende.inbound.http.idempotency.fingerprint import anonymous_key_hash, close_form, key_hash, request_hash
from atende.inbound.http.idempotency.redaction import without_secrets
from atende.inbound.http.openapi.idempotency import HEADER, SAFE_METHODS

log = structlog.get_logger(__name__)

REPLAYED = "Idempotent-Replayed"
_KEPT_HEADERS = frozenset({b"content-type", b"location", b"content-language", b"etag"})
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_SCOPE_KEY = "atende.idempotency"


class BadIdempotencyKey(ValidationException):
    """The header Idempotency-Key is given twice, or is not 1 to 255 visible ASCII characters."""

    def __init__(self) -> None:
        message = "send one Idempotency-Key of 1 to 255 visible ASCII characters, for example a random UUID"
        super().__init__(detail=message, extra=[{"key": HEADER, "message": message, "source": "header"}])


class Replayed(Exception):  # not an error: guards can only answer by raising
    """The request was carried out before; here is its response."""

    def __init__(self, answer: StoredAnswer) -> None:
        super().__init__()
        self.answer = answer


@dataclass(slots=True, kw_only=True)
class _Attempt:
    """A request under an Idempotency-Key. Its outcome is stored before the response is sent."""

    keys: IdempotencyKeys
    clock: Clock
    organization_id: Any
    id: Any
    secret_fields: frozenset[str]
    start: HTTPResponseStartEvent | None = None
    body: bytearray = field(default_factory=bytearray)

    async def settle(self) -> None:
        """Raises Unavailable when the response could not be stored."""
        assert self.start is not None, "a response begins with its status"
        status = self.start["status"]
        if status < 400:
            await self.keys.finish(self.organization_id, self.id, self._answer(status, self.start["headers"]))
            return
        try:
            if status < 500:
                await self.keys.forget(self.organization_id, self.id)
            else:
                await self.keys.let_go(self.organization_id, self.id, self.clock.now())
        except DomainError as error:  # the key is freed when its lease ends
            log.warning("idempotency.not_freed", status=status, error=error.detail)

    def _answer(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> StoredAnswer:
        kept = {name.decode().lower(): value.decode("latin-1") for name, value in headers if _is_kept(name)}
        body = without_secrets(bytes(self.body), self.secret_fields)
        return StoredAnswer(status=status, body=body, headers=kept)


def _is_kept(name: bytes) -> bool:
    return name.lower() in _KEPT_HEADERS


def idempotency_guard(*, secret: bytes) -> Guard:
    """The last guard: the caller is known and nothing was done yet. `secret` keys the hashes of requests.

    Raises BadIdempotencyKey, IdempotencyKeyInUse, IdempotencyKeyReused or Replayed.
    """

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        shown = connection.headers.getall(HEADER, [])
        if not shown or not isinstance(handler, HTTPRouteHandler) or connection.scope.get("method") in SAFE_METHODS:
            return
        assert isinstance(connection, Request), "HTTP routes get requests"
        if len(shown) > 1 or not _KEY.fullmatch(shown[0]):
            raise BadIdempotencyKey
        await _begin(connection, shown[0], secret, frozenset(handler.opt.get("secret_fields", ())))

    return guard


async def _begin(request: Request[Any, Any, Any], key: str, secret: bytes, secret_fields: frozenset[str]) -> None:
    container, principal = request.state.dishka_container, request.scope.get("user")
    keys, clock = await container.get(IdempotencyKeys), await container.get(Clock)
    content_hash = await request_hash(request, secret)
    if isinstance(principal, Principal):
        organization_id, hashed = principal.organization_id, key_hash(str(principal.actor), key)
    else:
        organization_id, hashed = PLATFORM.organization_id, anonymous_key_hash(request, content_hash, key, secret)
    try:
        begun = await keys.begin(organization_id, key_hash=hashed, request_hash=content_hash, now=clock.now())
        if begun.answer is not None:
            raise Replayed(begun.answer)
    except Exception:
        await close_form(request)
        raise
    (await container.get(Origin)).idempotency_id = begun.id
    request.scope[_SCOPE_KEY] = _Attempt(  # type: ignore[literal-required]
        keys=keys, clock=clock, organization_id=organization_id, id=begun.id, secret_fields=secret_fields
    )


def store_responses(app: ASGIApp) -> ASGIApp:
    """Middleware around a route: stores the response of a request under a key before it is sent."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        async def keep(message: Message) -> None:
            attempt: _Attempt | None = scope.get(_SCOPE_KEY)  # type: ignore[assignment]
            if attempt is None:
                await send(message)
            elif message["type"] == "http.response.start":
                attempt.start = message
            elif message["type"] == "http.response.body":
                attempt.body += message["body"]
                if not message["more_body"]:
                    await _answer(attempt, send)

        await app(scope, receive, keep)

    return handle


async def _answer(attempt: _Attempt, send: Send) -> None:
    try:
        await attempt.settle()
    except DomainError as error:
        await send_problem(known_problem(error), send)
        return
    assert attempt.start is not None, "a response begins with its status"
    await send(attempt.start)
    await send({"type": "http.response.body", "body": bytes(attempt.body), "more_body": False})


def replay_response(_: Request[Any, Any, Any], found: Replayed) -> Response[bytes]:
    """The stored response."""
    headers = {name.title(): value for name, value in found.answer.headers.items()}
    media_type = headers.pop("Content-Type", "application/json")
    return Response(
        found.answer.body,
        status_code=found.answer.status,
        media_type=media_type,
        headers=headers | {REPLAYED: "true"},
    )
