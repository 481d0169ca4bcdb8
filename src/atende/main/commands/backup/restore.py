"""`atende restore`: creates an installation from a backup."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from atende.core.kernel import Invalid
from atende.main import resources
from atende.main.commands.backup.archive import DATABASE, FILES, KEY, TENANT, Manifest, unpack, verify
from atende.main.commands.backup.programs import run_program
from atende.main.commands.installation import say
from atende.main.processes.embedded import NAME
from atende.main.settings import Settings, SettingsError
from atende.outbound.postgres.embedded.home import Home
from atende.outbound.postgres.embedded.launcher import EmbeddedPostgres
from atende.outbound.postgres.embedded.programs import Account, prepare_programs
from atende.outbound.postgres.migrate import migrate, revisions

_POSTGRES = "postgres"
_OURS = (_POSTGRES, FILES.rstrip("/"), KEY, TENANT)
_DRAFT, _REPLACED = ".restoring-", "replaced-"


async def restore(settings: Settings, file: Path, *, force: bool) -> None:
    """Into an empty data directory, whole or not at all; with `force` what is there is put aside, never deleted.

    Raises Invalid, SettingsError or RuntimeError: nothing has changed then.
    """
    if not settings.embedded:
        raise SettingsError(
            f"restore makes an embedded installation, and DATABASE_URL is set: for a server take {DATABASE} out of {file} "
            "with tar and give it to pg_restore as a superuser, after the script of atende migrate --sql-roles"
        )
    manifest = await asyncio.to_thread(verify, file)
    await asyncio.to_thread(_refuse_too_new, file, manifest)
    folder = settings.data_dir
    there = _entries(folder)
    if there and not force:
        raise Invalid(f"{folder} is not empty: name another folder with --data-dir, or put it aside with --force")
    folder.mkdir(parents=True, exist_ok=True)
    async with _unused(folder):
        with tempfile.TemporaryDirectory(prefix=_DRAFT, dir=folder) as name:
            draft = Path(name)
            await asyncio.to_thread(_unpack, file, draft, manifest)
            await _database(draft)
            aside = _swap(folder, draft)
    print(f"{folder}: as it was on {manifest.made_at}" + (f"; what was there is in {aside}" if aside else ""))
    if KEY not in manifest.stored:
        say("the encryption key was not in it: set ENCRYPTION_KEY to the one of that installation")


def _refuse_too_new(file: Path, manifest: Manifest) -> None:
    if manifest.schema not in revisions(resources.migrations()):
        raise Invalid(
            f"{file} was made by a newer atende ({manifest.atende}, schema {manifest.schema}): update atende first"
        )
    major = int(prepare_programs(Account.choose()).major)
    if manifest.postgresql > major:
        raise Invalid(
            f"{file} is of PostgreSQL {manifest.postgresql}, and this is {major}: update atende[embedded] first"
        )


def _entries(folder: Path) -> list[Path]:
    if folder.exists() and not folder.is_dir():
        raise Invalid(f"{folder} is a file: name another folder with --data-dir")
    return [one for one in folder.iterdir() if one.name != "lost+found"] if folder.exists() else []


@asynccontextmanager
async def _unused(folder: Path) -> AsyncIterator[None]:
    """While the block runs nobody can start on the database that is there; a running one is refused."""
    if not (folder / _POSTGRES).is_dir():
        yield
        return
    lock = await Home.open(folder / _POSTGRES, Account.choose()).lock()
    try:
        yield
    finally:
        os.close(lock)


def _unpack(file: Path, draft: Path, manifest: Manifest) -> None:
    # The account of the server passes through to its cluster.
    draft.chmod(0o711 if Account.choose().switch else 0o700)
    unpack(file, draft, manifest)


async def _database(draft: Path) -> None:
    """A new cluster with what was dumped, brought up to date."""
    say("restoring the database")
    dump = draft / DATABASE
    async with await EmbeddedPostgres.start(draft / _POSTGRES) as postgres:
        urls = await postgres.create_database(NAME)
        with dump.open("rb") as file:
            arguments = ["--exit-on-error", "--single-transaction"]
            await run_program("pg_restore", arguments, urls.admin, ours=True, takes=file)
        await migrate(urls.owner, resources.migrations())
    dump.unlink()


def _swap(folder: Path, draft: Path) -> Path | None:
    """What was made goes to its place; what stood there aside. Renames only: an interrupt between two loses nothing."""
    old = [folder / name for name in _OURS if (folder / name).exists()]
    aside = None
    if old:
        now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-")
        aside = Path(tempfile.mkdtemp(prefix=f"{_REPLACED}{now}", dir=folder))
        for one in old:
            one.rename(aside / one.name)
    for name in _OURS:
        if (draft / name).exists():
            (draft / name).rename(folder / name)
    return aside
