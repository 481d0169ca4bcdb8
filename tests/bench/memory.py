"""Memory of one process that is web and worker at once: with nothing to do, and at full load. The reference is the goal.

BENCH_SHORT=1 takes a tiny load, which only shows that the benchmark runs.
"""

import asyncio
import os
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import httpx

from atende.fakes.providers import FakeProviders
from atende.fakes.whatsapp import FakeWhatsApp
from atende.main.seeding import kinds_of
from tests.bench.growth import API, Site
from tests.bench.load import drive
from tests.bench.measure import Figures, Rounds, Row
from tests.bench.product import Told, product
from tests.bench.setting import Place, databases, place

GOALS = {"idle": 160.0, "load": 260.0}
"""Megabytes."""
SHORT = bool(os.environ.get("BENCH_SHORT"))
MESSAGES, CONTACTS = (50, 20) if SHORT else (4_000, 1_000)
CONNECTIONS = 32
IDLE = 0.5 if SHORT else 5.0
LONGEST = 120.0
DOCUMENTS = Path(__file__).parents[2] / "docs" / "demo"


async def measure(rounds: int) -> list[Row]:
    """A new process in every round: customers write, lists are read meanwhile, and all turns are run."""
    seen: dict[str, list[Figures]] = {"ours": [], "goal": []}
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(databases())
        fake = FakeWhatsApp(seed=0, log_file=None)
        fake.window = False
        fakes = await stack.enter_async_context(FakeProviders.serve([fake]))
        for _ in range(rounds):
            async with place(made) as where:
                fakes.add_accounts([where.line], kinds_of())
                seen["ours"].append(await _round(where, f"{fakes.url}/whatsapp"))
                seen["goal"].append(GOALS)
    found = Rounds(seen)
    return [
        found.compare(f"memory: web+worker, {figure}", "ours", "goal", figure=figure, unit="MB of RSS, goal")
        for figure in GOALS
    ]


async def _round(where: Place, whatsapp: str) -> Figures:
    async with product(Told(where.urls.app, work=True, whatsapp=whatsapp)) as (process, port):
        site = Site(where, port, known=CONTACTS)
        await asyncio.sleep(IDLE)
        idle = _megabytes(process.pid)
        await _upload(site)
        watching = asyncio.create_task(_watch(process.pid))
        reading = asyncio.create_task(_read(site))
        try:
            requests = [site.callback(new=False) for _ in range(MESSAGES)]
            await drive(port, requests, connections=CONNECTIONS)
            await _finished(where)
        finally:
            reading.cancel()
            watching.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        return {"idle": idle, "load": await watching}


async def _watch(pid: int) -> float:
    """The most that was seen until cancelled."""
    most = 0.0
    try:
        while True:
            most = max(most, _megabytes(pid))
            await asyncio.sleep(0.1)
    except asyncio.CancelledError:
        return most


def _megabytes(pid: int) -> float:
    """Resident memory, shared libraries included."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def _upload(site: Site) -> None:
    headers = {"X-API-Key": site.where.tenant.api_key}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{site.port}{API}", headers=headers, timeout=60) as client:
        for file in sorted(DOCUMENTS.glob("*.md")):
            (await client.post("/documents/upload", files={"file": (file.name, file.read_bytes())})).raise_for_status()


async def _read(site: Site) -> None:
    """Lists of a hundred, one after the other, until cancelled."""
    headers = {"X-API-Key": site.where.tenant.api_key}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{site.port}{API}", headers=headers, timeout=60) as client:
        while True:
            for path in ("conversations", "documents", "billing/credits/transactions", "audit-logs"):
                (await client.get(f"/{path}", params={"limit": 100})).raise_for_status()


async def _finished(where: Place) -> None:
    """Until no turn is left. Raises TimeoutError, and RuntimeError when turns failed: then the figure would mean nothing."""
    admin = await asyncpg.connect(where.urls.admin)
    left = "SELECT count(*) FROM job WHERE status IN ('queued', 'running')"
    try:
        async with asyncio.timeout(LONGEST):
            while await admin.fetchval(left):
                await asyncio.sleep(0.2)
        replied = await admin.fetchval(
            "SELECT count(*) FROM message WHERE direction = 'outbound' AND delivery = 'sent'"
        )
        dead = await admin.fetchval("SELECT count(*) FROM job WHERE status = 'dead'")
    finally:
        await admin.close()
    if dead or not replied:
        raise RuntimeError(f"{dead} jobs failed, {replied} replies were sent")
