"""A fake mail server: it accepts mail over SMTP, stores it, and shows it over HTTP as a page and as JSON.

`Fault.path` names a step of the SMTP dialogue: CONNECT, EHLO, AUTH, MAIL, RCPT, DATA, or TEXT, the response to the mail itself.
"""

import asyncio
import contextlib
import re
import ssl
import time
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any, ClassVar, Self

import msgspec

from atende.fakes.faults import Fault
from atende.fakes.loopback_server import Outcome, Reply, Request, json_reply
from atende.fakes.provider import Clock, FakeProvider
from atende.fakes.smtp_page import PAGE_HEADERS, page_of

MAX_BYTES = 10 * 1024 * 1024
_PATH = re.compile(r"(?:FROM|TO):\s*<([^<>]*)>", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s<>\"']+")
_SPEAKS = ("SIZE 10485760", "8BITMIME", "SMTPUTF8")


class Received(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A received mail. A mail that was sent twice is stored twice, with the same `message_id`."""

    message_id: str
    sender: str
    to: str
    subject: str
    text: str
    links: list[str]
    at: float
    headers: dict[str, str]


class FakeMail(FakeProvider):
    """`async with FakeMail() as mail:` serves SMTP and HTTP; `smtp_url` is a value for SMTP_URL.

    With `user`, clients must sign in; with `tls`, it supports STARTTLS.
    """

    name: ClassVar[str] = "mail"

    def __init__(
        self,
        *,
        user: str = "",
        password: str = "",
        tls: ssl.SSLContext | None = None,
        extensions: Iterable[str] = _SPEAKS,
        seed: int = 0,
        faults: Iterable[Fault] = (),
        log_file: Path | None = None,
        clock: Clock = time.time,
    ) -> None:
        super().__init__(seed=seed, faults=faults, log_file=log_file, clock=clock)
        self.user, self.password, self.tls = user, password, tls
        self.extensions = tuple(extensions)
        self.mails: list[Received] = []
        self.smtp_url = ""
        self._smtp: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    def to(self, address: str) -> list[Received]:
        """The mails to this address, oldest first."""
        return [mail for mail in self.mails if mail.to == address]

    async def listen(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._smtp = await asyncio.start_server(self._talk, host, port, limit=MAX_BYTES)
        self.smtp_url = f"smtp://{host}:{self._smtp.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        self.closing.set()
        if self._smtp is not None:
            self._smtp.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await super().stop()

    async def __aenter__(self) -> Self:
        await self.listen()
        return await super().__aenter__()

    async def answer(self, request: Request) -> Outcome:
        """The HTTP interface is ours, not the provider's, so no faults are applied."""
        return await self.handle(request)

    async def handle(self, request: Request) -> Reply:
        if request.method == "GET" and request.path in {"", "/"}:
            return Reply(body=page_of(self.mails), content_type="text/html; charset=utf-8", headers=PAGE_HEADERS)
        if request.method == "GET" and request.path == "/_log":
            return json_reply(self.mails)
        return self.refusal(404, None)

    def refusal(self, status: int, code: int | str | None) -> Reply:
        return json_reply({"error": "not found: use the page itself or /_log", "code": code}, status)

    def take(self, sender: str, to: list[str], raw: bytes) -> None:
        """Stores a received mail once per recipient."""
        mail = message_from_bytes(raw, policy=default)
        body = mail.get_body(("plain",))
        text = body.get_content().replace("\r\n", "\n") if body else ""
        for address in to:
            received = Received(
                message_id=str(mail["Message-ID"] or ""),
                sender=sender,
                to=address,
                subject=str(mail["Subject"] or ""),
                text=text,
                links=_LINK.findall(text),
                at=self.clock(),
                headers={name: str(value) for name, value in mail.items()},
            )
            self.mails.append(received)
            self.log.add("sent", **msgspec.to_builtins(received))

    async def pause(self, seconds: float) -> None:
        await self._pause(seconds)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a server runs its callbacks as tasks"
        self._talks.add(task)
        try:
            await _Talk(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ssl.SSLError):
            pass  # the client has disconnected, or does not speak SMTP
        except asyncio.CancelledError:
            if not self.closing.is_set():
                raise
        finally:
            self._talks.discard(task)
            writer.transport.abort()


class _Over(Exception):
    """Ends the dialogue with the client."""


class _Talk:
    """The dialogue with one client."""

    def __init__(self, server: FakeMail, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._sender: str | None = None
        self._to: list[str] = []
        self._known = not server.user
        self._safe = False

    async def run(self) -> None:
        with contextlib.suppress(_Over):
            await self._say("CONNECT", "220 fake mail server")
            while line := (await self._reader.readline()).decode("utf-8", "replace").strip():
                verb, _, rest = line.partition(" ")
                await self._step(verb.upper(), rest)

    async def _step(self, verb: str, rest: str) -> None:
        self._server.log.add("request", verb=verb, rest="" if verb == "AUTH" else rest)
        match verb:
            case "EHLO" | "HELO":
                await self._say("EHLO", *self._greeting())
            case "STARTTLS" if self._server.tls and not self._safe:
                await self._say(verb, "220 go ahead")
                await self._writer.start_tls(self._server.tls)
                self._safe = True
            case "AUTH":
                await self._sign_in(rest)
            case "MAIL" | "RCPT":
                await self._envelope(verb, rest)
            case "DATA":
                await self._data()
            case "RSET" | "NOOP":
                self._sender, self._to = None, []
                await self._say(verb, "250 done")
            case "QUIT":
                await self._say(verb, "221 good-bye")
                raise _Over
            case _:
                await self._say(verb, "502 unknown command")

    def _greeting(self) -> list[str]:
        lines = ["fake mail server", *self._server.extensions]
        lines += ["STARTTLS"] if self._server.tls and not self._safe else []
        lines += ["AUTH PLAIN"] if self._server.user else []
        return [f"250{' ' if line is lines[-1] else '-'}{line}" for line in lines]

    async def _sign_in(self, rest: str) -> None:
        mechanism, _, given = rest.partition(" ")
        with contextlib.suppress(NotBase64):
            wanted = f"\0{self._server.user}\0{self._server.password}".encode()
            self._known = mechanism.upper() == "PLAIN" and b64decode(given) == wanted
        await self._say("AUTH", "235 welcome" if self._known else "535 wrong credentials")

    async def _envelope(self, verb: str, rest: str) -> None:
        found = _PATH.match(rest)
        if not self._known:
            await self._say(verb, "530 sign in first")
        elif found is None:
            await self._say(verb, "501 this is not an address")
        elif await self._say(verb, "250 good"):
            if verb == "MAIL":
                self._sender, self._to = found[1], []
            else:
                self._to.append(found[1])

    async def _data(self) -> None:
        if self._sender is None or not self._to:
            await self._say("DATA", "503 send MAIL and RCPT first")
            return
        if not await self._say("DATA", "354 end with a dot alone on a line"):
            return
        raw = (await self._reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
        sender, to = self._sender, self._to
        self._sender, self._to = None, []
        await self._say("TEXT", "250 taken", work=lambda: self._server.take(sender, to, raw))

    async def _say(self, step: str, *lines: str, work: Any = None) -> bool:
        """Sends the response to a step, after applying faults. Returns True if the client is told that it succeeded."""
        struck = self._server.faults.strike("answer", step)
        broken = next((fault for fault in struck if fault.mode != "delay"), None)
        if work is not None and (broken is None or broken.works):
            work()
        if late := sum(fault.seconds for fault in struck if fault.mode == "delay"):
            await self._server.pause(late)
        if broken is not None and broken.mode == "accept_then_hang":
            await self._server.closing.wait()
        if broken is not None and broken.mode != "status":
            self._server.log.add("answer", step=step, outcome=broken.mode)
            raise _Over
        said = lines if broken is None else (f"{broken.status} the fake refuses this",)
        self._server.log.add("answer", step=step, outcome=said[-1][:3])
        self._writer.write("".join(f"{line}\r\n" for line in said).encode())
        await self._writer.drain()
        if step == "CONNECT" and broken is not None:
            raise _Over
        return broken is None
