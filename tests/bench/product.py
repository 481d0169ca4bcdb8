"""The product's web process, with a worker in it if told so, as a process of its own.

python -m tests.bench.product < settings as one line of JSON
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec
import uvloop

from atende.main.processes.lifecycle import bind, serving, working
from atende.main.processes.logs import set_up_logs
from atende.main.processes.web import make_web
from atende.main.providers.configuration import read_settings
from atende.main.providers.container import make_container
from tests.bench.setting import KEY

UNLIMITED = {
    "API_KEY_RATE_LIMIT": "100000000",
    "USER_RATE_LIMIT": "100000000",
    "RATE_LIMIT_MAX": "100000000",
    "RATE_LIMIT_STORE": "memory",
    "JWT_EXPIRES_IN": "10h",
}
"""So that no limit and no expiry is measured instead of what is asked for."""


class Told(msgspec.Struct):
    """What the measuring process says; it holds a password, so it comes by standard input."""

    url: str
    work: bool = False
    whatsapp: str = ""
    """Base URL of the provider's fake."""


@asynccontextmanager
async def product(told: Told) -> AsyncIterator["tuple[asyncio.subprocess.Process, int]"]:
    """The process and its port, until the block ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.product",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None, "asked for above"
    assert process.stdout is not None, "asked for above"
    try:
        process.stdin.write(msgspec.json.encode(told) + b"\n")
        yield process, int(await process.stdout.readline())
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 20)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _run() -> None:
    told = msgspec.json.decode(sys.stdin.buffer.readline(), type=Told)
    base = {"WHATSAPP_BASE_URL": told.whatsapp} if told.whatsapp else {}
    settings = read_settings(UNLIMITED | base, database_url=told.url, encryption_key=KEY)
    set_up_logs(settings)
    container, door = make_container(settings), bind("127.0.0.1", 0)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(container.close)
        if told.work:
            await stack.enter_async_context(working(container, settings, alone=False))
        await stack.enter_async_context(serving(await make_web(container, settings), door))
        print(door.getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.buffer.read)


if __name__ == "__main__":
    uvloop.run(_run())
