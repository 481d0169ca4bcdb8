"""A worker that lost its lease cannot write, wherever it stood when it lost it."""

import pytest

from tests.faults.support.gates import Gate
from tests.faults.support.shop import QUESTION, SECOND, Shop


def _gate(shop: Shop, point: str) -> Gate:
    if point == "sent":
        return shop.channel.gates.hold(after=True)
    if point == "sending":
        return shop.channel.gates.hold()
    return shop.model.gates.hold(after=point == "answered")


@pytest.mark.parametrize("point", ["asked", "answered", "sending", "sent"])
async def test_g33_a_zombie_writes_no_second_reply_and_no_second_entry(shop: Shop, point: str) -> None:
    gate = _gate(shop, point)
    await shop.receive(QUESTION)
    zombie, heir = await shop.worker("zombie"), await shop.worker("heir")
    await zombie.take()
    await gate.reached()
    await shop.expire_leases(zombie)
    await shop.work(heir)
    before = await _everything(shop)
    gate.open()
    await shop.idle(zombie)
    assert await _everything(shop) == before
    await shop.work(heir)
    assert await shop.broken() == {}
    assert await shop.value("SELECT count(*) FROM message WHERE sender = 'ai'") == 1
    assert await shop.value("SELECT count(*) FROM credit_entry WHERE kind = 'capture'") == 1
    assert len(shop.channel.sent) == 1, "the database was safe, and here the phone was too"


async def test_g33_a_zombie_of_many_heirs(shop: Shop) -> None:
    """The job is lost again and again; each loser comes back at the worst moment, and only the last one's work counts."""
    gates = [shop.model.gates.hold() for _ in range(4)]
    await shop.receive(QUESTION)
    zombies = []
    for number, gate in enumerate(gates[:-1]):
        zombies.append(await shop.worker(f"zombie{number}"))
        await zombies[-1].take()
        await gate.reached()
        await shop.expire_leases(zombies[-1])
    last = await shop.worker("last")
    await last.take()
    await gates[-1].reached()
    for gate, zombie in zip(gates, zombies, strict=False):
        gate.open()
        await shop.idle(zombie)
    assert shop.channel.sent == []
    gates[-1].open()
    await shop.idle(last)
    assert len(shop.channel.sent) == 1
    assert await shop.broken() == {}


async def test_g33_the_same_worker_takes_its_own_lost_job_again(shop: Shop) -> None:
    gate = shop.model.gates.hold()
    await shop.receive(QUESTION)
    worker = await shop.worker()
    await worker.take()
    await gate.reached()
    await shop.expire_leases(worker)
    (older,) = [held.task for held in worker._held.values()]
    assert await worker.take() == 1
    await shop.idle(worker)
    assert older is not None
    assert older.cancelled()
    gate.open()
    await shop.work(worker)
    assert len(shop.channel.sent) == 1
    assert await shop.broken() == {}


async def test_g33_a_job_that_hangs_on_a_lock_costs_the_others_no_lease(shop: Shop) -> None:
    """Somebody holds the organization's account: turns wait for it with their jobs locked, and the heart beats on."""
    worker = await shop.worker()
    held = shop.model.gates.hold()
    await shop.receive(QUESTION, sender="+5581999990001")
    await worker.take()
    await held.reached()
    async with shop.admin.acquire() as admin, admin.transaction():
        await admin.execute("SELECT 1 FROM credit_account FOR UPDATE")
        await shop.receive(SECOND, sender="+5581999990002")
        await worker.take()
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'atende_app'"

        async def waiting() -> bool:
            return bool(await admin.fetchval(waits))

        await shop.until(waiting, "a turn waits for the account")
        ends = "SELECT lease_until FROM job WHERE status = 'running' ORDER BY id"
        before = [row[0] for row in await admin.fetch(ends)]
        await worker._extend()
        assert await admin.fetchval(waits) == 1, "the heart did not wait for it"
        after = [row[0] for row in await admin.fetch(ends)]
    assert after[0] > before[0], "the job that hangs on nothing is extended at once"
    held.open()
    await shop.idle(worker)
    await shop.make_due()
    await shop.work()
    assert len(shop.channel.sent) == 2
    assert await shop.broken() == {}


async def _everything(shop: Shop) -> list[tuple[object, ...]]:
    rows = await shop.rows(
        "SELECT 'message', id::text, delivery, attempts FROM message UNION ALL SELECT 'entry', id::text, kind, 0 FROM credit_entry"
        " UNION ALL SELECT 'turn', id::text, state, discards FROM turn UNION ALL SELECT 'job', id::text, status, attempts FROM job"
        " ORDER BY 1, 2"
    )
    return [tuple(row) for row in rows]
