"""Work of projects that are paused, suspended or deleted, or whose organization is deleted: it waits, and is not lost."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeAlias

import pytest

from atende.core.conversation.turn.answer_customer import TURN
from atende.core.kernel import NotFound
from atende.core.tenancy.model import Project, ProjectStatus
from atende.core.work.model import NewJob
from tests.world import LEASE, Tenant, World
from tests.world.jobs import names, new_job, put

Switch: TypeAlias = Callable[[World, Tenant], Awaitable[None]]


async def _change(world: World, tenant: Tenant, change: Callable[[Project], None]) -> None:
    async with world.begin(tenant.scope) as at:
        project = await at.projects.get(tenant.scope, deleted=True, lock=True)
        change(project)
        await at.projects.save(project)


async def _off(world: World, tenant: Tenant) -> None:
    await _change(world, tenant, lambda project: project.switch(world.now(), on=False))


async def _on(world: World, tenant: Tenant) -> None:
    await _change(world, tenant, lambda project: project.switch(world.now(), on=True))


async def _suspend(world: World, tenant: Tenant) -> None:
    await _change(world, tenant, lambda project: project.suspend(world.now()))


async def _cure(world: World, tenant: Tenant) -> None:
    await _change(world, tenant, lambda project: project.cure(world.now()))


async def _delete(world: World, tenant: Tenant) -> None:
    await _change(world, tenant, lambda project: project.delete(world.now()))


async def _restore(world: World, tenant: Tenant) -> None:
    await _change(world, tenant, lambda project: project.restore(world.now()))


async def _close(world: World, tenant: Tenant) -> None:
    async with world.begin(tenant.whole) as at:
        organization = await at.organizations.get(tenant.whole, lock=True)
        organization.delete(world.now(), confirm=organization.slug)
        await at.organizations.save(organization)


async def _reopen(world: World, tenant: Tenant) -> None:
    async with world.begin(tenant.whole) as at:
        organization = await at.organizations.get(tenant.whole, deleted=True, lock=True)
        organization.restore(world.now())
        await at.organizations.save(organization)


ways = pytest.mark.parametrize(
    ("rest", "wake"),
    [(_off, _on), (_suspend, _cure), (_delete, _restore), (_close, _reopen)],
    ids=["switched off", "suspended", "deleted", "organization deleted"],
)


@ways
async def test_g63_work_of_a_paused_project_waits_until_it_is_active(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant, rest: Switch, wake: Switch
) -> None:
    await put(world, branch, new_job("before"))
    await rest(world, branch)
    await put(world, branch, new_job("meanwhile"))
    await put(world, stranger, new_job("of somebody else"))
    assert names(await world.claim()) == ["of somebody else"]
    assert await world.claim() == []
    health = await world.queue.health()
    assert (health.next_due, health.oldest_ready) == (None, 0.0)
    await wake(world, branch)
    assert (await world.queue.health()).next_due is not None
    assert sorted(await world.queue.due(10)) != [], "whoever waits for a wake-up is told"
    assert sorted(names(await world.claim())) == ["before", "meanwhile"]


@ways
async def test_g63_a_named_job_of_a_paused_project_is_not_claimed_either(
    world: World, shop: Tenant, branch: Tenant, rest: Switch, wake: Switch
) -> None:
    await put(world, branch, new_job("named"))
    (job_id,) = await world.queue.due(10)
    await rest(world, branch)
    assert await world.queue.claim("worker", limit=9, lease=LEASE, only=[job_id]) == []
    await wake(world, branch)
    (claim,) = await world.queue.claim("worker", limit=9, lease=LEASE, only=[job_id])
    assert claim.job_id == job_id


async def test_g63_what_a_deleted_organization_had_switched_off_stays_off_when_it_is_restored(
    world: World, shop: Tenant, branch: Tenant
) -> None:
    await _off(world, branch)
    await put(world, shop, new_job("on"))
    await put(world, branch, new_job("off"))
    await _close(world, shop)
    assert await world.claim() == []
    await _on(world, branch)
    assert await world.claim() == [], "switched on in a deleted organization: it rests all the same"
    await _off(world, branch)
    await _reopen(world, shop)
    assert names(await world.claim()) == ["on"]
    await _on(world, branch)
    assert names(await world.claim()) == ["off"]


async def test_g63_many_paused_jobs_do_not_keep_others_waiting(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    """They were due first, and came while the project rested: nobody set them aside yet."""
    await _off(world, branch)
    await put(world, branch, *(new_job(f"resting {number}") for number in range(25)))
    await put(world, stranger, new_job("due"))
    assert names(await world.claim(2)) == ["due"]
    assert await world.claim(2) == []
    await _on(world, branch)
    assert len(await world.claim(100)) == 25


async def test_g63_a_lost_job_of_a_paused_project_waits_and_its_time_stands_still(world: World, shop: Tenant) -> None:
    turn = NewJob(kind=TURN, payload={"name": "turn"}, order_key="lane", dedupe_key="turn")
    await put(world, shop, turn)
    (lost,) = await world.claim()
    await put(world, shop, turn)
    await _off(world, shop)
    await world.advance(LEASE + timedelta(seconds=1))
    assert await world.claim() == []
    await world.advance(timedelta(hours=1))
    assert await world.claim() == []
    await _on(world, shop)
    (again,) = await world.claim()
    assert (again.job_id, again.attempt, again.expired) == (lost.job_id, 2, False), "in its lane, with its attempts"
    await world.queue.finish([again])
    assert len(await world.claim()) == 1


async def test_g63_a_job_that_may_kill_workers_waits_too(world: World, shop: Tenant, stranger: Tenant) -> None:
    await put(world, shop, new_job("deadly"))
    for number in range(2):
        assert len(await world.claim(worker=f"dead-{number}")) == 1
        await world.advance(LEASE + timedelta(seconds=1))
    await _off(world, shop)
    await put(world, stranger, new_job("harmless"))
    assert names(await world.claim()) == ["harmless"]
    await _on(world, shop)
    (claim,) = await world.claim(worker="free")
    assert (claim.payload["name"], claim.attempt) == ("deadly", 3)


async def test_g63_a_job_that_is_put_back_by_a_paused_project_is_not_handed_out_again(
    world: World, shop: Tenant
) -> None:
    await put(world, shop, new_job())
    (claim,) = await world.claim()
    await _off(world, shop)
    assert await world.queue.put_back(claim, delay=timedelta(0), error=None, counts=False)
    assert await world.claim() == []
    await _on(world, shop)
    (again,) = await world.claim()
    assert (again.job_id, again.attempt) == (claim.job_id, 1)


async def test_g63_a_delay_is_kept_by_those_that_rest(world: World, shop: Tenant) -> None:
    await put(world, shop, new_job(delay=timedelta(minutes=5)))
    await _off(world, shop)
    await _on(world, shop)
    assert await world.claim() == []
    await world.advance(timedelta(minutes=6))
    assert len(await world.claim()) == 1


async def test_g63_callbacks_of_a_paused_project_are_stored_and_not_answered(world: World, shop: Tenant) -> None:
    await _suspend(world, shop)
    conversation = await world.conversation(shop, "quanto custa?")
    await world.advance(timedelta(minutes=1))
    assert await world.claim() == []
    await world.inbox.receive([world.said(shop, "alguém aí?")])
    await world.advance(timedelta(minutes=1))
    assert await world.claim() == []
    async with world.begin(shop.scope) as at:
        stored = await at.messages.of(shop.scope, conversation.id)
    assert [message.text for message in stored] == ["quanto custa?", "alguém aí?"]
    await _cure(world, shop)
    (claim,) = await world.claim()
    assert (claim.kind, claim.id("conversation_id")) == (TURN.name, conversation.id)


async def test_g63_a_pinned_project_is_switched_off_afterwards(world: World, shop: Tenant, stranger: Tenant) -> None:
    """Whoever has it pinned is done first, also when more of them come all the time; then nobody finds it active any more."""
    order, pinned, go_on = list[str](), asyncio.Event(), asyncio.Event()

    async def pin() -> None:
        async with world.begin(shop.scope) as at:
            assert (await at.projects.pinned(shop.scope)).is_active
            pinned.set()
            await go_on.wait()
            order.append("recorded")

    async def switch() -> None:
        await pinned.wait()
        await _off(world, shop)
        order.append("off")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(pin())
        switching = tasks.create_task(switch())
        await pinned.wait()
        await asyncio.sleep(0.05)
        assert not switching.done()
        go_on.set()
    assert order == ["recorded", "off"]
    async with world.begin(shop.scope) as at:
        assert (await at.projects.pinned(shop.scope)).status is ProjectStatus.INACTIVE
        with pytest.raises(NotFound):
            await at.projects.pinned(stranger.scope)
    async with world.begin(stranger.scope) as at:
        assert (await at.projects.pinned(stranger.scope)).is_active
    async with world.begin(shop.whole) as at:
        with pytest.raises(NotFound):
            await at.projects.pinned(shop.whole)


async def test_g63_many_pin_one_project_at_once(world: World) -> None:
    all_in, shop = asyncio.Barrier(6), await world.found("shop")

    async def pin() -> None:
        async with world.begin(shop.scope) as at:
            assert (await at.projects.pinned(shop.scope)).is_active
            await all_in.wait()

    async with asyncio.timeout(60):
        await asyncio.gather(*(pin() for _ in range(6)))


async def test_a_pinned_project_of_a_deleted_organization_is_deleted(world: World, shop: Tenant) -> None:
    await _close(world, shop)
    async with world.begin(shop.scope) as at:
        assert (await at.projects.pinned(shop.scope)).status is ProjectStatus.DELETED
    await _reopen(world, shop)
    async with world.begin(shop.scope) as at:
        assert await at.projects.pinned(shop.scope) == await at.projects.get(shop.scope)


async def test_g63_switching_while_workers_claim_loses_no_job(world: World, shop: Tenant, stranger: Tenant) -> None:
    """Jobs are put, claimed and finished while the project goes off and on: in the end each was done once."""
    done = list[str]()

    async def work(name: str) -> None:
        for _ in range(60):
            claims = await world.claim(4, worker=name)
            done.extend(names(claims))
            await world.queue.finish(claims)
            await asyncio.sleep(0)

    async def fill() -> None:
        for number in range(60):
            await put(world, shop if number % 3 else stranger, new_job(str(number)))

    async def switch() -> None:
        for _ in range(15):
            await _off(world, shop)
            await asyncio.sleep(0)
            await _on(world, shop)

    await asyncio.gather(work("one"), work("two"), work("three"), fill(), switch())
    while claims := await world.claim():
        done.extend(names(claims))
        await world.queue.finish(claims)
    assert sorted(done, key=int) == [str(number) for number in range(60)]
