"""The product in one process, web, worker and fakes, for the measurement of turns: says its port, serves until its input ends.

python -m tests.bench.turns_serving < settings as one line of JSON
"""

import asyncio
import sys
from socket import socket

import msgspec
import uvloop

from atende.fakes.accounts import ProviderAccount
from atende.main.processes.embedded import fake_providers_for
from atende.main.processes.lifecycle import bind, freeze_heap, serving, working
from atende.main.processes.web import make_web
from atende.main.providers.configuration import read_settings
from atende.main.providers.container import make_container
from atende.main.seeding import kinds_of
from atende.main.settings import Settings
from tests.bench.setting import KEY


class Told(msgspec.Struct):
    """What the measuring process says; it holds passwords, so it comes by standard input."""

    app: str
    listen: str
    accounts: list[ProviderAccount]


def settings_of(told: Told, door: socket) -> Settings:
    """A burst is answered at once, and callbacks come to this address."""
    return read_settings(
        {},
        database_url=told.app,
        listen_database_url=told.listen,
        encryption_key=KEY,
        burst_window=0.0,
        burst_cap=0.0,
        public_url=f"http://127.0.0.1:{door.getsockname()[1]}",
    )


async def main() -> None:
    told = msgspec.json.decode(sys.stdin.buffer.readline(), type=Told)
    door = bind("127.0.0.1", 0)
    async with fake_providers_for(settings_of(told, door)) as (chosen, fakes):
        fakes.add_accounts(told.accounts, kinds_of())
        container = make_container(chosen)
        async with working(container, chosen, alone=False), serving(await make_web(container, chosen), door):
            freeze_heap()
            print(door.getsockname()[1], flush=True)
            await asyncio.to_thread(sys.stdin.buffer.read)
        await container.close()


if __name__ == "__main__":
    uvloop.run(main())
