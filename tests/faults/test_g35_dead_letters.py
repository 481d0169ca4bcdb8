"""Exhausted and stuck jobs are visible with their cause, have an age to alert on, and can be tried again after a fix."""

from collections import Counter
from datetime import timedelta

import pytest

from atende.core.kernel import Invalid, NotFound, Transaction, Unavailable
from atende.core.work.dead_letters import DiscardDeadLetter, ReplayDeadLetter
from atende.core.work.model import Claim, JobKind, NewJob
from atende.core.work.ports import DeadLetters, Jobs, JobWatch
from atende.inbound.jobs.handler import Handler
from atende.inbound.jobs.handlers import make_handlers
from atende.inbound.jobs.worker import Worker, WorkerOptions
from tests.faults.support.shop import QUESTION, Shop

KIND = JobKind("test.poison", retries=(0.0, 0.0))


class Poison:
    """A job that fails until it is fixed; `done` counts what it did, by number."""

    def __init__(self, shop: Shop) -> None:
        self.fixed = False
        self.done: Counter[str] = Counter()
        self.tried: Counter[str] = Counter()
        self._shop = shop

    async def worker(self) -> Worker:
        bury = make_handlers(self._shop.container)["send.failed"].give_up
        options = WorkerOptions(name="poisoned", grace=5)
        made = Worker(await self._shop.queue(), {KIND.name: Handler(KIND, self._run, bury)}, options)
        self._shop.workers.append(made)
        return made

    async def put(self, count: int) -> None:
        async with self._shop.container() as unit:
            transaction, jobs = await unit.get(Transaction), await unit.get(Jobs)
            async with transaction(self._shop.scope):
                for number in range(count):
                    await jobs.put(self._shop.scope, NewJob(kind=KIND, payload={"number": str(number)}))

    async def _run(self, claim: Claim) -> None:
        number = claim.payload["number"]
        self.tried[number] += 1
        if not self.fixed:
            raise Invalid("never") if int(number) % 5 == 0 else Unavailable(f"poison {number}")
        self.done[number] += 1


async def _letters(shop: Shop) -> list[int]:
    async with shop.container() as unit:
        transaction, letters = await unit.get(Transaction), await unit.get(DeadLetters)
        async with transaction(shop.scope):
            page = await letters.page(shop.scope, page=1, limit=100)
    assert all(letter.kind == KIND.name and letter.error and letter.payload["number"] for letter in page.data)
    return [letter.id for letter in page.data]


async def test_g35_every_poisoned_job_is_in_front_of_an_operator_and_is_done_once_after_the_fix(shop: Shop) -> None:
    poison = Poison(shop)
    await poison.put(40)
    worker = await poison.worker()
    await shop.work(worker)
    dead = await _letters(shop)
    assert len(dead) == 40
    assert set(poison.tried.values()) == {1, 3}, "the hopeless ones once, the others three times"
    watch = await shop.container.get(JobWatch)
    assert (await watch.health()).dead == 40
    poison.fixed = True
    await shop.work(worker)
    assert poison.done == Counter(), "nothing dead runs by itself"
    async with shop.use(DiscardDeadLetter) as discard:
        await discard(shop.scope, dead[0])
    for job in dead[1:]:
        async with shop.use(ReplayDeadLetter) as replay:
            await replay(shop.scope, job)
    for job in dead:
        with pytest.raises(NotFound):
            async with shop.use(ReplayDeadLetter) as replay:
                await replay(shop.scope, job)
    await shop.work(worker)
    assert len(poison.done) == 39
    assert set(poison.done.values()) == {1}
    assert await _letters(shop) == []


async def test_g35_what_waits_and_what_is_stuck_has_an_age(shop: Shop) -> None:
    watch = await shop.container.get(JobWatch)
    gate = shop.model.gates.hold()
    await shop.receive(QUESTION, sender="+5581999990001")
    stuck = await shop.worker("stuck")
    await stuck.take()
    await gate.reached()
    health = await watch.health()
    assert (health.oldest_ready, health.expired_lease) == (0, 0)
    await shop.receive(QUESTION, sender="+5581999990002")
    await shop.rows("UPDATE job SET run_at = now() - interval '90 s' WHERE status = 'queued'")
    await shop.rows("UPDATE job SET lease_until = now() - interval '70 s' WHERE status = 'running'")
    health = await watch.health()
    assert health.oldest_ready >= 90
    assert health.expired_lease >= 70
    gate.open()
    await shop.work()
    health = await watch.health()
    assert (health.oldest_ready, health.expired_lease, health.dead) == (0, 0, 0)


async def test_g35_a_job_that_cannot_even_be_given_up_is_buried(shop: Shop) -> None:
    """Its handler fails, and so does what should end it: an operator sees it all the same."""

    async def run(_: Claim) -> None:
        raise Unavailable("it never works")

    async def give_up(_claim: Claim, _error: str) -> None:
        raise ZeroDivisionError("and cannot be ended")

    await Poison(shop).put(1)
    handlers = make_handlers(shop.container, Handler(KIND, run, give_up))
    worker = Worker(await shop.queue(), handlers, WorkerOptions(name="poisoned", grace=5))
    shop.workers.append(worker)
    for _ in range(KIND.max_attempts + 6):
        await shop.work(worker)
        await shop.expire_leases(worker)
    assert len(await _letters(shop)) == 1
    assert await shop.column("SELECT last_error FROM job WHERE kind = 'test.poison'") != [None]


async def test_g35_a_lost_worker_is_noticed_by_the_age_of_its_lease(shop: Shop) -> None:
    gate = shop.model.gates.hold()
    await shop.receive(QUESTION)
    lost = await shop.worker("lost")
    await lost.take()
    await gate.reached()
    await shop.kill_workers(lost)
    watch = await shop.container.get(JobWatch)
    assert timedelta(seconds=(await watch.health()).expired_lease) > timedelta(0)
    await shop.work(await shop.worker("heir"))
    assert (await watch.health()).expired_lease == 0
