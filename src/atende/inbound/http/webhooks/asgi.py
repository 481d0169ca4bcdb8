"""Reading the body of a callback, and answering it."""

import structlog
from litestar.types import Receive, Send

from atende.core.kernel import Unavailable
from atende.inbound.http.middleware.security_headers import SECURITY_HEADERS
from atende.inbound.http.webhooks.content import BadPayload
from atende.inbound.http.webhooks.endpoint import OK, NotGenuine, Reply

log = structlog.get_logger(__name__)
MAX_BODY = 3 * 1024 * 1024


class TooLarge(Exception):
    """The body is over the limit for callbacks."""


def reply_to(error: Exception) -> Reply:
    """What is answered for what went wrong: the provider tries again after 503 and 500, and is told no more than it needs."""
    match error:
        case NotGenuine():
            return Reply(401, b"the signature does not match")
        case TooLarge():
            return Reply(413, b"too large")
        case BadPayload():
            return Reply(400, str(error).encode())
        case Unavailable():
            return Reply(503, b"try again", headers=((b"retry-after", b"5"),))
    log.error("callback.failed", exc_info=error)  # what went wrong is for the log
    return Reply(500, b"this callback could not be stored: try again")


async def read_body(receive: Receive) -> bytes:
    """The whole body. Raises TooLarge."""
    message = await receive()
    body: bytes = message.get("body", b"")  # type: ignore[assignment]
    if not message.get("more_body"):
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        part: bytes = message.get("body", b"")  # type: ignore[assignment]
        size += len(part)
        if size > MAX_BODY:
            raise TooLarge
        parts.append(part)
    return b"".join(parts)


async def answer(send: Send, reply: Reply) -> None:
    await send({"type": "http.response.start", "status": reply.status, "headers": _headers(reply)})
    await send({"type": "http.response.body", "body": reply.body, "more_body": False})


def _headers(reply: Reply) -> list[tuple[bytes, bytes]]:
    """A reply that says something has those of every response of ours too, for most do not pass the gateway that adds them."""
    if reply is OK:
        return _OF_OK
    length = (b"content-length", str(len(reply.body)).encode())
    return [(b"content-type", reply.content_type), length, *reply.headers, *SECURITY_HEADERS]


_OF_OK = [(b"content-type", OK.content_type), (b"content-length", b"0")]
