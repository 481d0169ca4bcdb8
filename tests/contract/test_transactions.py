"""Transactions: all or nothing, unseen until they end, and nothing outside of them."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import asyncpg
import pytest

from atende.core.knowledge.jobs import PROCESS_DOCUMENT
from atende.core.tenancy.model import Project
from atende.core.work.model import NewJob
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world import Tenant, World

JOB = NewJob(kind=PROCESS_DOCUMENT, payload={})


class _Abort(Exception):
    pass


def _second(world: World, shop: Tenant) -> Project:
    return replace(shop.project, id=world.ids.new(), tenant_id="second", is_default=False)


async def test_what_was_written_is_there_at_the_end_or_never_was(world: World, shop: Tenant) -> None:
    second = _second(world, shop)

    async def add(error: BaseException | None) -> None:
        async with world.begin(second.owner.scope) as at:
            await at.projects.add(second)
            assert await at.projects.get(second.owner.scope) == second, "one sees what one wrote"
            if error:
                raise error

    for error in (_Abort(), asyncio.CancelledError()):
        with pytest.raises(type(error)):
            await add(error)
        assert await world.count("project") == 1
    await add(None)
    assert await world.count("project") == 2


async def test_nobody_else_sees_what_is_not_committed(world: World, shop: Tenant) -> None:
    wrote, go_on = asyncio.Event(), asyncio.Event()
    second = replace(world.account(shop.owner), external_id="new")

    async def write() -> None:
        async with world.begin(shop.scope) as at:
            await at.accounts.add(second)
            wrote.set()
            await go_on.wait()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write())
        await wrote.wait()
        assert await world.directory.named(["whatsapp"], ["new"]) == []
        assert await world.count("channel_account") == 1
        go_on.set()
    assert await world.directory.named(["whatsapp"], ["new"]) == [second]


async def test_a_unit_of_work_may_run_one_transaction_after_the_other(world: World, shop: Tenant) -> None:
    second = _second(world, shop)
    async with world.unit() as unit:
        with pytest.raises(_Abort):
            async with unit.transaction(second.owner.scope):
                await unit.projects.add(second)
                raise _Abort
        async with unit.transaction(second.owner.scope):
            await unit.projects.add(second)
        async with unit.transaction(shop.scope):
            assert await unit.projects.get(shop.scope) == shop.project
    assert await world.count("project") == 2


async def test_nothing_is_read_or_written_outside_a_transaction(world: World, shop: Tenant) -> None:
    async with world.unit() as unit:
        for action in (unit.projects.get(shop.scope), unit.projects.add(_second(world, shop))):
            with pytest.raises(Exception, match=r"(?i)outside a transaction|autobegin|begin"):
                await action
    assert await world.count("project") == 1


async def test_a_transaction_is_not_opened_in_another(world: World, shop: Tenant) -> None:
    async with world.unit() as unit, unit.transaction(shop.scope), asyncio.timeout(60):
        with pytest.raises(Exception, match="already"):
            async with unit.transaction(shop.scope):
                pass


async def test_what_was_started_inside_a_transaction_does_not_outlive_it(world: World, shop: Tenant) -> None:
    ended = asyncio.Event()
    async with world.unit() as unit:

        async def later() -> None:
            await ended.wait()
            await unit.projects.get(shop.scope)

        async with unit.transaction(shop.scope):
            task = asyncio.create_task(later())
            await asyncio.sleep(0)
        ended.set()
        with pytest.raises(Exception, match=r"(?i)outside a transaction|autobegin|begin"):
            await task


async def test_nothing_more_is_done_after_a_refusal(world: World, shop: Tenant) -> None:
    """What goes on after an error as if nothing had happened ends in an error itself."""
    taken = replace(_second(world, shop), tenant_id="shop")

    async def go_on() -> None:
        async with world.begin(shop.scope) as at:
            await at.jobs.put(shop.scope, JOB)
            with suppress(Exception):
                await at.projects.add(taken)
            await at.jobs.put(shop.scope, JOB)

    with pytest.raises(Exception, match="aborted"):
        await go_on()
    assert await world.count("job") == 0


async def test_transactions_of_one_row_wait_for_each_other(world: World, shop: Tenant) -> None:
    """Read, think, write: under the lock none of 40 is lost."""

    async def grant(number: int) -> None:
        async with world.begin(shop.whole) as at:
            ledger = await at.ledgers.lock(shop.owner.organization_id)
            await asyncio.sleep(0)
            ledger.grant(world.ids.new(), amount=1, reference=f"grant:{number}", at=world.now())
            await at.ledgers.save(ledger)

    await asyncio.gather(*(grant(number) for number in range(40)))
    async with world.begin(shop.scope) as at:
        assert (await at.ledgers.balance(shop.owner.organization_id)).available == 40


async def test_workers_are_woken_when_a_job_is_committed_and_not_before(
    world: World, shop: Tenant, database: Urls
) -> None:
    woken: list[int] = []
    listening = await asyncpg.connect(database.app)
    try:
        await listening.add_listener("atende_jobs", lambda *_: woken.append(1))
        async with world.begin(shop.scope) as at:
            await at.jobs.put(shop.scope, JOB)
            await listening.execute("SELECT 1")
            assert woken == []
        await _heard(woken, 1)
        with pytest.raises(_Abort):
            async with world.begin(shop.scope) as at:
                await at.jobs.put(shop.scope, JOB)
                raise _Abort
        async with world.begin(shop.scope) as at:
            await at.projects.get(shop.scope)
        await listening.execute("SELECT 1")
        assert woken == [1]
        await world.inbox.receive([world.said(shop)])
        await _heard(woken, 2)
    finally:
        await listening.close()


async def _heard(woken: list[int], times: int) -> None:
    async with asyncio.timeout(10):
        while len(woken) < times:
            await asyncio.sleep(0.01)
    assert len(woken) == times
