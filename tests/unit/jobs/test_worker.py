"""A wide worker: batch after batch, never more than it has room for, and the next one under way before the last one starts."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from atende.core.kernel import TenantScope
from atende.core.work.model import Claim, JobKind
from atende.core.work.ports import JobQueue
from atende.inbound.jobs.handler import Handler
from atende.inbound.jobs.worker import LARGEST_CLAIM, Worker, WorkerOptions

KIND = JobKind("kind", retries=(1,))
SCOPE = TenantScope(UUID(int=1), "shop")


class Queue(JobQueue):
    """So many jobs wait. It notes what was asked for, and how many jobs had started by then."""

    def __init__(self, waiting: int) -> None:
        self.waiting, self.started, self.given = waiting, 0, 0
        self.asked: list[int] = []
        self.started_when_asked: list[int] = []
        self.done: list[int] = []
        self.back: list[int] = []
        self.at_once = 0

    async def claim(
        self, worker: str, *, limit: int, lease: timedelta, only: Sequence[int] | None = None
    ) -> list[Claim]:
        self.asked.append(limit)
        self.started_when_asked.append(self.started)
        self.at_once += 1
        assert self.at_once == 1, "what is claimed at the same time is not known to the database yet"
        await asyncio.sleep(0.001)
        self.at_once -= 1
        ids = range(self.given, self.given + min(limit, self.waiting))
        self.given, self.waiting = self.given + len(ids), self.waiting - len(ids)
        return [_claim(number) for number in ids]

    async def extend(self, claims: Sequence[Claim], *, lease: timedelta) -> set[int]:
        return {claim.job_id for claim in claims}

    async def finish(self, claims: Sequence[Claim]) -> None:
        self.done += [claim.job_id for claim in claims]

    async def put_back(self, claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> bool:
        self.back.append(claim.job_id)
        return True


def _claim(number: int) -> Claim:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Claim(
        job_id=number, scope=SCOPE, kind="kind", payload={}, token=1, attempt=1, max_attempts=2, created_at=now
    )


def _worker(queue: Queue, *, slots: int, until: asyncio.Event | None = None) -> Worker:
    async def run(claim: Claim) -> None:
        claim.check()
        queue.started += 1
        if until is not None:
            await until.wait()

    async def give_up(claim: Claim, error: str) -> None:
        raise AssertionError(error)

    return Worker(queue, {"kind": Handler(KIND, run, give_up)}, WorkerOptions(name="worker", slots=slots, grace=1))


async def test_the_next_batch_is_on_its_way_before_the_last_one_starts() -> None:
    queue = Queue(2 * LARGEST_CLAIM + 7)
    worker = _worker(queue, slots=10 * LARGEST_CLAIM)
    assert await worker.take() == 2 * LARGEST_CLAIM + 7
    await worker.stop()
    assert queue.asked == [LARGEST_CLAIM] * 3
    assert queue.started_when_asked == [0, 0, LARGEST_CLAIM]
    assert sorted(queue.done) == list(range(2 * LARGEST_CLAIM + 7))


@pytest.mark.parametrize("slots", [1, LARGEST_CLAIM - 1, LARGEST_CLAIM, LARGEST_CLAIM + 3])
async def test_it_never_holds_more_than_it_has_slots(slots: int) -> None:
    queue, until = Queue(3 * LARGEST_CLAIM), asyncio.Event()
    worker = _worker(queue, slots=slots, until=until)
    assert await worker.take() == slots
    assert worker.running == slots
    assert worker.free == 0
    assert await worker.take() == 0
    assert worker.starved
    until.set()
    await worker.stop()
    assert len(queue.done) == slots


async def test_a_batch_that_comes_after_the_stop_is_put_back() -> None:
    queue = Queue(3 * LARGEST_CLAIM)
    worker = _worker(queue, slots=10 * LARGEST_CLAIM)
    taking = asyncio.create_task(worker.take())
    while len(queue.asked) < 2:
        await asyncio.sleep(0)
    await worker.stop()
    await taking
    assert len(queue.asked) == 2, "nothing more is claimed"
    assert sorted(queue.done + queue.back) == list(range(queue.given))
    assert queue.back, "what had come too late"


async def test_jobs_that_are_offered_at_the_same_time_are_claimed_one_after_the_other() -> None:
    """As arq offers them: two claims at once would not see that the other one takes a job that must run alone."""
    queue = Queue(20)
    worker = _worker(queue, slots=32)
    assert sum(await asyncio.gather(*(worker.take(only=[number]) for number in range(20)))) == 20
    await worker.stop()
    assert len(queue.done) == 20
