"""Migrating a database, as its owner."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import msgspec
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from atende.core.credits.price import DEFAULT_PRICES
from atende.core.kernel import Invalid

_PRICE = """
INSERT INTO price (id, provider, model, operation, unit, credits_per_unit, cost_usd_per_unit, resolution_multipliers, is_active)
SELECT * FROM unnest(
  $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::numeric[], $8::jsonb[], $9::bool[])
ON CONFLICT (provider, model, operation) DO NOTHING
"""


async def migrate(url: str, folder: Path, *, to: str = "head") -> None:
    """Runs the migrations in `folder` as the owner, up to the revision `to`; at `head`, also adds missing prices.

    Raises Invalid if the database is newer than this program.
    """
    await _on(url, folder, lambda config: command.upgrade(config, to))
    if to == "head":
        await seed_prices(url)


async def downgrade(url: str, folder: Path, *, to: str) -> None:
    await _on(url, folder, lambda config: command.downgrade(config, to))


def revisions(folder: Path) -> list[str]:
    """Oldest first."""
    with _importable(folder):
        script = ScriptDirectory(str(folder))
        return [revision.revision for revision in reversed(list(script.walk_revisions()))]


async def seed_prices(url: str) -> None:
    """Adds missing default prices. Existing prices are not changed."""
    connection = await asyncpg.connect(url)
    try:
        columns = zip(
            *(
                (
                    price.id,
                    price.provider,
                    price.model,
                    price.operation,
                    str(price.unit),
                    price.credits_per_unit,
                    price.cost_usd_per_unit,
                    msgspec.json.encode({k: str(v) for k, v in price.resolution_multipliers.items()}).decode(),
                    price.is_active,
                )
                for price in DEFAULT_PRICES
            ),
            strict=True,
        )
        await connection.execute(_PRICE, *(list(column) for column in columns))
    finally:
        await connection.close()


async def _on(url: str, folder: Path, step: Callable[[Config], None]) -> None:
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=NullPool
    )
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_run, folder, step)
            await connection.commit()
    finally:
        await engine.dispose()


def _run(connection: Connection, folder: Path, step: Callable[[Config], None]) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with _importable(folder):
        try:
            step(config)
        except CommandError as error:
            raise Invalid(f"this database cannot be migrated by this version of atende: {error}") from error


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """The revisions import modules of their folder (`migrations.functions`), which are importable only while they run."""
    sys.path.insert(0, str(folder.parent))
    try:
        yield
    finally:
        sys.path.remove(str(folder.parent))
        for name in [name for name in sys.modules if name == folder.name or name.startswith(f"{folder.name}.")]:
            del sys.modules[name]
