"""The product without web and worker, for commands, and how commands print."""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal

from dishka import AsyncContainer

from atende.core.kernel import Invalid
from atende.main.processes.embedded import attached, embedded_database, refuse_nothing
from atende.main.providers.container import make_container
from atende.main.settings import Settings


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
