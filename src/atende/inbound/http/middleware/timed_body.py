"""Bodies that arrive too slowly are not waited for."""

import asyncio
import inspect
from collections.abc import Coroutine, Generator, Mapping
from typing import Any

from litestar.exceptions import ClientException
from litestar.types import HTTPReceiveMessage, Receive

from atende.inbound.http.options import WebOptions


class SlowBody(ClientException):
    """The body did not arrive in time."""

    status_code = 408


class TimedBody:
    """A body has `body_timeout` seconds, and one more for every `body_bytes_per_second` bytes that have arrived."""

    def __init__(self, receive: Receive, options: WebOptions) -> None:
        self._receive, self._bytes_per_second = receive, options.body_bytes_per_second
        self._timeout = options.body_timeout
        self._deadline: float | None = None
        self._complete = False

    async def receive(self) -> HTTPReceiveMessage:
        if self._complete:
            return await self._receive()  # type: ignore[return-value]
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + self._timeout
        message = await self._by(self._deadline)
        self._complete = message["type"] != "http.request" or not message.get("more_body", False)
        self._deadline += len(message.get("body", b"")) / self._bytes_per_second
        return message  # type: ignore[return-value]

    async def _by(self, deadline: float) -> Mapping[str, Any]:
        """The next part. Most bodies have come with their head: what is there already is taken without a timer."""
        part: Any = self._receive()
        if inspect.iscoroutine(part):
            try:
                part = _Begun(part, part.send(None))
            except StopIteration as there:
                return there.value  # type: ignore[no-any-return]
        try:
            async with asyncio.timeout_at(deadline):
                return await part  # type: ignore[no-any-return]
        except TimeoutError as error:
            raise SlowBody("the body arrived too slowly", headers={"Connection": "close"}) from error


class _Begun:
    """A coroutine that has begun and waits for something. Whoever awaits this waits for the same, and goes on with it."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], waits_for: object) -> None:
        self._coroutine, self._waits_for = coroutine, waits_for

    def __await__(self) -> Generator[Any, Any, Any]:
        waits_for = self._waits_for
        while True:
            try:
                try:
                    sent = yield waits_for
                except BaseException as error:  # noqa: BLE001  a cancellation goes on to where it waits
                    waits_for = self._coroutine.throw(error)
                else:
                    waits_for = self._coroutine.send(sent)
            except StopIteration as end:
                return end.value
