"""The product in one process, web, worker and fakes, for the measurement of turns: says its port, serves until its input ends.

python -m tests.bench.turns_serving < settings as one line of JSON
"""

import asyncio
import sys

import msgspec
import uvloop

from atende.fakes.accounts import ProviderAccount
from atende.main.processes.embedded import fake_providers_for
from atende.main.processes.lifecycle import bind, serving, working
from atende.main.processes.web import make_web
from atende.main.providers.configuration import read_settings
from atende.main.providers.container import make_container
from atende.main.seeding import kinds_of
from tests.bench.setting import KEY


class Told(msgspec.Struct):
    """What the measuring process says; it holds passwords, so it comes by standard input."""

    app: str
    listen: str
    accounts: list[ProviderAccount]


async def main() -> None:
    told = msgspec.json.decode(sys.stdin.buffer.readline(), type=Told)
    door = bind("127.0.0.1", 0)
    port = door.getsockname()[1]
    settings = read_settings(
        {},
        database_url=told.app,
        listen_database_url=told.listen,
        encryption_key=KEY,
        burst_window=0.0,
        burst_cap=0.0,
        public_url=f"http://127.0.0.1:{port}",
    )
    async with fake_providers_for(settings) as (chosen, fakes):
        fakes.add_accounts(told.accounts, kinds_of())
        container = make_container(chosen)
        async with working(container, chosen, alone=False), serving(await make_web(container, chosen), door):
            import gc

            gc.collect()
            gc.freeze()
            gc.set_threshold(int(__import__("os").environ.get("GCT", "700")), 10, 10)
            print(port, flush=True)
            await asyncio.to_thread(sys.stdin.buffer.read)
        await container.close()


if __name__ == "__main__":
    uvloop.run(main())
