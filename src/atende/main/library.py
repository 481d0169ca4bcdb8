"""The product as a library: its use cases, in the caller's own process, without HTTP."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from dishka import AsyncContainer, Provider, Scope, provide

from atende.core.conversation.ports import Channel
from atende.core.mail.ports import Mailer
from atende.core.work.ports import JobQueue
from atende.fakes.ports.channel import FakeChannel
from atende.fakes.ports.mailer import FakeMailer
from atende.inbound.jobs.handlers import make_handlers
from atende.inbound.jobs.worker import Worker, WorkerOptions
from atende.main.processes.embedded import embedded_database
from atende.main.providers.configuration import read_settings
from atende.main.providers.container import make_container
from atende.main.seeding import Tenant, seed_tenant
from atende.main.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class App:
    """A running product. `container` is dishka's, for whatever has no method here."""

    container: AsyncContainer
    settings: Settings

    @asynccontextmanager
    async def use(self, wanted: type[T]) -> AsyncIterator[T]:
        """A use case or a port, in a unit of work of its own: `async with app.use(AskDocuments) as ask: ...`."""
        async with self.container() as scope:
            yield await scope.get(wanted)

    async def tenant(self, name: str, *, slug: str | None = None, language: str = "pt", granted: int = 50) -> Tenant:
        """A new organization with a project, an agent, a WhatsApp and an SMS number, and credits."""
        slug = slug or "-".join(name.lower().split())
        return await seed_tenant(self.container, name=name, slug=slug, agent=name, language=language, granted=granted)

    async def work(self) -> int:
        """Runs every job that is due, and those that they lead to; the number run. Nothing runs by itself here."""
        ran = 0
        while True:
            options = WorkerOptions(name=f"app:{os.getpid()}")
            worker = Worker(await self.container.get(JobQueue), make_handlers(self.container), options)
            started = await worker.take()
            await worker.stop()
            if not started:
                return ran
            ran += started


class InProcess(Provider):
    """Messages and mail that stay in this process, for an installation that is thrown away."""

    scope = Scope.APP

    @provide(override=True)
    def channel(self) -> Channel:
        return FakeChannel()

    @provide(override=True)
    def mailer(self) -> Mailer:
        return FakeMailer()


@asynccontextmanager
async def app(*overrides: Provider, **settings: Any) -> AsyncIterator[App]:
    """The product, until the block ends: on a temporary PostgreSQL of its own, or on the one that `database_url` names.

    `settings` are those of the environment, in lower case; the environment itself is not read. `overrides` replace single
    adapters. On the temporary database messages and mail stay in this process; over `database_url` they are really sent.
    Raises SettingsError.
    """
    async with AsyncExitStack() as stack:
        chosen = read_settings({}, **({"encryption_key": secrets.token_hex(32)} | settings))
        temporary = chosen.embedded
        if temporary:
            chosen = await stack.enter_async_context(embedded_database(chosen, keep=False))
        container = make_container(chosen, *([InProcess()] if temporary else []), *overrides)
        stack.push_async_callback(container.close)
        yield App(container, chosen)
