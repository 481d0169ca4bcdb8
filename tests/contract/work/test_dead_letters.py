"""Jobs that were given up, jobs that nobody was woken for, and whose jobs they are."""

from datetime import timedelta

import pytest

from atende.core.kernel import NotFound, TenantScope
from atende.core.work.model import Fenced
from tests.world import LEASE, Tenant, World, under
from tests.world.jobs import LATER, new_job, put


async def test_g35_dead_letters_are_listed_replayed_and_discarded(world: World, shop: Tenant) -> None:
    await put(world, shop, new_job("a", order_key="lane"), new_job("b"))
    claims = sorted(await world.claim(), key=lambda claim: claim.payload["name"])
    for claim in claims:
        async with world.begin(shop.scope) as at:
            await at.jobs.bury(claim, f"no luck with {claim.payload['name']}")
        await world.advance(timedelta(seconds=1))
    async with world.begin(shop.scope) as at:
        page = await at.dead_letters.page(shop.scope, page=1, limit=1)
        assert (page.total, page.total_pages) == (2, 2)
        (newest,) = page.data
        assert (newest.payload, newest.error, newest.attempts) == ({"name": "b"}, "no luck with b", 1)
        assert newest.finished_at >= newest.created_at
        oldest = (await at.dead_letters.page(shop.scope, page=2, limit=1)).data[0]
        again = await at.dead_letters.replay(shop.scope, oldest.id)
        await at.dead_letters.discard(shop.scope, newest.id)
        assert (await at.dead_letters.page(shop.scope, page=1, limit=10)).data == []
    (claim,) = await world.claim()
    assert (claim.job_id, claim.payload, claim.attempt, claim.max_attempts) == (again, {"name": "a"}, 1, 4)
    for lost in (oldest.id, newest.id, 10**9):
        with pytest.raises(NotFound):
            async with world.begin(shop.scope) as at:
                await at.dead_letters.replay(shop.scope, lost)


async def test_g35_the_first_error_is_kept(world: World, shop: Tenant) -> None:
    await put(world, shop, new_job())
    (claim,) = await world.claim()
    await world.queue.put_back(claim, delay=timedelta(0), error="the cause", counts=True)
    (claim,) = await world.claim()
    async with world.begin(shop.scope) as at:
        await at.jobs.bury(claim, "attempts used up")
        (letter,) = (await at.dead_letters.page(shop.scope, page=1, limit=10)).data
    assert letter.error == "the cause"


async def test_another_tenant_sees_and_moves_no_job(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    await put(world, shop, new_job())
    (claim,) = await world.claim()
    for scope in (branch.scope, stranger.scope, stranger.whole):
        forged = under(claim, scope=scope)
        for held in (claim, forged):
            with pytest.raises(Fenced):
                async with world.begin(scope) as at:
                    await at.jobs.finish(held)
    async with world.begin(shop.scope) as at:
        await at.jobs.bury(claim, "dead")
        (letter,) = (await at.dead_letters.page(shop.scope, page=1, limit=10)).data
    for scope in (branch.scope, stranger.scope, stranger.whole):
        async with world.begin(scope) as at:
            assert (await at.dead_letters.page(scope, page=1, limit=10)).data == []
            assert (await at.dead_letters.page(shop.scope, page=1, limit=10)).data == []
        for action in ("replay", "discard"):
            with pytest.raises(NotFound):
                async with world.begin(scope) as at:
                    await getattr(at.dead_letters, action)(scope, letter.id)
    async with world.begin(shop.whole) as at:
        assert (await at.dead_letters.page(shop.whole, page=1, limit=10)).total == 1
        assert (await at.dead_letters.page(branch.scope, page=1, limit=10)).total == 0


@pytest.mark.parametrize("foreign", ["star", "tenant"])
async def test_a_job_is_put_for_the_own_tenant_only(world: World, shop: Tenant, stranger: Tenant, foreign: str) -> None:
    with pytest.raises(Exception, match=r"row-level security|another tenant"):
        async with world.begin(TenantScope(shop.owner.organization_id) if foreign == "star" else stranger.scope) as at:
            await at.jobs.put(shop.scope, new_job())
    assert await world.count("job") == 0


async def test_the_watch_finds_what_nobody_was_woken_for(world: World, shop: Tenant) -> None:
    assert await world.queue.due(10) == []
    await put(world, shop, new_job("a", order_key="lane"), new_job("b", order_key="lane"), new_job("c", delay=LATER))
    (first,) = await world.queue.due(10)
    assert await world.queue.due(10) == [], "its wake-up was just sent"
    await world.advance(timedelta(seconds=6))
    assert await world.queue.due(10) == [first]
    (claim,) = await world.claim()
    assert claim.job_id == first
    assert await world.queue.due(10) == []
    await world.advance(LATER)
    assert len(await world.queue.due(1)) == 1
    assert set(await world.queue.due(10)) >= {first}, "its lease ran out"


async def test_the_health_of_the_queue(world: World, shop: Tenant) -> None:
    health = await world.queue.health()
    assert (health.next_due, health.oldest_ready, health.expired_lease, health.dead) == (None, 0.0, 0.0, 0)
    await put(world, shop, new_job("a"), new_job("b", delay=timedelta(seconds=100)))
    (claim,) = await world.claim()
    health = await world.queue.health()
    assert health.next_due == pytest.approx(100, abs=5)
    assert (health.oldest_ready, health.expired_lease) == (0.0, 0.0)
    await world.advance(timedelta(seconds=120))
    health = await world.queue.health()
    assert health.next_due == pytest.approx(-20, abs=5)
    assert health.oldest_ready == pytest.approx(20, abs=5)
    assert health.expired_lease == pytest.approx(90, abs=5)
    await world.queue.extend([claim], lease=LEASE)
    async with world.begin(shop.scope) as at:
        await at.jobs.bury(claim, "dead")
    assert (await world.queue.health()).dead == 1
