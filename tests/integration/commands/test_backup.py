"""A backup holds all of an installation, and a restore brings all of it back or changes nothing."""

import asyncio
import io
import json
import stat
import tarfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from atende.core.kernel import Invalid
from atende.main.commands.ask import ask
from atende.main.commands.backup.archive import DATABASE, MANIFEST, writing
from atende.main.commands.backup.backup import backup
from atende.main.commands.backup.programs import password, without_password
from atende.main.commands.backup.restore import restore
from atende.main.commands.ingest import ingest
from atende.main.commands.seed import seed
from atende.main.processes.embedded import embedded_database
from atende.main.settings import Settings, SettingsError
from atende.outbound.postgres.embedded.launcher import EmbeddedPostgres, Urls
from atende.outbound.postgres.embedded.programs import EmbeddedPostgresError
from tests.integration.embedded.launcher_helpers import reachable_folder

KEY = "ab" * 32
ABOUT = {"atende": "0.1.0", "made_at": "2026-01-01T00:00:00+00:00", "postgresql": 18, "schema": "0005"}


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as made:
        yield made


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """In form a backup; its dump is none."""
    file = tmp_path / "made.backup"
    with writing(file) as made:
        for name, content in ((DATABASE, b"no dump at all"), ("files/t/shop/documents/one", b"text")):
            made.add(name, io.BytesIO(content))
        made.finish(ABOUT)
    return file


async def installed(at: Path) -> Settings:
    """An installation with a tenant, a document and an answer."""
    document = at.with_suffix(".md")
    document.write_text("A loja abre de segunda a sábado, das 9h às 18h.\n", encoding="utf-8")
    settings = Settings(data_dir=at)
    await seed(settings, name="Shop", slug=None, language="pt", as_json=True)
    await ingest(settings, [document], api_key=None)
    await ask(settings, "A que horas abre a loja?", as_json=True, api_key=None)
    return settings


async def contents(url: str) -> dict[str, list[str]]:
    """Every row of every table."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {
            name: [row[0] for row in await connection.fetch(f'SELECT t::text FROM "{name}" t ORDER BY 1')]
            for (name,) in tables
        }
    finally:
        await connection.close()


ROW_LEVEL_SECURITY = {
    "tables": """
        SELECT relname, relowner::regrole, relrowsecurity, relforcerowsecurity, relacl FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')""",
    "policies": "SELECT tablename, policyname, roles, cmd, qual, with_check FROM pg_policies",
    "functions": """
        SELECT oid::regprocedure, proowner::regrole, prosecdef, proconfig, proacl, md5(prosrc) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace""",
    "indexes": """
        SELECT i.indexrelid::regclass::text, i.indisunique, i.indisvalid,
          ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, false) FROM generate_series(1, i.indnatts) n) AS columns FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid AND c.relnamespace = 'public'::regnamespace""",
    "schema": "SELECT nspacl FROM pg_namespace WHERE nspname = 'public'",
    "database": "SELECT datacl FROM pg_database WHERE datname = current_database()",
}


async def row_level_security(url: str) -> dict[str, list[str]]:
    """Owners, rights, policies, functions and indexes."""
    connection = await asyncpg.connect(url)
    try:
        return {name: sorted(map(str, await connection.fetch(query))) for name, query in ROW_LEVEL_SECURITY.items()}
    finally:
        await connection.close()


@asynccontextmanager
async def opened(data_dir: Path) -> AsyncIterator[str]:
    async with await EmbeddedPostgres.start(data_dir / "postgres") as postgres:
        yield postgres.urls("atende").admin


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_a_restored_installation_is_the_same(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, file = folder / "old", folder / "new", tmp_path / "shop.backup"
    settings = await installed(old)
    await backup(settings, file, url=None)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    await restore(Settings(data_dir=new), file, force=False)

    async with opened(old) as url:
        before, made = await contents(url), await row_level_security(url)
    async with opened(new) as url:
        assert await contents(url) == before
        assert await row_level_security(url) == made
    assert len(before["document"]) == len(before["answer"]) == 1
    assert tree(new / "files") == tree(old / "files") != {}
    for name in ("encryption.key", "first-tenant.json"):
        assert (new / name).read_bytes() == (old / name).read_bytes()
        assert stat.S_IMODE((new / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((new / "files").stat().st_mode) == 0o700
    assert sorted(path.name for path in new.iterdir()) == ["encryption.key", "files", "first-tenant.json", "postgres"]

    capsys.readouterr()
    await ask(Settings(data_dir=new), "A que horas abre a loja?", as_json=True, api_key=None)
    answer = json.loads(capsys.readouterr().out)
    assert (answer["outcome"], answer["balance"]) == ("answered", 48)


async def test_a_running_installation_is_backed_up_and_never_overwritten(folder: Path, tmp_path: Path) -> None:
    data, file = folder / "data", tmp_path / "running.backup"
    async with embedded_database(Settings(data_dir=data), keep=True) as settings:
        await backup(Settings(data_dir=data), file, url=None)
        with pytest.raises(EmbeddedPostgresError, match="in use by another running atende"):
            await asyncio.wait_for(restore(Settings(data_dir=data), file, force=True), 60)
        assert await contents(settings.migration_database_url) != {}
    await restore(Settings(data_dir=data), file, force=True)
    [aside] = data.glob("replaced-*")
    assert sorted(path.name for path in aside.iterdir()) == ["encryption.key", "postgres"]
    assert (data / "encryption.key").read_bytes() == (aside / "encryption.key").read_bytes()


async def test_what_cannot_be_restored_changes_nothing(folder: Path, archive: Path) -> None:
    data = folder / "data"
    with pytest.raises(RuntimeError, match="pg_restore failed: ") as caught:
        await restore(Settings(data_dir=data), archive, force=False)
    assert str(caught.value) == "pg_restore failed: input file does not appear to be a valid archive (too short?)"
    assert list(data.iterdir()) == []

    (data / "notes.txt").write_text("mine")
    with pytest.raises(Invalid, match="is not empty"):
        await restore(Settings(data_dir=data), archive, force=False)
    assert [path.name for path in data.iterdir()] == ["notes.txt"]


def _rewritten(file: Path, to: Path, change: dict[str, bytes | None]) -> Path:
    """The archive with other contents under these names; None leaves a file out."""
    with tarfile.open(file) as old:
        members = {member.name: old.extractfile(member).read() for member in old}  # type: ignore[union-attr]
    with tarfile.open(to, "w:gz") as new:
        for name, content in (members | change).items():
            if content is not None:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                new.addfile(info, io.BytesIO(content))
    return to


def _manifest(**change: Any) -> bytes:
    return json.dumps({**ABOUT, "format": 1, "stored": {}, **change}).encode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"files/t/shop/documents/one": b"tuxt"}, "the checksum of files/t/shop/documents/one"),
        ({"files/t/shop/documents/one": None}, "the checksum of files/t/shop/documents/one"),
        ({"files/t/shop/documents/two": b"more"}, "the checksum of files/t/shop/documents/two"),
        ({MANIFEST: None}, "its manifest is missing"),
        ({MANIFEST: b"{"}, "its manifest cannot be read"),
        ({MANIFEST: _manifest(format=2)}, "made by a newer atende"),
        ({"../outside": b"x"}, "is not a backup of atende"),
        ({"/outside": b"x"}, "is not a backup of atende"),
        ({"files/../../outside": b"x"}, "is not a backup of atende"),
    ],
    ids=["changed", "missing", "more", "no-manifest", "no-json", "newer-format", "up", "absolute", "hidden-up"],
)
async def test_a_damaged_or_foreign_backup_is_refused(
    folder: Path, archive: Path, tmp_path: Path, change: dict[str, bytes | None], said: str
) -> None:
    broken = _rewritten(archive, tmp_path / "broken.backup", change)
    with pytest.raises(Invalid, match=said) as caught:
        await restore(Settings(data_dir=folder / "data"), broken, force=False)
    assert "\n" not in str(caught.value)
    assert not (folder / "data").exists()


async def test_a_cut_off_or_newer_backup_is_refused(folder: Path, archive: Path, tmp_path: Path) -> None:
    data = Settings(data_dir=folder / "data")
    cut = tmp_path / "cut.backup"
    cut.write_bytes(archive.read_bytes()[:-40])
    with pytest.raises(Invalid, match="is damaged"):
        await restore(data, cut, force=False)
    for about, said in (({"schema": "9999"}, "made by a newer atende"), ({"postgresql": 99}, "of PostgreSQL 99")):
        file = tmp_path / f"{said[-2:]}.backup"
        with writing(file) as made:
            made.finish({**ABOUT, **about})
        with pytest.raises(Invalid, match=said):
            await restore(data, file, force=False)
    with pytest.raises(SettingsError, match="restore makes an embedded installation"):
        await restore(Settings(database_url="postgresql://h/d", encryption_key=KEY), archive, force=False)
    assert not (folder / "data").exists()


async def test_a_backup_is_never_half_there(archive: Path, tmp_path: Path) -> None:
    before = archive.read_bytes()
    with pytest.raises(Invalid, match="exists already"):
        await backup(Settings(data_dir=tmp_path), archive, url=None)
    assert archive.read_bytes() == before
    missing = tmp_path / "new.backup"
    with pytest.raises(Invalid, match="there is no installation in"):
        await backup(Settings(data_dir=tmp_path / "nowhere"), missing, url=None)
    assert [path.name for path in tmp_path.iterdir()] == [archive.name]


async def test_a_server_is_backed_up_by_a_role_that_sees_every_row(
    database: Urls, folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "server.backup"
    settings = Settings(database_url=database.app, encryption_key=KEY, data_dir=tmp_path / "data")
    await seed(settings, name="Shop", slug=None, language="pt", as_json=True)
    for url, said in (
        (None, "BACKUP_DATABASE_URL is missing: the database as a superuser"),
        (database.app, "the role atende_app does not see every row"),
        (database.owner, "the role atende_owner does not see every row"),
        ("postgresql://127.0.0.1:1/x", "cannot connect"),
    ):
        with pytest.raises(SettingsError, match=said) as caught:
            await backup(settings, file, url=url)
        assert "\n" not in str(caught.value)
    await backup(settings, file, url=database.admin)
    with tarfile.open(file) as made:
        assert made.getnames() == [DATABASE, MANIFEST]

    await restore(Settings(data_dir=folder / "data"), file, force=False)
    before = await contents(database.admin)
    async with opened(folder / "data") as url:
        assert await contents(url) == before
    assert before["organization"] != []


def test_passwords_travel_apart_from_their_urls() -> None:
    for url, bare in (
        ("postgresql://me:p%40ss@host:5/db?sslmode=disable", "postgresql://me@host:5/db?sslmode=disable"),
        ("postgresql:///db?host=%2Ftmp&user=me&password=p%40ss", "postgresql:///db?host=%2Ftmp&user=me"),
    ):
        assert (without_password(url), password(url)) == (bare, "p@ss")
    assert (without_password("postgresql://host/db"), password("postgresql://host/db")) == ("postgresql://host/db", "")
