"""Files are looked through before they are read."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from dishka import Provider, Scope, provide

from atende.core.kernel import Unavailable
from atende.core.knowledge.ports import VirusScan
from atende.fakes.clamd import FakeClamd
from atende.outbound.clamd import ClamdScan
from atende.outbound.postgres.embedded.launcher import Urls
from tests.contract.knowledge.test_clamd import TEST_FILE
from tests.world.http import HttpWorld, make_world

API = "/api/v1/documents"


class _Given(Provider):
    def __init__(self, scan: VirusScan) -> None:
        super().__init__()
        self._scan = scan

    @provide(scope=Scope.APP, override=True)
    def scan(self) -> VirusScan:
        return self._scan


@pytest.fixture
async def clamd() -> AsyncIterator[FakeClamd]:
    async with FakeClamd() as served:
        yield served


@pytest_asyncio.fixture
async def world(database: Urls, tmp_path: Path, clamd: FakeClamd) -> AsyncIterator[HttpWorld]:
    async with make_world(database, tmp_path, providers=[_Given(ClamdScan(clamd.url, timeout=0.5))]) as made:
        yield made


async def test_an_infected_file_is_never_read_and_is_put_on_record(world: HttpWorld) -> None:
    shop = await world.tenant("loja")
    async with world.caller(shop.api_key) as caller:
        files = {"file": ("nota.txt", b"Segue a nota fiscal.\n" + TEST_FILE)}
        made = (await caller.post(f"{API}/upload", files=files)).json()
        while await world.work():
            pass
        found = (await caller.get(f"{API}/{made['id']}")).json()
        (log,) = (await caller.get("/api/v1/audit-logs", params={"action": "document.infected"})).json()["data"]
    assert (found["status"], found["chunkCount"]) == ("failed", 0)
    assert found["processingError"] == "a virus was found in this file (Eicar-Test-Signature): it was not read"
    assert log["newValues"]["virus"] == "Eicar-Test-Signature"


async def test_while_the_scanner_is_away_files_wait(world: HttpWorld, clamd: FakeClamd) -> None:
    shop = await world.tenant("loja")
    clamd.silent = True
    async with world.caller(shop.api_key) as caller:
        made = (await caller.post(f"{API}/upload", files={"file": ("guia.md", b"# Trocas\n\nEm 7 dias.")})).json()
        with pytest.raises(Unavailable):
            await world.work()
        assert (await caller.get(f"{API}/{made['id']}")).json()["status"] == "processing"
