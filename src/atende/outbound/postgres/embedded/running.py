"""Finding an embedded server that another process runs on a data directory."""

from pathlib import Path

import asyncpg
import msgspec

from atende.outbound.postgres.embedded.home import Passwords
from atende.outbound.postgres.embedded.launcher import Urls

_PATIENCE = 5.0


async def running_urls(data_dir: Path, database: str) -> Urls | None:
    """The URLs of a database of the server that runs on `data_dir`; None if there is none that accepts our connection."""
    noted = _noted(data_dir / "cluster", data_dir / "credentials.json")
    if noted is None:
        return None
    cluster, port, passwords = noted
    urls = Urls.of(passwords, port=port, database=database)
    try:
        connection = await asyncpg.connect(urls.admin, timeout=_PATIENCE)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    try:
        # The PID file may be of a killed server, and another server may listen on that port now.
        folder = await connection.fetchval("SELECT current_setting('data_directory')")
    finally:
        await connection.close()
    return urls if Path(folder) == cluster else None


def _noted(cluster: Path, credentials: Path) -> tuple[Path, int, Passwords] | None:
    try:
        cluster = cluster.resolve()
        port = int((cluster / "postmaster.pid").read_text().split("\n")[3])
        return cluster, port, msgspec.json.decode(credentials.read_bytes(), type=Passwords)
    except (OSError, ValueError, IndexError, msgspec.DecodeError):
        return None
