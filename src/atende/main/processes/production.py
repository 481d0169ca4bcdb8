"""The product in several processes, on a PostgreSQL server that exists already."""

import os
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
from litestar.types import ASGIApp

from atende.main import resources
from atende.main.processes.lifecycle import freeze_heap, until_interrupted, working
from atende.main.processes.logs import set_up_logs
from atende.main.providers.configuration import read_settings
from atende.main.providers.search import check_vectors
from atende.main.settings import Settings, SettingsError
from atende.outbound.postgres.embedded.roles import roles_sql
from atende.outbound.postgres.migrate import migrate


def roles_script() -> str:
    return roles_sql()


async def migrate_database(settings: Settings) -> None:
    url = settings.migration_database_url
    if not url:
        raise SettingsError("MIGRATION_DATABASE_URL is missing: the database as its owner role, atende_owner")
    await migrate(url, resources.migrations())
    print("the database is up to date")


async def work(settings: Settings) -> None:
    """A worker, until interrupted."""
    from atende.main.providers.container import make_container

    await check_database(settings)
    async with AsyncExitStack() as stack:
        container = make_container(settings)
        stack.push_async_callback(container.close)
        await check_vectors(container, settings)
        await stack.enter_async_context(working(container, settings, alone=True))
        print("working", flush=True)
        freeze_heap()
        await until_interrupted()


class Web:
    """An ASGI application for a server of one's choice: it comes up with the server's lifespan, and goes down with it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        assert self._app is not None, "the server runs the lifespan first"
        await self._app(scope, receive, send)

    async def _live(self, receive: Any, send: Any) -> None:
        from atende.main.processes.web import make_web
        from atende.main.providers.container import make_container

        await receive()
        async with AsyncExitStack() as stack:
            try:
                await check_database(self._settings)
                container = make_container(self._settings)
                stack.push_async_callback(container.close)
                await check_vectors(container, self._settings)
                app = await make_web(container, self._settings)
                await stack.enter_async_context(app.lifespan())
            except SettingsError as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            self._app = app
            freeze_heap()
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def web() -> Web:
    """The factory for granian and others: `granian --interface asgi --factory atende.main.processes.production:web`."""
    settings = read_settings(os.environ)
    set_up_logs(settings)
    return Web(settings)


async def check_database(settings: Settings) -> None:
    """Refuses a database that cannot be reached, is not migrated, or whose role could bypass row-level security."""
    if settings.embedded:
        raise SettingsError("DATABASE_URL is missing: this process needs the database that all processes share")
    try:
        connection = await asyncpg.connect(settings.database_url)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise SettingsError(f"DATABASE_URL: cannot connect: {error}") from error
    try:
        role = await connection.fetchrow(
            """
            SELECT r.rolname, r.rolsuper, r.rolbypassrls,
              EXISTS (SELECT 1 FROM pg_tables t WHERE t.schemaname = 'public' AND t.tableowner = r.rolname) AS owner,
              EXISTS (SELECT 1 FROM pg_auth_members m WHERE m.member = r.oid) AS member,
              to_regclass('public.alembic_version') IS NOT NULL AS migrated
            FROM pg_roles r WHERE r.rolname = current_user
            """
        )
    finally:
        await connection.close()
    assert role is not None, "the current user is a role"
    for power, words in {
        "rolsuper": "is a superuser",
        "rolbypassrls": "may bypass row-level security",
        "owner": "owns tables",
        "member": "is a member of another role",
    }.items():
        if role[power]:
            raise SettingsError(
                f"DATABASE_URL: the role {role['rolname']} {words}: use the app role, see atende migrate --sql-roles"
            )
    if not role["migrated"]:
        raise SettingsError("DATABASE_URL: this database is empty: run atende migrate first")
