"""All fakes on one loopback port, each under its prefix, with endpoints for other processes.

`GET /_log/{provider}?after=seq&kind=sent&kind=wrote` lists log entries, `POST /_faults/{provider}` takes a list of faults,
`POST /_write/{provider}` a list of what customers write, `POST /_setup/{provider}` the numbers and the callback URL.
`GET /mail` shows the mail that was sent to people, `GET /mail/_log` to programs; it comes in at `mail.smtp_url`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import msgspec

from atende.fakes.accounts import ProviderAccount
from atende.fakes.channel_provider import FakeChannelProvider
from atende.fakes.faults import Fault
from atende.fakes.key_checks import KEY_CHECKS, FakeKeyCheck
from atende.fakes.loopback_server import LoopbackServer, Outcome, Reply, Request, json_reply
from atende.fakes.openai import FakeOpenAI
from atende.fakes.provider import FakeProvider, Written
from atende.fakes.smtp import FakeMail


class FakeProviders:
    """The fakes of channel vendors at `{url}/{name}`, of OpenAI at `{url}/openai`, and of a mail server at `{url}/mail`.

    `key_checks` are the providers that only check keys, at `{url}/{name}`.
    """

    def __init__(
        self,
        channels: Iterable[FakeChannelProvider] = (),
        *,
        openai: FakeOpenAI | None = None,
        mail: FakeMail | None = None,
    ) -> None:
        self.channels = {fake.name: fake for fake in channels}
        self.openai = openai or FakeOpenAI()
        self.mail = mail or FakeMail()
        self.key_checks: dict[str, FakeKeyCheck] = {check.name: check() for check in KEY_CHECKS}
        self.url = ""
        self._all: dict[str, FakeProvider] = {
            **self.channels,
            "openai": self.openai,
            "mail": self.mail,
            **self.key_checks,
        }
        self._closing = asyncio.Event()
        self._server = LoopbackServer(self._route, self._closing)

    @classmethod
    @asynccontextmanager
    async def serve(
        cls,
        channels: Iterable[FakeChannelProvider] = (),
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        log_file: Path | None = None,
        openai: FakeOpenAI | None = None,
    ) -> AsyncIterator[Self]:
        """Serves the fakes in the running event loop until the block ends; nothing runs afterwards."""
        fakes = cls(
            channels,
            openai=openai or FakeOpenAI(seed=seed, log_file=log_file),
            mail=FakeMail(seed=seed, log_file=log_file),
        )
        await fakes.start(host=host, port=port)
        try:
            yield fakes
        finally:
            await fakes.stop()

    @property
    def addresses(self) -> dict[str, str]:
        """The URL of each fake, without those that only check keys."""
        return {name: f"{self.url}/{name}" for name in (*self.channels, "openai", "mail")}

    def add_accounts(self, accounts: Iterable[ProviderAccount], kinds: Mapping[str, str]) -> None:
        """Registers our numbers with the fakes. `kinds`: the name of the fake for each kind of channel."""
        for account in accounts:
            self.channels[kinds[account.kind]].add_account(account)

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        await self._server.start(host=host, port=port)
        await self.mail.listen(host=host)
        self.url = self._server.url
        for name, fake in self._all.items():
            fake.url = f"{self.url}/{name}"

    async def stop(self) -> None:
        for fake in self._all.values():
            fake.closing.set()
        await self._server.stop()
        for fake in self._all.values():
            await fake.stop()

    async def idle(self, timeout: float = 10) -> None:
        """Waits until no fake has a pending callback."""
        for fake in self._all.values():
            await fake.idle(timeout)

    async def _route(self, request: Request) -> Outcome:
        first, _, rest = request.path.removeprefix("/").partition("/")
        if fake := self._all.get(first):
            return await fake.answer(request.under(f"/{first}"))
        endpoints: dict[str, Callable[[FakeProvider, Request], Any]] = {
            "_log": self._log,
            "_faults": self._faults,
            "_write": self._write,
            "_setup": self._setup,
        }
        endpoint, known = endpoints.get(first), self._all.get(rest)
        if endpoint is None or known is None:
            return json_reply({"error": f"there is no {request.path} here; providers are {', '.join(self._all)}"}, 404)
        try:
            done = endpoint(known, request)
            return done if isinstance(done, Reply) else await done
        except (msgspec.DecodeError, ValueError) as error:
            return json_reply({"error": str(error)}, 400)

    def _log(self, fake: FakeProvider, request: Request) -> Reply:
        kinds = [value for name, value in request.query if name == "kind"]
        return json_reply(fake.log.of(*kinds, after=int(dict(request.query).get("after", "0"))))

    def _faults(self, fake: FakeProvider, request: Request) -> Reply:
        faults = msgspec.json.decode(request.body, type=list[Fault])
        fake.faults.set(*faults)
        return json_reply(faults)

    async def _write(self, fake: FakeProvider, request: Request) -> Reply:
        written = msgspec.json.decode(request.body, type=list[Written])
        if not isinstance(fake, FakeChannelProvider):
            return json_reply({"error": "no customer writes to this provider"}, 404)
        return json_reply(await fake.customers_write(*written))

    def _setup(self, fake: FakeProvider, request: Request) -> Reply:
        if isinstance(fake, FakeChannelProvider):
            fake.set_up(request.body)
        return json_reply({})
