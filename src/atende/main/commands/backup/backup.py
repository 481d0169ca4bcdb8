"""`atende backup`: writes all data of an installation to one file."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

import asyncpg

from atende.core.kernel import Invalid
from atende.main.commands.backup.archive import DATABASE, FILES, KEY, TENANT, ArchiveWriter, writing
from atende.main.commands.backup.programs import run_program
from atende.main.commands.installation import say
from atende.main.processes.embedded import NAME, refuse_nothing, running_database
from atende.main.settings import Settings, SettingsError
from atende.outbound.postgres.embedded.launcher import EmbeddedPostgres

_PATIENCE = 5.0
_UNFINISHED = ".writing-"
_ROLE = "a superuser, or a role with BYPASSRLS that is a member of pg_read_all_data"


async def backup(settings: Settings, file: Path, *, url: str | None) -> None:
    """Into `file`, which only we may read. The installation may be running meanwhile.

    The database is read first, in one snapshot, then the files: whatever the database names is in. `url` is the database
    as a role that sees all of it; the embedded one needs none. Raises Invalid, SettingsError, RuntimeError.
    """
    with writing(file) as archive:
        async with _database(settings, url) as at:
            about = await _about(at)
            say("reading the database")
            with tempfile.TemporaryFile(dir=file.parent) as dump:
                await run_program("pg_dump", ["--format=custom"], at, ours=settings.embedded, gives=dump)
                await asyncio.to_thread(_pack, archive, settings, dump)
        archive.finish(about)
        count = sum(name.startswith(FILES) for name in archive.stored)
    print(f"{file}: the database and {count} files, {await asyncio.to_thread(os.path.getsize, file)} bytes")
    if KEY not in archive.stored:
        say("the encryption key is not in it: keep ENCRYPTION_KEY as well, or no secret in it can be read again")


def _pack(archive: ArchiveWriter, settings: Settings, dump: IO[bytes]) -> None:
    archive.add(DATABASE, dump)
    kept = (KEY, TENANT) if settings.embedded else ()
    for name in kept:
        _add(archive, name, settings.data_dir / name)
    folder = settings.data_dir / FILES
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.startswith(_UNFINISHED):
            _add(archive, FILES + path.relative_to(folder).as_posix(), path)


def _add(archive: ArchiveWriter, name: str, path: Path) -> None:
    # What was deleted since it was listed is not missed: the database no longer names it either, or soon will not.
    with suppress(FileNotFoundError), path.open("rb") as file:
        archive.add(name, file)


@asynccontextmanager
async def _database(settings: Settings, url: str | None) -> AsyncIterator[str]:
    """The address of the database as a role that sees all of it."""
    if not settings.embedded:
        await _refuse_half_blind(url)
        assert url is not None, "it was refused"
        yield url
        return
    refuse_nothing(settings.data_dir)
    if running := await running_database(settings.data_dir):
        yield running.admin
        return
    async with await EmbeddedPostgres.start(settings.data_dir.resolve() / "postgres") as postgres:
        yield postgres.urls(NAME).admin


async def _refuse_half_blind(url: str | None) -> None:
    """Raises SettingsError when the role of `url` would leave rows out."""
    if not url:
        raise SettingsError(
            f"BACKUP_DATABASE_URL is missing: the database as {_ROLE}; the app role sees one tenant only"
        )
    try:
        connection = await asyncpg.connect(url, timeout=_PATIENCE)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise SettingsError(f"BACKUP_DATABASE_URL: cannot connect: {str(error) or 'no answer'}") from error
    try:
        sees = await connection.fetchval(
            "SELECT rolsuper OR (rolbypassrls AND pg_has_role(oid, 'pg_read_all_data', 'USAGE'))"
            " FROM pg_roles WHERE rolname = current_user"
        )
        role = await connection.fetchval("SELECT current_user")
    finally:
        await connection.close()
    if not sees:
        raise SettingsError(f"BACKUP_DATABASE_URL: the role {role} does not see every row: use {_ROLE}")


async def _about(url: str) -> dict[str, Any]:
    connection = await asyncpg.connect(url, timeout=_PATIENCE)
    try:
        if await connection.fetchval("SELECT to_regclass('public.alembic_version')") is None:
            raise Invalid("this database is empty: there is nothing to back up")
        schema = await connection.fetchval("SELECT version_num FROM alembic_version")
        number = int(await connection.fetchval("SELECT current_setting('server_version_num')"))
    finally:
        await connection.close()
    return {
        "atende": version("atende"),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "postgresql": number // 10_000,
        "schema": schema,
    }
