"""Bodies that arrive too slowly are not waited for."""

import asyncio
from collections.abc import Coroutine, Generator, Mapping
from types import CoroutineType
from typing import Any

from litestar.exceptions import ClientException
from litestar.types import HTTPReceiveMessage, Receive

from atende.inbound.http.options import WebOptions


class SlowBody(ClientException):
    """The body did not arrive in time."""

    status_code = 408


class TimedBody:
    """A body has `body_timeout` seconds, and one more for every `body_bytes_per_second` bytes that have arrived."""

    __slots__ = ("_began", "_complete", "_options", "_receive", "_received")

    def __init__(self, receive: Receive, options: WebOptions) -> None:
        self._receive, self._options = receive, options
        self._began: float | None = None
        self._received, self._complete = 0, False

    async def receive(self) -> HTTPReceiveMessage:
        """The next part. Most bodies have come with their head: what is there already is taken without a clock or a timer."""
        part: Any = self._receive()
        if self._complete:
            return await part  # type: ignore[no-any-return]
        if type(part) is CoroutineType:
            try:
                part = _Begun(part, part.send(None))
            except StopIteration as there:
                return self._seen(there.value)
        return self._seen(await self._waited_for(part))

    def _seen(self, message: Any) -> HTTPReceiveMessage:
        if message["type"] != "http.request" or not message.get("more_body", False):
            self._complete = True
        else:
            self._received += len(message.get("body", b""))
        return message  # type: ignore[no-any-return]

    async def _waited_for(self, part: Any) -> Mapping[str, Any]:
        """The time runs from the first part that has to be waited for."""
        if self._began is None:
            self._began = asyncio.get_running_loop().time()
        allowed = self._options.body_timeout + self._received / self._options.body_bytes_per_second
        try:
            async with asyncio.timeout_at(self._began + allowed):
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
