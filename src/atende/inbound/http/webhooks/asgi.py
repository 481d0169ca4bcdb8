"""Reading the body of a callback, and answering it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from litestar.types import Receive, Send

from atende.core.kernel import Unavailable
from atende.inbound.http.webhooks.content import BadPayload
from atende.inbound.http.webhooks.endpoint import NotGenuine, Reply

log = structlog.get_logger(__name__)
MAX_BODY = 3 * 1024 * 1024


class TooLarge(Exception):
    """The body is over the limit for callbacks."""


@asynccontextmanager
async def answering(send: Send) -> AsyncIterator[None]:
    """Answers for what goes wrong inside: the provider tries again after 503, and is told no more than it needs."""
    try:
        yield
    except NotGenuine:
        await answer(send, Reply(401, b"the signature does not match"))
    except TooLarge:
        await answer(send, Reply(413, b"too large"))
    except BadPayload as error:
        await answer(send, Reply(400, str(error).encode()))
    except Unavailable:
        await answer(send, Reply(503, b"try again", headers=((b"retry-after", b"5"),)))
    except Exception:  # the provider tries again; what went wrong is for the log
        log.exception("callback.failed")
        await answer(send, Reply(500, b"this callback could not be stored: try again"))


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
    listed = [
        (b"content-type", reply.content_type),
        (b"content-length", str(len(reply.body)).encode()),
        *reply.headers,
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": listed})
    await send({"type": "http.response.body", "body": reply.body, "more_body": False})
