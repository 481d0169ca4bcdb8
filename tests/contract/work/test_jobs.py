"""The job table: made with the transaction, claimed once, in order, fenced, retried."""

import asyncio
import random
from contextlib import suppress
from datetime import timedelta

import pytest

from atende.core.conversation.turn.answer_customer import TURN
from atende.core.knowledge.jobs import PROCESS_DOCUMENT
from atende.core.work.model import Claim, Fenced, NewJob
from tests.world import LEASE, Tenant, World
from tests.world.jobs import LATER, names, new_job, put


class _Abort(Exception):
    pass


async def test_g31_a_job_exists_if_and_only_if_its_transaction_commits(world: World, shop: Tenant) -> None:
    """200 transactions put 3 jobs each and end at a random point of their way."""
    chosen = random.Random(31)
    committed = 0
    for number in range(200):
        ends_after = chosen.choice((0, 1, 2, 3, None))
        with suppress(_Abort):
            async with world.begin(shop.scope) as at:
                for step in range(3):
                    if step == ends_after:
                        raise _Abort
                    await at.jobs.put(shop.scope, new_job(f"{number}.{step}"))
                if ends_after is not None:
                    raise _Abort
                committed += 1
    assert 0 < committed < 200
    assert await world.count("job") == 3 * committed


async def test_g31_a_job_is_seen_by_workers_when_its_transaction_has_ended(world: World, shop: Tenant) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with world.begin(shop.scope) as at:
            await at.jobs.put(shop.scope, new_job())
            inside.set()
            await go_on.wait()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write())
        await inside.wait()
        assert await world.count("job") == 0
        assert (await world.queue.health()).next_due is None
        go_on.set()
    assert len(await world.claim()) == 1


async def test_a_claim_carries_what_was_put(world: World, shop: Tenant) -> None:
    await put(world, shop, new_job("x"))
    (claim,) = await world.claim()
    assert (claim.kind, claim.payload, claim.scope) == (PROCESS_DOCUMENT.name, {"name": "x"}, shop.scope)
    assert (claim.attempt, claim.max_attempts, claim.expired, claim.exhausted) == (1, 4, False, False)
    assert abs(world.now() - claim.created_at) < LATER
    assert await world.claim() == []


async def test_jobs_wait_for_their_time_and_come_in_its_order(world: World, shop: Tenant) -> None:
    await put(
        world,
        shop,
        new_job("late", delay=timedelta(seconds=20)),
        new_job("soon", delay=timedelta(seconds=10)),
        new_job("now"),
    )
    assert names(await world.claim()) == ["now"]
    await world.advance(timedelta(seconds=25))
    assert sorted(names(await world.claim())) == ["late", "soon"]


async def test_no_more_is_claimed_than_asked_for_the_longest_due_first(world: World, shop: Tenant) -> None:
    await put(
        world,
        shop,
        new_job("b", delay=timedelta(seconds=2)),
        new_job("a", delay=timedelta(seconds=1)),
        new_job("c", delay=LATER),
    )
    await world.advance(LATER * 2)
    assert names(await world.claim(1)) == ["a"]
    assert names(await world.claim(1)) == ["b"]


async def test_a_worker_may_claim_only_what_it_was_woken_for(world: World, shop: Tenant) -> None:
    await put(world, shop, new_job("a"), new_job("b"))
    ids = await world.queue.due(10)
    assert len(ids) == 2
    (claim,) = await world.queue.claim("w", limit=10, lease=LEASE, only=[ids[1], 10**9])
    assert claim.job_id == ids[1]
    assert await world.queue.claim("w", limit=10, lease=LEASE, only=[]) == []


async def test_g13_one_job_of_a_lane_at_a_time_in_order(world: World, shop: Tenant) -> None:
    await put(
        world,
        shop,
        new_job("1", order_key="lane"),
        new_job("2", order_key="lane"),
        new_job("3", order_key="lane"),
        new_job("free"),
    )
    await world.advance(LATER)
    first = await world.claim()
    assert sorted(names(first)) == ["1", "free"]
    head = next(claim for claim in first if claim.payload["name"] == "1")
    assert await world.claim() == []
    await world.queue.finish([claim for claim in first if claim is not head])
    assert await world.queue.put_back(head, delay=LATER, error=None, counts=True)
    assert await world.claim() == [], "a head that waits for its next attempt holds the lane"
    await world.advance(LATER * 2)
    (again,) = await world.claim()
    assert names([again]) == ["1"]
    async with world.begin(shop.scope) as at:
        await at.jobs.bury(again, "given up")
    (second,) = await world.claim()
    assert names([second]) == ["2"], "a head that died frees the lane"


async def test_g13_workers_that_claim_at_once_share_no_job_and_no_lane(world: World, shop: Tenant) -> None:
    await put(world, shop, *(new_job(f"{n}", order_key=f"lane-{n % 10}") for n in range(60)))
    await world.advance(LATER)
    done: list[int] = []

    async def work(name: str) -> None:
        while len(done) < 60:
            claims = await world.queue.claim(name, limit=3, lease=LEASE)
            lanes = [int(claim.payload["name"]) % 10 for claim in claims]
            assert not set(lanes) & running, "two jobs of one lane at once"
            running.update(lanes)
            await asyncio.sleep(0)
            running.difference_update(lanes)
            done.extend(claim.job_id for claim in claims)
            await world.queue.finish(claims)

    running: set[int] = set()
    async with asyncio.timeout(60):
        await asyncio.gather(*(work(f"w{n}") for n in range(6)))
    assert len(done) == len(set(done)) == 60


async def test_of_the_same_name_at_most_one_waits(world: World, shop: Tenant) -> None:
    await put(world, shop, new_job("a", dedupe_key="k"), new_job("b", dedupe_key="k"))
    (claim,) = await world.claim()
    assert claim.payload["name"] == "a"
    await put(world, shop, new_job("c", dedupe_key="k"))
    assert await world.queue.put_back(claim, delay=timedelta(0), error=None, counts=True), "a retry never collides"
    await world.advance(timedelta(seconds=1))
    assert sorted(names(await world.claim())) == ["a", "c"]


async def test_g36_attempts_count_at_the_claim(world: World, shop: Tenant) -> None:
    """A job that takes its worker down with it uses up its attempts without anybody saying so."""
    await put(world, shop, new_job())
    for attempt in range(1, 6):
        (claim,) = await world.claim()
        assert claim.attempt == attempt
        assert claim.exhausted is (attempt > PROCESS_DOCUMENT.max_attempts)
        await world.advance(LEASE + timedelta(seconds=1))
    (lost,) = await world.claim()
    async with world.begin(shop.scope) as at:
        await at.jobs.bury(lost, "it killed its workers")
        assert (await at.dead_letters.page(shop.scope, page=1, limit=10)).total == 1
    await world.advance(LATER)
    assert await world.claim() == []


async def _write(world: World, tenant: Tenant, claim: Claim, name: str) -> None:
    async with world.begin(tenant.scope) as at:
        await at.jobs.put(tenant.scope, new_job("by a zombie"))
        await (at.jobs.bury(claim, "late") if name == "bury" else getattr(at.jobs, name)(claim))


async def test_g33_an_older_claim_writes_nothing(world: World, shop: Tenant) -> None:
    await put(world, shop, new_job())
    (zombie,) = await world.claim(worker="zombie")
    await world.advance(LEASE + timedelta(seconds=1))
    (heir,) = await world.claim(worker="heir")
    assert heir.token > zombie.token
    for name in ("keep", "finish", "bury"):
        with pytest.raises(Fenced):
            await _write(world, shop, zombie, name)
    assert await world.queue.extend([zombie], lease=LEASE) == set()
    assert not await world.queue.put_back(zombie, delay=LATER, error="late", counts=True)
    await world.queue.finish([zombie])
    assert await world.count("job") == 1
    assert await world.queue.extend([heir], lease=LEASE) == {heir.job_id}
    async with world.begin(shop.scope) as at:
        await at.jobs.keep(heir)
        await at.jobs.finish(heir)
    with pytest.raises(Fenced):
        async with world.begin(shop.scope) as at:
            await at.jobs.finish(heir)


async def test_g33_a_lease_that_is_extended_is_not_taken(world: World, shop: Tenant) -> None:
    await put(world, shop, new_job())
    (claim,) = await world.claim()
    await world.advance(LEASE - timedelta(seconds=5))
    assert await world.queue.extend([claim], lease=LEASE) == {claim.job_id}
    await world.advance(LEASE - timedelta(seconds=5))
    assert await world.claim() == []
    await world.advance(timedelta(seconds=10))
    assert len(await world.claim()) == 1


async def test_a_job_is_finished_with_the_transaction_or_not_at_all(world: World, shop: Tenant) -> None:
    await put(world, shop, new_job())
    (claim,) = await world.claim()
    with suppress(_Abort):
        async with world.begin(shop.scope) as at:
            await at.jobs.finish(claim)
            raise _Abort
    async with world.begin(shop.scope) as at:
        await at.jobs.finish(claim)
    await world.advance(LATER)
    assert await world.claim() == []


async def test_g37_a_clean_stop_costs_no_attempt(world: World, shop: Tenant) -> None:
    await put(world, shop, new_job())
    (claim,) = await world.claim()
    assert await world.queue.put_back(claim, delay=timedelta(0), error=None, counts=False)
    (again,) = await world.claim()
    assert again.attempt == 1
    assert again.token > claim.token
    assert await world.queue.put_back(again, delay=timedelta(0), error="boom", counts=True)
    (third,) = await world.claim()
    assert third.attempt == 2


async def test_g34_a_retry_waits_as_long_as_it_was_told(world: World, shop: Tenant) -> None:
    await put(world, shop, new_job())
    (claim,) = await world.claim()
    await world.queue.put_back(claim, delay=timedelta(seconds=30), error="503", counts=True)
    await world.advance(timedelta(seconds=28))
    assert await world.claim() == []
    await world.advance(timedelta(seconds=3))
    assert len(await world.claim()) == 1


async def test_what_is_past_its_deadline_says_so(world: World, shop: Tenant) -> None:
    """Its time runs from the first claim on: a night without workers makes nobody late."""
    await put(world, shop, NewJob(kind=TURN, payload={"name": "t"}))
    await world.advance(timedelta(hours=8))
    (first,) = await world.claim()
    assert not first.expired
    await world.queue.put_back(first, delay=timedelta(0), error="503", counts=True)
    await world.advance(timedelta(seconds=(TURN.deadline or 0) + 1))
    (claim,) = await world.claim()
    assert claim.expired
    assert claim.exhausted


async def test_a_clean_stop_gives_the_time_back(world: World, shop: Tenant) -> None:
    await put(world, shop, NewJob(kind=TURN, payload={"name": "t"}))
    (first,) = await world.claim()
    await world.queue.put_back(first, delay=timedelta(0), error=None, counts=False)
    await world.advance(timedelta(seconds=(TURN.deadline or 0) + 1))
    (claim,) = await world.claim()
    assert not claim.expired
