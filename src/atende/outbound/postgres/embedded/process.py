"""The processes of one embedded server: the guard, and PostgreSQL as its child."""

import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from atende.outbound.postgres.embedded.home import Home
from atende.outbound.postgres.embedded.programs import ENVIRONMENT, EmbeddedPostgresError, Programs

End = Literal["fast", "immediate", "kill"]
"""How to stop a server: cleanly, as in a crash of the server, or as in a power failure."""

SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "cluster_name": "atende",
        "max_connections": "60",
        "shared_buffers": "64MB",
        "max_wal_size": "512MB",
        # No helper processes that a single machine does not need.
        "io_method": "sync",
        "max_logical_replication_workers": "0",
        "jit": "off",
        "fsync": "on",
        "synchronous_commit": "on",
        "idle_in_transaction_session_timeout": "10s",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        "log_line_prefix": "%m [%p] %q%u@%d ",
    }
)
"""Default settings of the server."""

_READY_SECONDS = 60.0  # includes crash recovery
_END_SECONDS = 40.0  # longer than the guard needs at most
_GUARD = Path(__file__).with_name("guard.py")
_LETTERS: Mapping[End, bytes] = {"fast": b"f", "immediate": b"i", "kill": b"k"}
# Below the ports that the system assigns to outgoing connections: one of these could take our port during a restart.
_PORTS = range(20_000, 32_000)


class PortTakenError(EmbeddedPostgresError):
    """Another program listens on the chosen port."""


class ServerProcess:
    """One run of the server on a prepared cluster."""

    def __init__(self, *, home: Home, programs: Programs, settings: Mapping[str, str], port: int, lock: int) -> None:
        """Starts the server. Each of its processes keeps the lock of the directory open until it ends."""
        self._home = home
        self._port = port
        account = home.account
        server = [str(programs.folder / "postgres"), "-D", str(home.cluster), "-p", str(port)]
        for name, value in {**SETTINGS, **settings}.items():
            server += ["-c", f"{name}={value}"]
        order = {
            "argv": server,
            "env": ENVIRONMENT,
            "user": account.uid if account.switch else None,
            "group": account.gid if account.switch else None,
            "lock": lock,
            "trash": str(home.root) if home.temporary else None,
        }
        log = home.open_log()
        try:
            self._log_start = os.fstat(log).st_size
            self._guard = subprocess.Popen(  # noqa: S603 (our own file, no shell)
                [sys.executable, "-I", "-S", str(_GUARD), json.dumps(order)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd="/",
                pass_fds=[lock],
                start_new_session=True,
            )
        finally:
            os.close(log)

    async def ready(self) -> None:
        """Waits until the server accepts connections. Raises PortTakenError or EmbeddedPostgresError."""
        deadline = asyncio.get_running_loop().time() + _READY_SECONDS
        # The server writes its state into this file; a connection to the port could reach another server.
        note = self._home.cluster / "postmaster.pid"
        while True:
            with suppress(FileNotFoundError):
                if note.read_text().split("\n")[7:8] == ["ready   "]:
                    return
            if self._guard.poll() is not None:
                raise self._failure("did not start")
            if asyncio.get_running_loop().time() > deadline:
                raise self._failure(f"did not answer within {_READY_SECONDS:.0f} s")
            await asyncio.sleep(0.01)

    async def end(self, how: End) -> None:
        """Stops the server; `fast` kills it after 20 s. Child processes of a killed server may live a moment longer."""
        if self._guard.stdin is None or self._guard.stdin.closed:
            return
        with suppress(BrokenPipeError):
            os.write(self._guard.stdin.fileno(), _LETTERS[how])
        try:
            await asyncio.to_thread(self._guard.wait, _END_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise EmbeddedPostgresError(f"The embedded server does not stop, see {self._home.log}.") from error
        self._guard.stdin.close()

    def _failure(self, what: str) -> EmbeddedPostgresError:
        with self._home.log.open(errors="replace") as log:
            log.seek(self._log_start)
            lines = [line.strip() for line in log if line.strip()]
        if any("could not create any TCP/IP sockets" in line for line in lines):
            return PortTakenError(
                f"Port {self._port} on 127.0.0.1 is taken by another program: stop it, or start again."
            )
        words = " | ".join(lines[-5:]) or "nothing"
        return EmbeddedPostgresError(f"The embedded server {what}. The end of its log: {words}")


def free_port() -> int:
    """A port of 127.0.0.1 that is free at this moment."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
