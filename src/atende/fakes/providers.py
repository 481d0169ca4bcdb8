"""All doubles on one loopback port, each under its prefix, with a door for other processes.

`GET /_log/{provider}?after=seq&kind=sent&kind=wrote` lists log entries, `POST /_faults/{provider}` takes a list of faults,
`POST /_write/{provider}` a list of what customers write, `POST /_setup/{provider}` the numbers and the callback URL.
`GET /mail` shows the mail that was sent to people, `GET /mail/_log` to programs; it comes in at `mail.smtp_url`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import msgspec

from atende.fakes import twilio as twilio_double
from atende.fakes import whatsapp as whatsapp_double
from atende.fakes.faults import Fault
from atende.fakes.key_checks import KEY_CHECKS, FakeKeyCheck
from atende.fakes.loopback_server import LoopbackServer, Outcome, Reply, Request, json_reply
from atende.fakes.openai import FakeOpenAI
from atende.fakes.provider import FakeProvider, Written
from atende.fakes.smtp import FakeMail
from atende.fakes.twilio import FakeTwilio
from atende.fakes.whatsapp import FakeWhatsApp


class WhatsAppSetup(msgspec.Struct, forbid_unknown_fields=True):
    callback_url: str | None = None
    app_secret: str | None = None
    numbers: list[whatsapp_double.Number] = []


class TwilioSetup(msgspec.Struct, forbid_unknown_fields=True):
    inbound_url: str | None = None
    numbers: list[twilio_double.Number] = []


class FakeProviders:
    """WhatsApp, Twilio, OpenAI and a mail server at `{url}/whatsapp`, `{url}/twilio`, `{url}/openai` and `{url}/mail`.

    `desks` are the providers that are only asked whether they know a key, at `{url}/` and their names.
    """

    def __init__(
        self, *, whatsapp: FakeWhatsApp, twilio: FakeTwilio, openai: FakeOpenAI, mail: FakeMail | None = None
    ) -> None:
        self.whatsapp = whatsapp
        self.twilio = twilio
        self.openai = openai
        self.mail = mail or FakeMail()
        self.desks: dict[str, FakeKeyCheck] = {desk.name: desk() for desk in KEY_CHECKS}
        self.url = ""
        self._all: dict[str, FakeProvider] = {
            "whatsapp": whatsapp,
            "twilio": twilio,
            "openai": openai,
            "mail": self.mail,
            **self.desks,
        }
        self._closing = asyncio.Event()
        self._server = LoopbackServer(self._route, self._closing)

    @classmethod
    @asynccontextmanager
    async def serve(
        cls,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        log_file: Path | None = None,
        whatsapp: FakeWhatsApp | None = None,
        twilio: FakeTwilio | None = None,
        openai: FakeOpenAI | None = None,
    ) -> AsyncIterator[Self]:
        """Served inside the running event loop until the block ends; nothing is left running then."""
        doubles = cls(
            whatsapp=whatsapp or FakeWhatsApp(seed=seed, log_file=log_file),
            twilio=twilio or FakeTwilio(seed=seed, log_file=log_file),
            openai=openai or FakeOpenAI(seed=seed, log_file=log_file),
            mail=FakeMail(seed=seed, log_file=log_file),
        )
        await doubles.start(host=host, port=port)
        try:
            yield doubles
        finally:
            await doubles.stop()

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        await self._server.start(host=host, port=port)
        await self.mail.listen(host=host)
        self.url = self._server.url
        for name, double in self._all.items():
            double.url = f"{self.url}/{name}"

    async def stop(self) -> None:
        for double in self._all.values():
            double.closing.set()
        await self._server.stop()
        for double in self._all.values():
            await double.stop()

    async def idle(self, timeout: float = 10) -> None:
        """Waits until no double has a callback under way."""
        for double in self._all.values():
            await double.idle(timeout)

    async def _route(self, request: Request) -> Outcome:
        first, _, rest = request.path.removeprefix("/").partition("/")
        if double := self._all.get(first):
            return await double.answer(request.under(f"/{first}"))
        doors: dict[str, Callable[[FakeProvider, Request], Any]] = {
            "_log": self._log,
            "_faults": self._faults,
            "_write": self._write,
            "_setup": self._setup,
        }
        door, known = doors.get(first), self._all.get(rest)
        if door is None or known is None:
            return json_reply({"error": f"there is no {request.path} here; providers are {', '.join(self._all)}"}, 404)
        try:
            done = door(known, request)
            return done if isinstance(done, Reply) else await done
        except (msgspec.DecodeError, ValueError) as error:
            return json_reply({"error": str(error)}, 400)

    def _log(self, double: FakeProvider, request: Request) -> Reply:
        kinds = [value for name, value in request.query if name == "kind"]
        return json_reply(double.log.of(*kinds, after=int(dict(request.query).get("after", "0"))))

    def _faults(self, double: FakeProvider, request: Request) -> Reply:
        faults = msgspec.json.decode(request.body, type=list[Fault])
        double.faults.set(*faults)
        return json_reply(faults)

    async def _write(self, double: FakeProvider, request: Request) -> Reply:
        written = msgspec.json.decode(request.body, type=list[Written])
        if not isinstance(double, FakeWhatsApp | FakeTwilio):
            return json_reply({"error": "no customer writes to this provider"}, 404)
        return json_reply(await double.customers_write(*written))

    def _setup(self, double: FakeProvider, request: Request) -> Reply:
        if isinstance(double, FakeWhatsApp):
            meta = msgspec.json.decode(request.body, type=WhatsAppSetup)
            double.callback_url = double.callback_url if meta.callback_url is None else meta.callback_url
            double.app_secret = double.app_secret if meta.app_secret is None else meta.app_secret
            for number in meta.numbers:
                double.add_number(number)
        elif isinstance(double, FakeTwilio):
            sms = msgspec.json.decode(request.body, type=TwilioSetup)
            double.inbound_url = double.inbound_url if sms.inbound_url is None else sms.inbound_url
            for line in sms.numbers:
                double.add_number(line)
        return json_reply({})
