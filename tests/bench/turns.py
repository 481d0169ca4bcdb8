"""A turn from the callback to the last delivery report, in one process with web, worker and fakes, beside a plain script.

The script takes the same callbacks, runs the statements of an answered turn, sends to the same fake, and does nothing else. Latency is taken from the database's own times: from the
message that was stored to the reply that is on its way, at a tenth of the turns that the process gets through.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import asyncpg
import msgspec

from atende.core.work.ports import JobQueue
from atende.inbound.jobs.handlers import make_handlers
from atende.inbound.jobs.worker import Worker, WorkerOptions
from atende.main import resources
from atende.main.seeding import upload_files
from tests.bench.callbacks import signed_callback
from tests.bench.load import drive
from tests.bench.measure import Figures, Rounds, Row, cpu_seconds, in_turns, percentile
from tests.bench.setting import Place, databases, place
from tests.bench.turns_serving import Told

SAID = {
    "courtesy": "Oi, bom dia!",
    "answer": "Qual o prazo para trocar um produto?",
    "handover": "Quero falar com um atendente",
}
TURNS, CONNECTIONS = 200, 8
PACED = 40
"""Turns whose latency is measured one by one."""
_WAIT = 60.0
_LATENCIES = """
SELECT extract(epoch FROM o.sending_at - i.created_at) * 1000 AS ms FROM message o
JOIN turn t ON t.id = o.turn_id JOIN message i ON i.conversation_id = o.conversation_id AND i.seq = t.from_seq
WHERE o.direction = 'outbound' ORDER BY o.created_at DESC LIMIT $1
"""


async def measure(rounds: int) -> list[Row]:
    """Turns a second and processor time a turn, by kind of turn. The script is measured with its own processor time."""

    turns, paced = (10, 3) if os.environ.get("BENCH_SHORT") else (TURNS, PACED)
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(databases())
        where, apart = [await stack.enter_async_context(place(made, granted=100_000)) for _ in range(2)]
        for one in (where, apart):  # the script has a database of its own: the product's worker would take its jobs
            await upload(one)
        ours = await stack.enter_async_context(started("turns_serving", where, turns))
        script = await stack.enter_async_context(started("reference_turns", apart, turns))
        sides = {kind: (lambda kind=kind: ours.round(kind)) for kind in SAID} | {
            "script": lambda: script.round("answer")
        }
        seen = await in_turns(sides, rounds=rounds)
        waits = await ours.latencies(seen, paced)
    return [*_rows(seen), *waits]


def _rows(seen: Rounds) -> list[Row]:
    return [
        seen.compare(f"turns.{figure} {kind} vs plain script", kind, "script", figure=figure, unit=unit)
        for kind in SAID
        for figure, unit in (("rate", "turns/s"), ("cpu", "ms of CPU per turn"))
    ]


@dataclass(slots=True)
class Product:
    """The product's process. Every turn is one of a new contact."""

    where: Place
    admin: "asyncpg.Connection[asyncpg.Record]"
    process: "Child"
    turns: int
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    sent: int = 0

    async def round(self, kind: str) -> Figures:
        """Until the last delivery report is stored."""
        requests = [self._request(kind) for _ in range(self.turns)]
        before, began = self.process.cpu, time.perf_counter()
        await drive(self.port, requests, connections=CONNECTIONS)
        self.sent += self.turns
        await self._reported()
        took, cpu = time.perf_counter() - began, self.process.cpu - before
        return {"rate": self.turns / took, "cpu": cpu / self.turns * 1e3}

    async def latencies(self, seen: Rounds, many: int) -> list[Row]:
        """Milliseconds from the acknowledgement to the send, a message now and then."""
        pause = 10 / percentile(seen.of("answer", "rate"), 0.5)
        for _ in range(many):
            await drive(self.port, [self._request("answer")], connections=1)
            self.sent += 1
            await asyncio.sleep(pause)
        await self._reported()
        waits = [float(row["ms"]) for row in await self.admin.fetch(_LATENCIES, many)]
        middle, worst = percentile(waits, 0.5), percentile(waits, 0.95)
        unit, spread = "ms (goal: 60)", (round(min(waits), 1), round(max(waits), 1))
        return [
            Row(
                name=f"turns.ack to send {name}",
                ours=round(value, 1),
                reference=60.0,
                ratio=round(value / 60, 3),
                unit=unit,
                rounds=many,
                spread=spread,
            )
            for name, value in (("p50", middle), ("p95", worst))
        ]

    def request(self, text: str, sender: str, number: int) -> bytes:
        return signed_callback(self.where.line, sender=sender, text=text, number=number)

    @property
    def port(self) -> int:
        return int(self.process.told)

    def _request(self, kind: str) -> bytes:
        number = next(self.numbers)
        return self.request(SAID[kind], f"5511{number:09}", number)

    async def _reported(self) -> None:
        async with asyncio.timeout(_WAIT):
            while await self.admin.fetchval("SELECT count(*) FROM message WHERE delivery = 'read'") < self.sent:
                await asyncio.sleep(0.02)


@dataclass(slots=True)
class Child:
    """A process that says one line when it is ready, and one for every line that it is asked."""

    process: asyncio.subprocess.Process
    told: str

    @property
    def cpu(self) -> float:
        return cpu_seconds(self.process.pid)


@asynccontextmanager
async def started(module: str, where: Place, turns: int) -> AsyncIterator[Product]:
    admin = await asyncpg.connect(where.urls.admin)
    try:
        async with _child(module, where) as process:
            yield Product(where, admin, process, turns)
    finally:
        await admin.close()


@asynccontextmanager
async def _child(module: str, where: Place) -> AsyncIterator[Child]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"tests.bench.{module}", stdin=pipe, stdout=pipe
    )
    assert process.stdin is not None, "asked for above"
    assert process.stdout is not None, "asked for above"
    told = Told(where.urls.app, where.urls.listen, list(where.tenant.channels))
    try:
        process.stdin.write(msgspec.json.encode(told) + b"\n")
        yield Child(process, (await process.stdout.readline()).decode())
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 15)
        except TimeoutError:
            process.kill()
            await process.wait()


async def upload(where: Place) -> None:
    """The documents of the demo, read and indexed."""
    files = sorted(file for file in resources.demo().iterdir() if file.suffix in {".md", ".txt"})
    await upload_files(where.container, where.tenant.owner, files)
    worker = Worker(await where.container.get(JobQueue), make_handlers(where.container), WorkerOptions(name="bench"))
    async with asyncio.timeout(_WAIT):
        while await worker.take() or worker.running:
            await asyncio.sleep(0.05)
    await worker.stop()
