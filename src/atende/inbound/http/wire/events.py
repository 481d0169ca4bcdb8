"""Server-sent events."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar.response import Stream

EVENTS = "text/event-stream"
_HEADERS = {"Content-Type": EVENTS, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""The last one is for nginx, which would otherwise hold events back."""
_JSON = msgspec.json.Encoder(decimal_format="number")


def event_stream(events: AsyncIterator[bytes]) -> Stream:
    """The response. Its type is a header too, because the framework prefers the handler's type to the response's."""
    return Stream(events, media_type=EVENTS, headers=_HEADERS)


def event(name: str, data: Any) -> bytes:
    """A named event with JSON, which has no line breaks."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), _JSON.encode(data))


def data_event(data: Any) -> bytes:
    """An event without a name, as OpenAI sends them."""
    return b"data: %s\n\n" % _JSON.encode(data)
