"""A body that is there is taken at once; one that is not is waited for in the same coroutine, and a cancellation reaches it."""

import asyncio
from typing import Any

import pytest

from atende.inbound.http.middleware.timed_body import SlowBody, TimedBody
from atende.inbound.http.options import WebOptions

OPTIONS = WebOptions(body_timeout=0.05)
PART = {"type": "http.request", "body": b"a", "more_body": True}
LAST = {"type": "http.request", "body": b"b", "more_body": False}


class Server:
    """Gives parts as a server would: some are there, some take a while; it knows how it was left."""

    def __init__(self, *parts: dict[str, Any], gate: asyncio.Event | None = None) -> None:
        self._parts, self._gate, self.left = list(parts), gate, ""

    async def receive(self) -> Any:
        try:
            if self._gate is not None:
                await asyncio.sleep(0)
                await self._gate.wait()
        except asyncio.CancelledError:
            self.left = "cancelled"
            raise
        return self._parts.pop(0)


async def test_what_is_there_is_taken_without_a_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    def timer(_: float) -> None:
        raise AssertionError("nothing is waited for")

    body = TimedBody(Server(PART, LAST).receive, OPTIONS)
    monkeypatch.setattr(asyncio, "timeout_at", timer)
    assert [await body.receive(), await body.receive()] == [PART, LAST]


async def test_what_comes_later_is_waited_for() -> None:
    gate = asyncio.Event()
    body = TimedBody(Server(PART, LAST, gate=gate).receive, WebOptions())
    asyncio.get_running_loop().call_soon(asyncio.get_running_loop().call_soon, gate.set)
    assert [await body.receive(), await body.receive()] == [PART, LAST]


async def test_what_does_not_come_is_given_up_and_its_wait_is_ended() -> None:
    server = Server(PART, gate=asyncio.Event())
    with pytest.raises(SlowBody):
        await TimedBody(server.receive, OPTIONS).receive()
    assert server.left == "cancelled"


async def test_who_is_cancelled_meanwhile_ends_the_wait() -> None:
    server = Server(PART, gate=asyncio.Event())
    waiting = asyncio.create_task(TimedBody(server.receive, WebOptions()).receive())
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert server.left == "cancelled"


async def test_a_server_may_give_any_awaitable() -> None:
    def receive() -> "asyncio.Future[Any]":
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        future.get_loop().call_soon(future.set_result, LAST)
        return future

    assert await TimedBody(receive, OPTIONS).receive() == LAST
