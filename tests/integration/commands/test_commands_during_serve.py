"""Commands over a data directory on which an `atende serve` runs, and over one that holds nothing."""

import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from atende.core.kernel import Invalid
from atende.main.commands.audit import verify_audit
from atende.main.commands.local import ask, ingest, seed
from atende.main.commands.quarantine import show_quarantine
from atende.main.commands.rotate_keys import rotate_keys
from atende.main.processes.embedded import embedded_database
from atende.main.settings import Settings
from tests.integration.embedded.launcher_helpers import reachable_folder

KEY = "ab" * 32


@pytest.fixture
def data() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder / "data"


@pytest.fixture
async def running(data: Path) -> AsyncIterator[Settings]:
    """What `atende serve` holds open; nothing but its database matters here."""
    async with embedded_database(Settings(data_dir=data), keep=True) as settings:
        yield settings


async def verify(settings: Settings) -> None:
    await verify_audit(settings, organization=None, expect=None, as_json=True)


async def test_an_installation_is_used_while_it_runs(
    running: Settings, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    beside = Settings(data_dir=data)
    document = data / "horario.md"
    document.write_text("A loja abre de segunda a sábado, das 9h às 18h.\n", encoding="utf-8")
    await seed(beside, name="Shop", slug=None, language="pt", as_json=True)
    await ingest(beside, [document], api_key=None)
    capsys.readouterr()
    await ask(beside, "A que horas abre a loja?", as_json=True, api_key=None)
    assert _printed(capsys)["outcome"] == "answered"
    await verify(beside)
    assert _printed(capsys)["holds"] is True
    await show_quarantine(beside, as_json=False, limit=1)
    assert capsys.readouterr().out == "nothing is in quarantine\n"
    connection = await asyncpg.connect(running.database_url)
    assert await connection.fetchval("SELECT 'still'") == "still"
    await connection.close()


async def test_what_cannot_be_shared_is_refused(running: Settings, data: Path) -> None:
    """A running process reads with its own keys, and writes as its own version of the schema has it."""
    with pytest.raises(Invalid, match="with the keys that it was started with: stop it, and start it with the new"):
        await rotate_keys(Settings(data_dir=data, encryption_key=KEY, encryption_keys_previous=running.encryption_key))
    owner = await asyncpg.connect(running.migration_database_url)
    try:
        await owner.execute("UPDATE alembic_version SET version_num = '0001'")
        with pytest.raises(Invalid, match="is still starting, or of another version"):
            await verify(Settings(data_dir=data))
    finally:
        await owner.close()
    if os.geteuid() == 0:  # nobody else can give a file away
        os.chown(data / "postgres" / "credentials.json", 12_345, -1)
        with pytest.raises(Invalid, match="belongs to another account: run this as that account"):
            await verify(Settings(data_dir=data))


async def test_a_key_is_not_made_for_a_process_that_was_given_its_own(data: Path) -> None:
    async with embedded_database(Settings(data_dir=data, encryption_key=KEY), keep=True):
        with pytest.raises(Invalid, match=r"encryption.key is missing: .* set ENCRYPTION_KEY"):
            await seed(Settings(data_dir=data), name="Shop", slug=None, language="pt", as_json=True)
    with pytest.raises(Invalid, match=r"encryption.key is missing"):
        await verify(Settings(data_dir=data))
    assert not (data / "encryption.key").exists()
    await verify(Settings(data_dir=data, encryption_key=KEY))


async def test_a_folder_without_an_installation_is_refused_and_stays_as_it_is(data: Path) -> None:
    nowhere = Settings(data_dir=data, encryption_key=KEY)
    for command in (
        verify(nowhere),
        rotate_keys(nowhere),
        show_quarantine(nowhere, as_json=False, limit=1),
        ask(nowhere, "Hi?", as_json=True, api_key="org_x"),
    ):
        with pytest.raises(Invalid, match=r"there is no installation in .*: name its folder with --data-dir"):
            await command
    assert not data.exists()


def _printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(capsys.readouterr().out)
    return shown
