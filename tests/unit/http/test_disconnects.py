"""A caller who hangs up in the middle of a body: no mistake of ours, and none is logged."""

from typing import Any

from litestar import post
from litestar.params import JSONBody
from litestar.types import Message
from structlog.testing import capture_logs

from tests.unit.http.bare_app import bare_app


async def test_a_caller_who_hangs_up_leaves_no_error_in_the_log() -> None:
    @post("/read", public=True)
    async def read(data: JSONBody[dict[str, int]]) -> None:
        raise AssertionError(data)

    app = bare_app(read)
    coming: list[Any] = [{"type": "http.request", "body": b'{"a', "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Message] = []

    async def receive() -> Any:
        return coming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Any = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/read",
        "raw_path": b"/read",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"9")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    with capture_logs() as logs:
        await app(scope, receive, send)
    assert [message.get("status") for message in sent if message["type"] == "http.response.start"] == [400]
    assert logs == []
