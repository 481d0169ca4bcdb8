"""The data directory of the embedded server: its lock, its passwords, its log, and the cluster itself."""

import asyncio
import fcntl
import json
import os
import secrets
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from atende.outbound.postgres.embedded.programs import Account, EmbeddedPostgresError, account_name

SUPERUSER = "postgres"

_LOCK_SECONDS = 20.0
_LOG_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Passwords:
    """Created once per data directory; they need no escaping in a URL."""

    superuser: str = field(repr=False)
    owner: str = field(repr=False)
    app: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Home:
    """One data directory. `cluster/` belongs to the user of the server, everything else to ours.

    All methods except `open` and `lock` are called with the lock held. Every process of the server inherits the lock, so
    that whoever acquires it knows that no such process is left.
    """

    root: Path
    account: Account
    temporary: bool

    @classmethod
    def open(cls, root: Path | None, account: Account) -> "Home":
        """The directory `root`, created if missing; without `root`, a new temporary one. Raises EmbeddedPostgresError."""
        if root is None:
            return cls(_temporary(account), account, temporary=True)
        try:
            root = root.expanduser().resolve()
            if not root.is_dir():
                # The user `nobody` can reach its cluster in it, but cannot list it.
                root.mkdir(mode=0o711 if account.switch else 0o700, parents=True)
                root.chmod(0o711 if account.switch else 0o700)
            home = cls(root, account, temporary=False)
            home._refuse_unfit()
        except OSError as error:
            raise EmbeddedPostgresError(f"{root} cannot be used as data directory: {error.strerror}.") from error
        return home

    @property
    def cluster(self) -> Path:
        return self.root / "cluster"

    @property
    def log(self) -> Path:
        return self.root / "server.log"

    def _refuse_unfit(self) -> None:
        if (self.root / "PG_VERSION").exists():
            message = (
                f"{self.root} is a PostgreSQL cluster of its own: name another data directory, or set DATABASE_URL."
            )
            raise EmbeddedPostgresError(message)
        status = self.root.stat()
        if self.account.switch and status.st_uid != os.geteuid():
            message = (
                f"The data directory {self.root} belongs to the account {account_name(status.st_uid)}: "
                "start atende as that account, or name another data directory (a new folder inside of it will do)."
            )
            raise EmbeddedPostgresError(message)
        barrier = self.account.barrier(self.root)
        if barrier:
            message = (
                f"PostgreSQL does not run as root, and the account {self.account.name} cannot pass {barrier}: name a data "
                f"directory outside of it such as /var/lib/atende, or `chmod o+x {barrier}`."
            )
            raise EmbeddedPostgresError(message)

    async def lock(self, *, ours: bool = False) -> int:
        """The lock on this directory, as a file descriptor that is inherited; closing all copies releases it.

        Waits up to 20 s for the processes of a program that has ended; with `ours`, for those of our own server. The error
        names a running program that holds it.
        """
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        deadline = asyncio.get_running_loop().time() + _LOCK_SECONDS
        try:
            while not _locked(descriptor):
                holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
                late = asyncio.get_running_loop().time() > deadline
                if late or (not ours and holder.isdigit() and alive(int(holder))):
                    message = (
                        f"The data directory {self.root} is in use by another running atende (process {holder}): "
                        "stop that one, or name another data directory."
                    )
                    raise EmbeddedPostgresError(message)
                await asyncio.sleep(0.02)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def passwords(self) -> Passwords:
        """The passwords of this directory. They are created for a new one, and stored unless it is temporary."""
        path = self.root / "credentials.json"
        if path.exists():
            try:
                return Passwords(**json.loads(path.read_text()))
            except (ValueError, TypeError) as error:
                raise EmbeddedPostgresError(f"{path} is damaged: restore it from a backup.") from error
        if self.cluster.exists():
            raise EmbeddedPostgresError(
                f"{path} is missing: restore it from a backup; it has the passwords of {self.cluster}."
            )
        made = Passwords(*(secrets.token_urlsafe(24) for _ in range(3)))
        if not self.temporary:
            text = json.dumps({"superuser": made.superuser, "owner": made.owner, "app": made.app})
            draft = path.with_suffix(".new")
            write_private(draft, text)
            draft.rename(path)
        return made

    def open_log(self) -> int:
        """A descriptor that appends to the server's log. A log of more than 10 MB is renamed first; one old log is kept."""
        with suppress(FileNotFoundError):
            if self.log.stat().st_size > _LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
        return os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)

    def remove(self) -> None:
        """Removes the directory if it is temporary."""
        if self.temporary:
            shutil.rmtree(self.root, ignore_errors=True)


def _temporary(account: Account) -> Path:
    for parent in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):  # noqa: S108 (only below mkdtemp)
        with suppress(OSError):
            if account.barrier(Path(parent).resolve()) is None:
                root = Path(tempfile.mkdtemp(prefix="atende-postgres-", dir=parent)).resolve()
                if account.switch:
                    root.chmod(0o711)
                return root
    message = f"There is no temporary folder that the user {account.name} can access: name a data directory."
    raise EmbeddedPostgresError(message)


def write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
