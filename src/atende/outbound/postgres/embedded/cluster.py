"""The database cluster in a data directory: created once, and checked before each start."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from atende.outbound.postgres.embedded.home import SUPERUSER, Home, alive, write_private
from atende.outbound.postgres.embedded.programs import EmbeddedPostgresError, Programs, account_name


async def prepare_cluster(home: Home, programs: Programs, *, superuser_password: str, lock: int, sync: bool) -> None:
    """Creates the cluster, completely or not at all. An existing one must have the right version and no running server.

    The caller holds the lock of the directory, which a running server would hold. With `sync`, a new cluster is written
    to disk before this returns. Raises EmbeddedPostgresError.
    """
    if home.cluster.exists():
        _refuse_other_owner(home)
        _refuse_other_version(home, programs.major)
        _clear_stale_pid(home.cluster)
        return
    draft, secret = home.root / "cluster.new", home.root / "initdb.password"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(mode=0o700)
        home.account.own(draft)
        write_private(secret, superuser_password)
        home.account.own(secret)
        arguments: list[str | Path] = [
            programs.folder / "initdb",
            f"--pgdata={draft}",
            f"--username={SUPERUSER}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-instructions",
            *([] if sync else ["--no-sync"]),
        ]
        await _initdb(home, arguments, lock)
        draft.rename(home.cluster)
    except OSError as error:
        raise EmbeddedPostgresError(f"{home.root} cannot be used as data directory: {error.strerror}.") from error
    finally:
        secret.unlink(missing_ok=True)


async def _initdb(home: Home, arguments: list[str | Path], lock: int) -> None:
    with home.account.spawn(arguments, keep=[lock]) as process:
        try:
            output, _ = await asyncio.to_thread(process.communicate)
        except BaseException:
            _kill_session(process)
            raise
    if process.returncode:
        lines = output.strip().splitlines()
        reason = next((line for line in lines if "error:" in line or "FATAL:" in line), (lines or ["no output"])[-1])
        raise EmbeddedPostgresError(f"The database in {home.root} could not be created: {reason.strip()}")


def _refuse_other_owner(home: Home) -> None:
    owner = home.cluster.stat().st_uid
    if owner != home.account.uid:
        message = (
            f"The database in {home.root} belongs to the account {account_name(owner)}: start atende as "
            f"{'root' if account_name(owner) == 'nobody' else 'that account'}, or name another data directory."
        )
        raise EmbeddedPostgresError(message)


def _refuse_other_version(home: Home, major: str) -> None:
    try:
        version = (home.cluster / "PG_VERSION").read_text().strip()
    except OSError as error:
        message = f"{home.cluster} is not a complete cluster ({error.strerror} PG_VERSION): restore it from a backup."
        raise EmbeddedPostgresError(message) from error
    if version != major:
        message = (
            f"The data directory {home.root} was created by PostgreSQL {version} and this is PostgreSQL {major}: run "
            "`atende backup` with the release that created it, and `atende restore` into a new data directory with this one."
        )
        raise EmbeddedPostgresError(message)


def _clear_stale_pid(cluster: Path) -> None:
    """Removes the PID file of a killed server. PostgreSQL would refuse to start if another process had that id now."""
    note = cluster / "postmaster.pid"
    try:
        pid = int(note.read_text().split("\n", 1)[0])
    except FileNotFoundError:
        return
    except ValueError:
        pid = 0
    if pid and _serves(pid, cluster):
        message = (
            f"A PostgreSQL server (process {pid}) already runs on {cluster}: stop it, or name another data directory."
        )
        raise EmbeddedPostgresError(message)
    note.unlink()


def _serves(pid: int, cluster: Path) -> bool:
    """Whether the process is a server on this cluster, which would be its working directory."""
    if not alive(pid):
        return False
    if sys.platform != "linux":
        return True  # it cannot be distinguished from another process: the user must decide
    try:
        return Path(f"/proc/{pid}/cwd").samefile(cluster)
    except OSError:
        return False  # it belongs to another user, which could not read this cluster


def _kill_session(process: "subprocess.Popen[str]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
