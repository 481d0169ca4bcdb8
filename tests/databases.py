"""A database for every test that asks for one: copied from a template that was migrated once, dropped afterwards."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from atende.outbound.postgres.embedded import roles
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.migrate import migrate

MIGRATIONS = Path(__file__).parents[1] / "migrations"
_ONE_AT_A_TIME = 7_203_941


class DatabaseServer(Protocol):
    """What EmbeddedPostgres offers, as far as the tests need it."""

    async def create_database(self, name: str, *, template: str | None = None) -> Urls: ...

    async def mark_template(self, name: str) -> None: ...

    async def drop_database(self, name: str) -> None: ...


class Databases:
    """The databases of one test process. `run` keeps their names apart from those of other processes."""

    def __init__(self, server: DatabaseServer, run: str) -> None:
        self.server = server
        self._template = f"atende_{run}_template"
        self._names = (f"atende_{run}_{number}" for number in count(1))

    async def prepare(self) -> None:
        urls = await self.server.create_database(self._template)
        await migrate(urls.owner, MIGRATIONS)
        await self.server.mark_template(self._template)

    async def close(self) -> None:
        await self.server.drop_database(self._template)

    @asynccontextmanager
    async def one(self, *, empty: bool = False) -> AsyncIterator[Urls]:
        """A database of one's own; with `empty`, one that has its roles and extensions only."""
        name = next(self._names)
        urls = await self.server.create_database(name, template=None if empty else self._template)
        try:
            yield urls
        finally:
            await self.server.drop_database(name)


class OutsideServer:
    """A server that runs already, through the URL of a superuser of it.

    The roles belong to the whole server; their passwords come from the URL, so that parallel test processes agree on them.
    """

    def __init__(self, admin_url: str) -> None:
        self._admin = admin_url
        self._password = hashlib.sha256(f"atende tests {admin_url}".encode()).hexdigest()

    def urls(self, database: str) -> Urls:
        """The addresses of a database, for each of its roles."""
        parts = urlsplit(self._admin)
        host = parts.netloc.rpartition("@")[2]

        def url(login: str) -> str:
            return urlunsplit(parts._replace(netloc=f"{login}@{host}", path=f"/{quote(database, safe='')}"))

        return Urls(
            app=url(f"{roles.APP}:{self._password}"),
            owner=url(f"{roles.OWNER}:{self._password}"),
            admin=urlunsplit(parts._replace(path=f"/{quote(database, safe='')}")),
        )

    async def prepare(self) -> None:
        await self._run(
            f"SELECT pg_advisory_lock({_ONE_AT_A_TIME})",
            roles.cluster_sql(owner_password=self._password, app_password=self._password),
        )

    async def create_database(self, name: str, *, template: str | None = None) -> Urls:
        copied = f" TEMPLATE {roles.identifier(template)}" if template else ""
        create = f"CREATE DATABASE {roles.identifier(name)} OWNER {roles.OWNER}{copied}"
        await self._run(create, roles.database_sql(name))
        urls = self.urls(name)
        if not template:
            await self._run(roles.schema_sql(), url=urls.admin)
        return urls

    async def mark_template(self, name: str) -> None:
        await self._run(f"ALTER DATABASE {roles.identifier(name)} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")

    async def drop_database(self, name: str) -> None:
        await self._run(
            f"ALTER DATABASE {roles.identifier(name)} WITH IS_TEMPLATE false",
            f"DROP DATABASE IF EXISTS {roles.identifier(name)} WITH (FORCE)",
        )

    async def _run(self, *statements: str, url: str | None = None) -> None:
        connection = await asyncpg.connect(url or self._admin)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()
