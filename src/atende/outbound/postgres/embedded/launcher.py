"""An embedded PostgreSQL server for single machines, demos and tests: starting, stopping and databases."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Literal
from urllib.parse import quote

import asyncpg

from atende.outbound.postgres.embedded import roles
from atende.outbound.postgres.embedded.cluster import prepare_cluster
from atende.outbound.postgres.embedded.home import SUPERUSER, Home, Passwords
from atende.outbound.postgres.embedded.process import End, PortTakenError, ServerProcess, free_port
from atende.outbound.postgres.embedded.programs import Account, EmbeddedPostgresError, Programs, prepare_programs

_PORT_TRIES = 5
_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Urls:
    """The URLs of one database (`postgresql://`, for asyncpg), one per role.

    They contain passwords, so `repr` hides them. `sslmode=disable` keeps asyncpg from looking for certificates in HOME,
    which fails if HOME cannot be read.
    """

    app: str = field(repr=False)
    owner: str = field(repr=False)
    admin: str = field(repr=False)

    @classmethod
    def of(cls, passwords: Passwords, *, port: int, database: str) -> "Urls":
        """The URLs of an embedded server."""

        def url(user: str, password: str) -> str:
            return f"postgresql://{user}:{password}@127.0.0.1:{port}/{quote(database, safe='')}?sslmode=disable"

        return cls(
            app=url(roles.APP, passwords.app),
            owner=url(roles.OWNER, passwords.owner),
            admin=url(SUPERUSER, passwords.superuser),
        )

    @property
    def listen(self) -> str:
        """For LISTEN: the app role, without a pooler."""
        return self.app


class EmbeddedPostgres:
    """One embedded server. It ends with `stop`, or when this program ends for whatever reason."""

    def __init__(self, *, home: Home, programs: Programs, settings: Mapping[str, str], port: int) -> None:
        self._home = home
        self._programs = programs
        self._settings = settings
        self._passwords: Passwords | None = None
        self._process: ServerProcess | None = None
        self.port = port

    @classmethod
    async def start(
        cls,
        data_dir: Path | None = None,
        *,
        settings: Mapping[str, str] = _NO_SETTINGS,
        choose_port: Callable[[], int] = free_port,
    ) -> "EmbeddedPostgres":
        """Starts a server on `data_dir`, which is created if missing, or on a temporary directory that `stop` removes.

        If this program runs as root, the server runs as `nobody`. `settings` are settings of PostgreSQL and override
        ours; `choose_port` is called again if the port is taken. Returns when the server accepts connections and has its
        roles. Raises EmbeddedPostgresError, whose message is one line that says what to do next.
        """
        account = Account.choose()
        programs = await asyncio.to_thread(prepare_programs, account)
        server = cls(home=Home.open(data_dir, account), programs=programs, settings=settings, port=choose_port())
        try:
            for _ in range(_PORT_TRIES):
                try:
                    await server._launch(await server._home.lock())
                except PortTakenError:
                    await server.kill()
                    server.port = choose_port()
                else:
                    return server
            raise EmbeddedPostgresError("There is no free port on 127.0.0.1: stop some of the programs that listen.")
        except BaseException:
            await server.stop()
            raise

    async def __aenter__(self) -> "EmbeddedPostgres":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def pid(self) -> int:
        """The process id of the server, for monitoring and fault tests. Raises EmbeddedPostgresError if it does not run."""
        with suppress(OSError, ValueError):
            if self._process:
                return int((self._home.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        raise EmbeddedPostgresError("The embedded server is not running: restart it.")

    @property
    def data_dir(self) -> Path:
        """The data directory, with `cluster/`, `server.log` and, unless it is temporary, `credentials.json`."""
        return self._home.root

    def urls(self, database: str = "atende") -> Urls:
        """The URLs of a database. They remain the same after `restart`, but not after `start`."""
        if self._passwords is None:
            raise EmbeddedPostgresError("The embedded server was never started: start it first.")
        return Urls.of(self._passwords, port=self.port, database=database)

    async def create_database(self, name: str, *, template: str | None = None) -> Urls:
        """Creates a database with privileges and extensions. Without `template`, it may exist already.

        Copying a template takes about 50 ms; no client may be connected to the template meanwhile.
        """
        async with self._admin() as admin:
            known = await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", name)
            if known and template:
                raise EmbeddedPostgresError(f"There is already a database {name}: drop it, or choose another name.")
            if not known:
                copied = f" TEMPLATE {roles.identifier(template)}" if template else ""
                await admin.execute(f"CREATE DATABASE {roles.identifier(name)} OWNER {roles.OWNER}{copied}")
            await admin.execute(roles.database_sql(name))
        if not template:
            async with self._admin(name) as admin:
                await admin.execute(roles.schema_sql())
        return self.urls(name)

    async def mark_template(self, name: str) -> None:
        """Makes a database a template: ends all its connections and allows no new ones, so that copying never waits."""
        async with self._admin() as admin:
            await admin.execute(
                f"ALTER DATABASE {roles.identifier(name)} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false"
            )
            await admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name)

    async def drop_database(self, name: str) -> None:
        """Drops a database and ends its connections, also if it is a template. Does nothing if it does not exist."""
        async with self._admin() as admin:
            if await admin.fetchval("SELECT datistemplate FROM pg_database WHERE datname = $1", name):
                await admin.execute(f"ALTER DATABASE {roles.identifier(name)} WITH IS_TEMPLATE false")
            await admin.execute(f"DROP DATABASE IF EXISTS {roles.identifier(name)} WITH (FORCE)")

    async def stop(self) -> None:
        """Stops the server cleanly, or kills it after 20 s; removes a temporary directory. Idempotent."""
        lock = await self._end("fast") if self._process else None
        try:
            await asyncio.to_thread(self._home.remove)
        finally:
            if lock is not None:
                os.close(lock)

    async def restart(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stops the server (`immediate`: as in a crash) and starts it again on the same port.

        Also starts a server that was killed.
        """
        await self._launch(await self._end(mode))

    async def kill(self) -> None:
        """Kills the server (SIGKILL), as in a power failure; `restart` starts it again."""
        os.close(await self._end("kill"))

    async def _end(self, how: End) -> int:
        """Ends all processes of the server and returns the lock, which proves it."""
        if self._process:
            await self._process.end(how)
            self._process = None
        return await self._home.lock(ours=True)

    async def _launch(self, lock: int) -> None:
        """Starts the server and waits until it accepts connections. Takes over the lock."""
        try:
            passwords = self._passwords = self._passwords or self._home.passwords()
            sync = not self._home.temporary and self._settings.get("fsync") != "off"
            secret = passwords.superuser
            await prepare_cluster(self._home, self._programs, superuser_password=secret, lock=lock, sync=sync)
            process = self._process = ServerProcess(
                home=self._home, programs=self._programs, settings=self._settings, port=self.port, lock=lock
            )
        finally:
            os.close(lock)
        await process.ready()
        async with self._admin() as admin:
            await admin.execute(roles.cluster_sql(owner_password=passwords.owner, app_password=passwords.app))

    @asynccontextmanager
    async def _admin(self, database: str = SUPERUSER) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        try:
            connection = await asyncpg.connect(self.urls(database).admin, ssl=False, timeout=10)
        except asyncpg.InvalidPasswordError as error:
            message = f"The passwords in {self._home.root} do not match its database: restore both from one backup."
            raise EmbeddedPostgresError(message) from error
        try:
            yield connection
        finally:
            await connection.close()
