"""arq by itself, tuned for speed: short polls, many jobs at once, no results kept. Nothing of it survives Redis."""

import asyncio
import time
import uuid
from statistics import median
from typing import Any

from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker, func

GAP = 0.01
_POLL = 0.005
_AT_ONCE = 200


async def rate(url: str, jobs: int) -> float:
    """Jobs per second of a worker that finds them waiting."""
    redis, left, done = await _connect(url), jobs, asyncio.Event()

    async def nothing(_: dict[str, Any]) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            done.set()

    for _ in range(jobs):
        await redis.enqueue_job("nothing")
    began = time.perf_counter()
    worker = _worker(redis, nothing)
    working = asyncio.create_task(worker.main())
    async with asyncio.timeout(120):
        await done.wait()
    took = time.perf_counter() - began
    await _end(redis, worker, working)
    return jobs / took


async def start(url: str, jobs: int) -> float:
    """The median milliseconds from the hand-over to the start."""
    redis, started, at = await _connect(url), asyncio.Event(), 0.0

    async def nothing(_: dict[str, Any]) -> None:
        nonlocal at
        at = time.perf_counter()
        started.set()

    worker = _worker(redis, nothing)
    working = asyncio.create_task(worker.main())
    waits = []
    for _ in range(jobs):
        await asyncio.sleep(GAP)
        started.clear()
        handed = time.perf_counter()
        await redis.enqueue_job("nothing")
        async with asyncio.timeout(10):
            await started.wait()
        waits.append((at - handed) * 1e3)
    await _end(redis, worker, working)
    return median(waits)


async def _connect(url: str) -> ArqRedis:
    return await create_pool(RedisSettings.from_dsn(url), default_queue_name=uuid.uuid4().hex)


def _worker(redis: ArqRedis, nothing: Any) -> Worker:
    return Worker(
        functions=[func(nothing, name="nothing", keep_result=0)],
        redis_pool=redis,
        queue_name=redis.default_queue_name,
        handle_signals=False,
        poll_delay=_POLL,
        max_jobs=_AT_ONCE,
    )


async def _end(redis: ArqRedis, worker: Worker, working: "asyncio.Task[None]") -> None:
    await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
    working.cancel()
    await asyncio.wait([working], timeout=5)
    await redis.aclose()
