"""What the smaller commands share, and the smallest of them: the fakes in a process of their own, and the OpenAPI."""

import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from dishka import AsyncContainer

from atende.core.kernel import Invalid
from atende.fakes.accounts import ProviderAccount
from atende.fakes.providers import FakeProviders
from atende.main.processes.embedded import attached, embedded_database, refuse_nothing
from atende.main.providers.channels import CHANNELS
from atende.main.providers.container import make_container
from atende.main.seeding import kinds_of
from atende.main.settings import Settings, SettingsError


@asynccontextmanager
async def installation(settings: Settings, *, new: bool = False, alone: str = "") -> AsyncIterator[AsyncContainer]:
    """The product without web and worker: over DATABASE_URL, else over the embedded database that `data_dir` keeps.

    An atende that runs on that folder lends its database. `new`: an installation may be made here. `alone`: why the
    folder cannot be shared while it runs, and what to do. Raises Invalid, SettingsError, RuntimeError.
    """
    async with AsyncExitStack() as stack:
        if not settings.embedded:
            from atende.main.processes.production import check_database

            await check_database(settings)
        else:
            found = await attached(settings)
            if found is None:
                if not new:
                    refuse_nothing(settings.data_dir)
                found = await stack.enter_async_context(embedded_database(settings, keep=True))
            elif alone:
                raise Invalid(alone)
            settings = found
        container = make_container(settings)
        stack.push_async_callback(container.close)
        yield container


def say(line: str) -> None:
    """Progress, for people: never in the way of what is printed for machines."""
    print(f"  {line}", file=sys.stderr, flush=True)


def number(amount: Decimal) -> int | float:
    """As it stands in JSON."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


async def fakes(
    *, port: int, seed: int, log: Path | None, callback_url: str | None, app_secret: str, tenant: Path | None
) -> None:
    """The fakes of all providers, until interrupted. `callback_url` is the product's address; `tenant` a file of its numbers."""
    from atende.main.processes.lifecycle import until_interrupted

    accounts = _accounts(tenant) if tenant else ()
    made = [vendor.fake(seed=seed, log_file=log) for vendor in CHANNELS]
    async with AsyncExitStack() as stack:
        try:
            running = await stack.enter_async_context(FakeProviders.serve(made, port=port, seed=seed, log_file=log))
        except OSError as error:
            raise SettingsError(
                f"cannot serve on 127.0.0.1:{port} ({error.strerror}): choose another --port"
            ) from error
        for fake in made:
            if callback_url or app_secret:
                fake.call_back(callback_url or "", secret=app_secret)
        running.add_accounts(accounts, kinds_of())
        shown = {"baseUrl": running.url, "doubles": running.addresses, "smtpUrl": running.mail.smtp_url}
        print(json.dumps(shown), flush=True)
        await until_interrupted()


class _Numbers(msgspec.Struct):
    """The numbers in what `atende seed --json` and `atende serve --json` print, or in a data directory's first-tenant.json."""

    channel_accounts: Sequence[ProviderAccount] = msgspec.field(default=(), name="channelAccounts")
    channels: Sequence[ProviderAccount] = ()


def _accounts(file: Path) -> Sequence[ProviderAccount]:
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        numbers = msgspec.json.decode(raw, type=_Numbers)
    except (OSError, msgspec.DecodeError) as error:
        raise Invalid(f"{file} is not the output of atende seed --json: {error}") from error
    return [*numbers.channels, *numbers.channel_accounts]


def openapi(settings: Settings) -> str:
    """The description of the HTTP API as JSON. Nothing is started, and no database is needed."""
    from atende.inbound.http.app import WebOptions, make_app

    options = WebOptions(aliases=settings.path_aliases, version=version("atende"))
    app = make_app(make_container(settings), options)
    schema: Mapping[str, Any] = app.openapi_schema.to_schema()
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode()
