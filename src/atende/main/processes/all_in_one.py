"""The whole product in this one process: database, fakes, web and worker."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from socket import socket

from dishka import AsyncContainer

from atende.fakes.providers import FakeProviders
from atende.main.processes.embedded import embedded_database, fake_providers_for
from atende.main.processes.lifecycle import bind, serving, working
from atende.main.processes.production import check_database
from atende.main.providers.container import make_container
from atende.main.settings import Settings

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AllInOne:
    """What runs. `fakes` None: every provider is the real one."""

    settings: Settings
    container: AsyncContainer
    fakes: FakeProviders | None
    url: str


@asynccontextmanager
async def all_in_one(
    settings: Settings, *, keep: bool, say: Progress = lambda _: None, port: int | None = None
) -> AsyncIterator[AllInOne]:
    """Starts everything that `settings` leave to us, and stops it when the block ends."""
    async with AsyncExitStack() as stack:
        listener = bind(settings.host, settings.port if port is None else port)
        stack.callback(listener.close)
        url = f"http://{_host(listener)}:{listener.getsockname()[1]}"
        settings = replace(settings, public_url=settings.public_url or url)
        fakes: FakeProviders | None = None
        if settings.embedded:
            say("starting PostgreSQL")
            settings = await stack.enter_async_context(embedded_database(settings, keep=keep))
            say("starting the fakes of WhatsApp, Twilio and OpenAI")
            settings, fakes = await stack.enter_async_context(fake_providers_for(settings))
        else:
            await check_database(settings)
        say("starting web and worker")
        from atende.main.processes.web import make_web

        container = make_container(settings)
        stack.push_async_callback(container.close)
        await stack.enter_async_context(working(container, settings, alone=False))
        await stack.enter_async_context(serving(await make_web(container, settings), listener))
        yield AllInOne(settings, container, fakes, url)


def _host(listener: socket) -> str:
    host: str = listener.getsockname()[0]
    return f"[{host}]" if ":" in host else {"0.0.0.0": "127.0.0.1"}.get(host, host)  # noqa: S104  shown, not bound
