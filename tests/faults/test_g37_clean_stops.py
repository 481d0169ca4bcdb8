"""A worker that is asked to end costs no attempt, at whatever moment it is asked."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from atende.core.work.model import Claim
from atende.core.work.ports import JobQueue
from tests.faults.support.recording_queue import WatchedQueue
from tests.faults.support.shop import QUESTION, Shop

STATE = "SELECT status, attempts FROM job WHERE kind = 'turn'"


class SlowToAnswer(WatchedQueue):
    """Claims are made at once; their answer comes when `told` is set."""

    def __init__(self, queue: JobQueue) -> None:
        super().__init__(queue)
        self.claimed, self.told = asyncio.Event(), asyncio.Event()

    async def claim(
        self, worker: str, *, limit: int, lease: timedelta, only: Sequence[int] | None = None
    ) -> list[Claim]:
        claims = await super().claim(worker, limit=limit, lease=lease, only=only)
        self.claimed.set()
        await self.told.wait()
        return claims


async def test_g37_a_claim_that_was_under_way_is_given_back(shop: Shop) -> None:
    """Whoever offered the work is gone by the time the database has answered."""
    queue = SlowToAnswer(await shop.queue())
    worker = await shop.worker(queue=queue)
    await shop.receive(QUESTION)
    offering = asyncio.create_task(worker.take())
    await queue.claimed.wait()
    offering.cancel()
    await asyncio.gather(offering, return_exceptions=True)
    stopping = asyncio.create_task(worker.stop())
    await asyncio.sleep(0)
    queue.told.set()
    await stopping
    assert [tuple(row) for row in await shop.rows(STATE)] == [("queued", 0)]
    await shop.work()
    assert [tuple(row) for row in await shop.rows(STATE)] == [("done", 1)]
    assert await shop.broken() == {}


async def test_g37_leases_live_on_while_the_worker_ends(shop: Shop) -> None:
    """The last jobs may take as long as the grace allows: nobody else takes them meanwhile."""
    gate = shop.model.gates.hold()
    queue = WatchedQueue(await shop.queue())
    worker = await shop.worker(queue=queue, heartbeat=0.05, grace=60)
    await shop.receive(QUESTION)
    await worker.take()
    await gate.reached()
    lease = "SELECT lease_until FROM job WHERE kind = 'turn'"
    before = await shop.value(lease)
    stopping = asyncio.create_task(worker.stop())

    async def beaten() -> bool:
        return queue.extended >= 3

    await shop.until(beaten, "the heart beats on")
    assert await shop.value(lease) > before
    gate.open()
    await stopping
    assert [tuple(row) for row in await shop.rows(STATE)] == [("done", 1)]
    assert len(shop.channel.sent) == 1


async def test_g37_what_outlasts_the_grace_is_put_back_without_an_attempt(shop: Shop) -> None:
    gates = [shop.model.gates.hold(), shop.model.gates.hold(after=True)]
    worker = await shop.worker(grace=0.05)
    await shop.receive(QUESTION)
    await worker.take()
    await gates[0].reached()
    await worker.stop()
    assert await worker.take() == 0
    assert [tuple(row) for row in await shop.rows(STATE)] == [("queued", 0)]
    gates[1].open()
    await shop.work()
    assert [tuple(row) for row in await shop.rows(STATE)] == [("done", 1)]
    assert await shop.broken() == {}
