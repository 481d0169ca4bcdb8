"""One side of the acknowledgement as a server process: says its port, serves until its standard input ends.

python -m tests.bench.serving ours|verify|raw|repository < settings as one line of JSON
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec
import uvloop
from litestar.types import ASGIApp

from atende.main.processes.lifecycle import bind, freeze_heap, serving
from atende.main.processes.web import make_web
from atende.main.providers.configuration import read_settings
from atende.main.providers.container import make_container
from tests.bench import reference_ack
from tests.bench.setting import KEY


class Told(msgspec.Struct):
    """What the measuring process says; it holds a password, so it comes by standard input."""

    url: str
    secret: str


@asynccontextmanager
async def ours(url: str, _: str) -> AsyncIterator[ASGIApp]:
    """The product's web process as it is."""
    settings = read_settings({}, database_url=url, encryption_key=KEY)
    container = make_container(settings)
    try:
        yield await make_web(container, settings)
    finally:
        await container.close()


SIDES: dict[str, Callable[[str, str], AbstractAsyncContextManager[ASGIApp]]] = {
    "ours": ours,
    "verify": reference_ack.verify_only,
    "raw": reference_ack.raw_insert,
    "repository": reference_ack.repository_insert,
}


async def main(side: str) -> None:
    told = msgspec.json.decode(sys.stdin.buffer.readline(), type=Told)
    door = bind("127.0.0.1", 0)
    async with SIDES[side](told.url, told.secret) as app, serving(app, door):
        if side == "ours":
            freeze_heap()
        print(door.getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.buffer.read)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
