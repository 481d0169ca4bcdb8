"""Callbacks are plain ASGI: they are the busiest door, and need nothing but the raw bytes."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from litestar.types import Receive, Scope, Send

from atende.core.kernel import Unavailable
from atende.inbound.http.webhooks.items import BadPayload

MAX_BODY = 3 * 1024 * 1024


class TooLarge(Exception):
    """The body is over the limit for callbacks."""


class NotGenuine(Exception):
    """No account that this callback names has signed it."""


@asynccontextmanager
async def answering(send: Send) -> AsyncIterator[None]:
    """Answers for what goes wrong inside: the provider tries again after 503, and is told no more than it needs."""
    try:
        yield
    except NotGenuine:
        await answer(send, 401, b"the signature does not match")
    except TooLarge:
        await answer(send, 413, b"too large")
    except BadPayload as error:
        await answer(send, 400, str(error).encode())
    except Unavailable:
        await answer(send, 503, b"try again", headers=[(b"retry-after", b"5")])


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


def header(scope: Scope, name: bytes) -> str | None:
    """The header's value; the last one where it stands twice."""
    found = None
    for key, value in scope["headers"]:
        if key == name:
            found = value.decode("latin-1")
    return found


async def answer(
    send: Send,
    status: int,
    body: bytes = b"",
    *,
    content_type: bytes = b"text/plain; charset=utf-8",
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    listed = [(b"content-type", content_type), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": body, "more_body": False})
