"""`atende fakes`: the fakes of all providers in a process of their own."""

import json
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec

from atende.core.kernel import Invalid
from atende.fakes.accounts import ProviderAccount
from atende.fakes.providers import FakeProviders
from atende.main.providers.channels import CHANNELS
from atende.main.seeding import kinds_of
from atende.main.settings import SettingsError


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
