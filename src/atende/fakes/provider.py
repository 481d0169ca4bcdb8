"""The base class of all fakes of providers, with a log, faults and callbacks, and a server of its own."""

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar, Self

import msgspec

from atende.fakes.callbacks import CallbackSender
from atende.fakes.faults import Fault, Faults
from atende.fakes.log import Entry, Log
from atende.fakes.loopback_server import Hang, LoopbackServer, Outcome, Reply, Request, Reset

Clock = Callable[[], float]


class Line(msgspec.Struct, frozen=True):
    """A message of a transcript, as the customer sees it."""

    at: float
    by_customer: bool
    customer: str
    number: str
    text: str


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A message from a customer to one of our numbers. `message` replaces the text in the callback with other content."""

    text: str = ""
    sender: str
    number: str = ""
    name: str = ""
    message: dict[str, Any] | None = None


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A message that a customer received. `reference` is ours, if the provider supports one."""

    id: str
    number: str
    to: str
    text: str
    at: float
    reference: str | None = None


class FakeProvider(ABC):
    """The fake of one provider. Serve it with `async with fake:`, or several on one port with FakeProviders."""

    name: ClassVar[str]

    def __init__(
        self,
        *,
        seed: int = 0,
        faults: Iterable[Fault] = (),
        log_file: Path | None = None,
        clock: Clock = time.time,
    ) -> None:
        self.url = ""
        self.clock = clock
        self.log = Log(self.name, file=log_file, clock=clock)
        self.faults = Faults(faults, seed=seed)
        self.courier = CallbackSender(self.log, self.faults)
        self.sent: list[Sent] = []
        self.closing = asyncio.Event()
        self._server: LoopbackServer | None = None

    @abstractmethod
    async def handle(self, request: Request) -> Reply:
        """Handles a request as the provider would."""

    @abstractmethod
    def refusal(self, status: int, code: int | str | None) -> Reply:
        """An error response in the provider's format."""

    @property
    def requests(self) -> list[Entry]:
        """The received requests, in order."""
        return self.log.of("request")

    @property
    def acknowledged(self) -> set[str]:
        """Ids of customers' messages, and of our messages per status, whose callback got a 2xx."""
        return self.courier.acknowledged

    @property
    def transcript(self) -> list[Line]:
        """All messages as customers see them, oldest first."""
        return [
            Line(
                at=entry.at,
                by_customer=entry.kind == "wrote",
                customer=entry.data["customer"],
                number=entry.data["number"],
                text=entry.data["text"],
            )
            for entry in self.log.of("wrote", "sent")
        ]

    async def until(self, true: Callable[[], object], timeout: float = 60) -> None:
        """Waits until `true()`, which is called again whenever the log grows. Raises TimeoutError after `timeout` seconds."""
        await self.log.until(true, timeout)

    async def idle(self, timeout: float = 60) -> None:
        """Waits until no callback is pending."""
        await self.log.until(lambda: not self.courier.busy, timeout)

    async def answer(self, request: Request) -> Outcome:
        """The response of the provider, after the active faults were applied."""
        seq = self.log.add("request", **self.described(request)).seq
        struck = self.faults.strike("answer", request.path)
        broken = next((fault for fault in struck if fault.mode != "delay"), None)
        outcome: Outcome = Hang()
        if broken is None or broken.works:
            outcome = await self.handle(request)
        if late := sum(fault.seconds for fault in struck if fault.mode == "delay"):
            await self._pause(late)
        if broken is not None:
            outcome = self._broken(broken)
        self.log.add("answer", request=seq, outcome=_word(outcome))
        return outcome

    def described(self, request: Request) -> dict[str, Any]:
        """The request for the log, without its credentials."""
        body: Any = request.body.decode("utf-8", "replace")
        if "json" in request.headers.get("content-type", ""):
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
                body = msgspec.json.decode(request.body)
        elif "form" in request.headers.get("content-type", ""):
            body = request.form()
        return {"method": request.method, "path": request.path, "query": dict(request.query), "body": body}

    async def stop(self) -> None:
        """Cancels callbacks and waiting requests; nothing of the fake runs afterwards."""
        self.closing.set()
        await self.courier.close()
        self.log.close()

    async def __aenter__(self) -> Self:
        self._server = LoopbackServer(self.answer, self.closing)
        await self._server.start()
        self.url = self._server.url
        return self

    async def __aexit__(self, *_: object) -> None:
        self.closing.set()
        if self._server is not None:
            await self._server.stop()
        await self.stop()

    def _broken(self, fault: Fault) -> Outcome:
        if fault.mode == "accept_then_hang":
            return Hang()
        if fault.mode == "reset":
            return Reset()
        reply = self.refusal(fault.status, fault.code)
        if fault.retry_after is None:
            return reply
        wait = {"Retry-After": f"{fault.retry_after:g}"}
        return msgspec.structs.replace(reply, headers=reply.headers | wait)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.closing.wait(), seconds)


def _word(outcome: Outcome) -> int | str:
    return outcome.status if isinstance(outcome, Reply) else type(outcome).__name__.lower()
