"""Jobs that do nothing: how soon one starts after its commit, and how many a worker process gets through.

The references need a `redis-server`; taskiq needs a Python of its own, named by BENCH_TASKIQ_PYTHON. What is not there is
left out, and said.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median

import asyncpg

from atende.core.kernel import Transaction
from atende.core.work.model import Claim, JobKind, NewJob
from atende.core.work.ports import Jobs, JobWatch
from atende.inbound.jobs.arq_wakeup import arq_line
from atende.inbound.jobs.handler import Handler
from atende.inbound.jobs.loop import WorkLoop
from atende.inbound.jobs.worker import Worker, WorkerOptions
from atende.main.processes.lifecycle import freeze_heap
from atende.outbound.postgres.jobs import PostgresJobQueue
from atende.outbound.postgres.listen import listen
from atende.outbound.postgres.pool import make_pool
from tests.bench import reference_arq
from tests.bench.measure import Figures, Row, Side, in_turns
from tests.bench.redis_process import find_redis, redis_server
from tests.bench.setting import Place, databases, place

JOBS = 10_000
PER_KEY = 5
REFERENCE_JOBS = 2_000
STARTS = 40
SLOTS = 1_000
"""WORKER_SLOTS of a worker that is meant for many small jobs; starts are measured with the default."""
GAP = 0.01
NOTHING = JobKind("bench.nothing", retries=(1, 1))
_FILL = """
INSERT INTO job (organization_id, tenant_id, kind, payload, order_key, max_attempts)
SELECT $1, $2, $3, jsonb_build_object('conversation_id', gen_random_uuid()), 'bench:' || $6::text || ':' || n % ($4 / $5), 3
FROM generate_series(1, $4) n
"""


async def measure(rounds: int) -> list[Row]:
    """The rows of the jobs: leases, order keys and fencing are on."""
    async with AsyncExitStack() as stack:
        where = await stack.enter_async_context(place(await stack.enter_async_context(databases())))
        pool = await stack.enter_async_context(make_pool(where.urls.app, size=10))
        bench = Bench(where, pool)
        rates: dict[str, Side] = {"ours": bench.rate}
        starts: dict[str, Side] = {"ours": bench.start}
        if program := find_redis():
            url = await stack.enter_async_context(redis_server(program))
            rates["arq"], starts["arq"] = _arq_rate(url), _arq_start(url)
            starts["ours through arq"] = lambda: bench.start(url)
            if python := os.environ.get("BENCH_TASKIQ_PYTHON"):
                taskiq = await stack.enter_async_context(_taskiq(python, url))
                rates["taskiq"], starts["taskiq"] = taskiq.rate, taskiq.start
            else:
                print("taskiq is left out: BENCH_TASKIQ_PYTHON names no Python that has it")
        else:
            print("arq and taskiq are left out: there is no redis-server")
        freeze_heap()
        many, one = await in_turns(rates, rounds=rounds), await in_turns(starts, rounds=rounds)
    rows = [
        many.compare(f"jobs.rate vs {other}", "ours", other, figure="rate", unit="no-op jobs/s")
        for other in rates
        if other != "ours"
    ]
    for ours in [side for side in starts if side.startswith("ours")]:
        rows += [
            one.compare(f"jobs.start p50 {ours} vs {other}", ours, other, figure="start", unit="ms")
            for other in starts
            if not other.startswith("ours")
        ]
    return rows


class Bench:
    """The product's worker with a handler that does nothing."""

    def __init__(self, where: Place, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._where, self._pool, self._run = where, pool, 0

    async def rate(self) -> Figures:
        """From the first look until the last job is written down as done."""
        await self._fill()
        left, done = JOBS, asyncio.Event()

        async def nothing(_: Claim) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                done.set()

        worker = self._worker(nothing, slots=SLOTS)
        loop = WorkLoop(worker, PostgresJobQueue(self._pool))
        began = time.perf_counter()
        running = asyncio.create_task(loop.run())
        async with asyncio.timeout(120):
            await done.wait()
        running.cancel()
        await worker.stop()
        took = time.perf_counter() - began
        await asyncio.gather(running, return_exceptions=True)
        await self._check()
        return {"rate": JOBS / took}

    async def start(self, redis: str | None = None) -> Figures:
        """The median milliseconds from the commit to the start; with `redis` announced through arq alone."""
        started, at = asyncio.Event(), 0.0

        async def nothing(_: Claim) -> None:
            nonlocal at
            at = time.perf_counter()
            started.set()

        waits = []
        async with self._working(nothing, redis):
            for number in range(STARTS):
                await asyncio.sleep(GAP)
                started.clear()
                await self._put(number)
                committed = time.perf_counter()
                async with asyncio.timeout(10):
                    await started.wait()
                waits.append(max(at - committed, 0.0) * 1e3)
        return {"start": median(waits)}

    @asynccontextmanager
    async def _working(self, nothing: object, redis: str | None) -> AsyncIterator[None]:
        worker = self._worker(nothing, slots=self._where.settings.worker_slots)
        watch = await self._where.container.get(JobWatch)
        loop = WorkLoop(worker, watch)
        async with AsyncExitStack() as stack:
            if redis is not None:
                loop.line = await stack.enter_async_context(arq_line(redis, worker))
            tasks = [
                asyncio.create_task(loop.run()),
                asyncio.create_task(listen(self._where.urls.listen, loop.wake.set)),
            ]
            await asyncio.sleep(0.2)
            try:
                yield
            finally:
                await worker.stop()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def _worker(self, nothing: object, *, slots: int) -> Worker:
        async def give_up(claim: Claim, error: str) -> None:
            raise RuntimeError(f"job {claim.job_id} was given up: {error}")

        settings = self._where.settings
        options = WorkerOptions(
            name="bench",
            slots=slots,
            lease=settings.job_lease,
            heartbeat=settings.job_heartbeat,
        )
        handler = Handler(NOTHING, nothing, give_up)  # type: ignore[arg-type]  # an async function of a claim
        return Worker(PostgresJobQueue(self._pool), {NOTHING.name: handler}, options)

    async def _put(self, number: int) -> None:
        scope = self._where.tenant.owner.scope
        async with self._where.container() as unit:
            jobs, transaction = await unit.get(Jobs), await unit.get(Transaction)
            async with transaction(scope):
                await jobs.put(scope, NewJob(kind=NOTHING, payload={}, order_key=f"bench:start:{number}"))

    async def _fill(self) -> None:
        self._run += 1
        owner = self._where.tenant.owner
        admin = await asyncpg.connect(self._where.urls.admin)
        try:
            await admin.execute(
                _FILL, owner.organization_id, owner.tenant_id, NOTHING.name, JOBS, PER_KEY, str(self._run)
            )
        finally:
            await admin.close()

    async def _check(self) -> None:
        """Every job done, once, or the figures mean nothing."""
        admin = await asyncpg.connect(self._where.urls.admin)
        try:
            wrong = await admin.fetchval("SELECT count(*) FROM job WHERE status <> 'done' OR attempts <> 1")
        finally:
            await admin.close()
        if wrong:
            raise RuntimeError(f"{wrong} jobs were not done, or more than once")


def _arq_rate(url: str) -> Side:
    async def side() -> Figures:
        return {"rate": await reference_arq.rate(url, REFERENCE_JOBS)}

    return side


def _arq_start(url: str) -> Side:
    async def side() -> Figures:
        return {"start": await reference_arq.start(url, STARTS)}

    return side


class _Taskiq:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def rate(self) -> Figures:
        return {"rate": await self._ask(f"rate {REFERENCE_JOBS}")}

    async def start(self) -> Figures:
        return {"start": await self._ask(f"start {STARTS}")}

    async def _ask(self, line: str) -> float:
        assert self._process.stdin is not None, "asked for below"
        assert self._process.stdout is not None, "asked for below"
        self._process.stdin.write(f"{line}\n".encode())
        return float(await self._process.stdout.readline())


@asynccontextmanager
async def _taskiq(python: str, url: str) -> AsyncIterator[_Taskiq]:
    script = Path(__file__).with_name("reference_taskiq.py")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(python, str(script), url, stdin=pipe, stdout=pipe)
    try:
        yield _Taskiq(process)
    finally:
        assert process.stdin is not None, "asked for above"
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()
