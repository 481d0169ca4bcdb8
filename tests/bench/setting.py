"""Where the figures are taken: a database as durable as in production, and a tenant to measure with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from dishka import AsyncContainer

from atende.fakes.accounts import ProviderAccount
from atende.main.providers.configuration import read_settings
from atende.main.providers.container import make_container
from atende.main.seeding import Tenant, seed_tenant
from atende.main.settings import Settings
from atende.outbound.postgres.embedded.launcher import EmbeddedPostgres, Urls
from tests.databases import Databases

KEY = "00" * 32
_QUIET = {"max_connections": "120"}


@dataclass(frozen=True, slots=True)
class Place:
    """A migrated database, the product over it, and one tenant of it."""

    urls: Urls
    settings: Settings
    container: AsyncContainer
    tenant: Tenant

    @property
    def line(self) -> ProviderAccount:
        return self.tenant.channel("whatsapp")


@asynccontextmanager
async def databases() -> AsyncIterator[Databases]:
    """A server of our own, with fsync and synchronous commit on."""
    async with await EmbeddedPostgres.start(None, settings=_QUIET) as server:
        made = Databases(server, "bench")
        await made.prepare()
        yield made


@asynccontextmanager
async def place(made: Databases, *, pool: int = 10, granted: int = 1_000) -> AsyncIterator[Place]:
    async with made.one() as urls:
        settings = read_settings(
            {},
            database_url=urls.app,
            migration_database_url=urls.owner,
            listen_database_url=urls.listen,
            encryption_key=KEY,
            database_pool_size=pool,
        )
        container = make_container(settings)
        try:
            tenant = await seed_tenant(container, name="Bench", slug="bench", agent="Bia", granted=granted)
            yield Place(urls, settings, container, tenant)
        finally:
            await container.close()
