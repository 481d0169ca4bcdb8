"""taskiq on Redis, one worker in one process. Runs in an environment of its own, which needs taskiq and taskiq-redis only.

    python reference_taskiq.py redis://127.0.0.1:6379 < a line "rate N" or "start N" per measurement

Answers each with one line: jobs per second, or the median milliseconds from the hand-over to the start of a job.
"""

import asyncio
import sys
import time
import uuid
from statistics import median

from taskiq.api import run_receiver_task  # type: ignore[import-not-found]  # not installed beside the product
from taskiq_redis import ListQueueBroker  # type: ignore[import-not-found]  # not installed beside the product

GAP = 0.01


async def rate(url: str, jobs: int) -> float:
    """Jobs that wait already, run to the last one."""
    broker, left, done = ListQueueBroker(url, queue_name=uuid.uuid4().hex), jobs, asyncio.Event()

    @broker.task  # type: ignore[untyped-decorator]
    async def nothing(number: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            done.set()

    await broker.startup()
    for number in range(jobs):
        await nothing.kiq(number)
    began = time.perf_counter()
    receiver = asyncio.create_task(run_receiver_task(broker))
    await asyncio.wait_for(done.wait(), 120)
    took = time.perf_counter() - began
    await _end(broker, receiver)
    return jobs / took


async def start(url: str, jobs: int) -> float:
    """One job at a time, handed to a worker that waits."""
    broker, started, at = ListQueueBroker(url, queue_name=uuid.uuid4().hex), asyncio.Event(), 0.0

    @broker.task  # type: ignore[untyped-decorator]
    async def nothing() -> None:
        nonlocal at
        at = time.perf_counter()
        started.set()

    await broker.startup()
    receiver = asyncio.create_task(run_receiver_task(broker))
    waits = []
    for _ in range(jobs):
        await asyncio.sleep(GAP)
        started.clear()
        handed = time.perf_counter()
        await nothing.kiq()
        await asyncio.wait_for(started.wait(), 10)
        waits.append((at - handed) * 1e3)
    await _end(broker, receiver)
    return median(waits)


async def _end(broker: ListQueueBroker, receiver: "asyncio.Task[None]") -> None:
    """Not waited for longer than a few seconds: its figure is taken already."""
    receiver.cancel()
    await asyncio.wait([receiver, asyncio.create_task(broker.shutdown())], timeout=5)


async def main(url: str) -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        what, jobs = line.split()
        figure = await (rate if what == "rate" else start)(url, int(jobs))
        print(figure, flush=True)


if __name__ == "__main__":
    try:
        import uvloop
    except ImportError:
        asyncio.run(main(sys.argv[1]))
    else:
        uvloop.run(main(sys.argv[1]))
