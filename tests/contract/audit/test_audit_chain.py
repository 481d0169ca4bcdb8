"""The chain over the audit log: sealed in commit order by whoever is quicker, and no longer whole when a row is touched."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

import asyncpg
import pytest

from atende.core.audit.chain import START, Head, seal
from atende.core.audit.seal import SealRecords
from atende.core.audit.verify import Finding, Verdict, VerifyAudit, Wrong
from atende.core.kernel import PLATFORM, Conflict
from tests.contract.audit.test_audit import add, event
from tests.world import Tenant, World

Admin: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Touch = Callable[[Admin, UUID], Awaitable[object]]
RECORDS = 9


def verifier(world: World, *, batch: int = 4) -> VerifyAudit:
    class InBatches(VerifyAudit):
        pass

    InBatches.batch = batch
    return InBatches(chain=world.chain)


def sealer_of(world: World, *, batch: int) -> SealRecords:
    class InBatches(SealRecords):
        pass

    InBatches.batch = batch
    return InBatches(chain=world.chain)


async def verdict(world: World, who: Tenant, expected: Head | None = None) -> Verdict:
    at = who.owner.organization_id
    (found,) = await verifier(world)(at, expected=None if expected is None else {at: expected})
    return found


async def test_records_are_sealed_once_and_chained_per_organization(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    sealer = sealer_of(world, batch=3)
    assert await sealer() == 0
    for number in range(4):
        await add(world, shop.scope, event(f"shop {number}", new={"n": number, "share": 0.1, "names": ["é"]}))
        await add(world, stranger.scope, event(f"stranger {number}"))
    await add(world, PLATFORM.scope, event("platform"))
    assert await sealer() == 9
    assert await sealer() == 0
    await add(world, shop.scope, event("later"))
    assert await sealer() == 1
    links = await world.chain.sealed(shop.owner.organization_id, after_seq=0, limit=10)
    assert [one.seq for one, _ in links] == [1, 2, 3, 4, 5]
    assert [record.resource_id for _, record in links if record] == ["shop 0", "shop 1", "shop 2", "shop 3", "later"]
    assert [one.seq for one, _ in await world.chain.sealed(shop.owner.organization_id, after_seq=3, limit=1)] == [4]
    verdicts = await verifier(world)()
    assert {v.organization_id: v.head.seq for v in verdicts} == {
        shop.owner.organization_id: 5,
        stranger.owner.organization_id: 4,
        PLATFORM.organization_id: 1,
    }
    assert all(v.finding is None and v.tail.count == 0 for v in verdicts)


async def test_the_unsealed_tail_is_named(world: World, shop: Tenant) -> None:
    await add(world, shop.scope, event("sealed"))
    await SealRecords(chain=world.chain)()
    before = world.now() - timedelta(minutes=1)
    await add(world, shop.scope, event("a"), event("b"))
    found = await verdict(world, shop)
    assert (found.head.seq, found.finding, found.tail.count) == (1, None, 2)
    assert found.tail.since is not None
    assert found.tail.since > before


async def test_of_two_sealers_the_quicker_one_wins(world: World, shop: Tenant) -> None:
    await add(world, shop.scope, event("a"), event("b"))
    first, second = await world.chain.unsealed(10)
    await world.chain.append([seal(first, START)])
    with pytest.raises(Conflict):
        await world.chain.append([seal(second, START)])
    head = (await world.chain.heads([shop.owner.organization_id]))[shop.owner.organization_id]
    with pytest.raises(Conflict):
        await world.chain.append([seal(second, head), seal(first, head)])
    assert await world.chain.heads([shop.owner.organization_id]) == {shop.owner.organization_id: head}, "all or none"
    assert await SealRecords(chain=world.chain)() == 1
    assert (await verdict(world, shop)).finding is None


async def test_g90_a_clean_chain_holds_under_concurrent_writers_and_two_sealers(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    writing = True

    async def write(who: Tenant, name: str) -> None:
        for number in range(15):
            async with world.begin(who.scope) as at:
                await at.audit.add(who.scope, event(f"{name} {number}"))
                await asyncio.sleep(0)

    async def keep_sealing() -> None:
        while writing:
            await sealer_of(world, batch=7)()
            await asyncio.sleep(0)

    sealers = [asyncio.create_task(keep_sealing()) for _ in range(2)]
    await asyncio.gather(*(write(who, f"{n}") for n in range(4) for who in (shop, stranger)))
    writing = False
    await asyncio.gather(*sealers)
    await SealRecords(chain=world.chain)()
    for who in (shop, stranger):
        found = await verdict(world, who)
        assert (found.finding, found.head.seq, found.tail.count) == (None, 60, 0)


async def test_g90_a_record_that_commits_late_comes_later_in_the_chain(world: World) -> None:
    shop = await world.found("shop")
    async with world.begin(shop.scope) as slow:
        await slow.audit.add(shop.scope, event("slow"))
        await add(world, shop.scope, event("quick"))
        assert await SealRecords(chain=world.chain)() == 1
    assert await SealRecords(chain=world.chain)() == 1
    links = await world.chain.sealed(shop.owner.organization_id, after_seq=0, limit=10)
    assert [record.resource_id for _, record in links if record] == ["quick", "slow"]
    assert (await verdict(world, shop)).finding is None


async def record_at(admin: Admin, organization_id: UUID, seq: int) -> UUID:
    query = "SELECT record_id FROM audit_seal WHERE organization_id = $1 AND seq = $2"
    return UUID(str(await admin.fetchval(query, organization_id, seq)))


async def edit(admin: Admin, organization_id: UUID) -> None:
    changed = "UPDATE audit_log SET new_values = '{\"n\": 666}' WHERE id = $1"
    await admin.execute(changed, await record_at(admin, organization_id, 5))


async def change_actor(admin: Admin, organization_id: UUID) -> None:
    changed = "UPDATE audit_log SET actor_kind = 'anonymous' WHERE id = $1"
    await admin.execute(changed, await record_at(admin, organization_id, 5))


async def delete(admin: Admin, organization_id: UUID) -> None:
    await admin.execute("DELETE FROM audit_log WHERE id = $1", await record_at(admin, organization_id, 5))


async def delete_with_seal(admin: Admin, organization_id: UUID) -> None:
    gone = await record_at(admin, organization_id, 5)
    await admin.execute("DELETE FROM audit_seal WHERE record_id = $1", gone)
    await admin.execute("DELETE FROM audit_log WHERE id = $1", gone)


async def reorder(admin: Admin, organization_id: UUID) -> None:
    five, seven = [await record_at(admin, organization_id, seq) for seq in (5, 7)]
    swap = "UPDATE audit_seal SET record_id = $1 WHERE record_id = $2"
    for new, old in ((organization_id, five), (five, seven), (seven, organization_id)):
        await admin.execute(swap, new, old)


async def insert(admin: Admin, organization_id: UUID) -> None:
    """A record between two others, with a seal of its own that fits: the ones behind it move on by one."""
    row = await admin.fetchrow("SELECT * FROM audit_seal WHERE organization_id = $1 AND seq = 5", organization_id)
    assert row is not None
    numbers = "UPDATE audit_seal SET seq = seq + $2 WHERE organization_id = $1 AND seq >= $3"
    await admin.execute(numbers, organization_id, 1_000, 5)
    await admin.execute(numbers, organization_id, -999, 1_000)
    copied = "INSERT INTO audit_log SELECT (r).* FROM (SELECT (jsonb_populate_record(a, jsonb_build_object('id', $2::uuid))) AS r FROM audit_log a WHERE id = $1) made"
    await admin.execute(copied, row["record_id"], organization_id)


@pytest.mark.parametrize(
    ("touch", "wrong", "seq"),
    [
        (edit, Wrong.EDITED, 5),
        (change_actor, Wrong.EDITED, 5),
        (delete, Wrong.DELETED, 5),
        (delete_with_seal, Wrong.SEAL_MISSING, 5),
        (reorder, Wrong.REORDERED, 5),
    ],
)
async def test_g90_the_first_wrong_record_is_named(world: World, touch: Touch, wrong: Wrong, seq: int) -> None:
    shop, stranger = await world.found("shop"), await world.found("stranger")
    for who in (shop, stranger):
        await add(world, who.scope, *(event(str(n), new={"n": n}) for n in range(RECORDS)))
    await SealRecords(chain=world.chain)()
    assert (await verdict(world, shop)).finding is None
    at = shop.owner.organization_id
    named = await record_at(world.admin, at, 7 if wrong is Wrong.REORDERED else 5)
    await touch(world.admin, at)
    found = await verdict(world, shop)
    expected = Finding(wrong=wrong, seq=seq, record_id=None if wrong is Wrong.SEAL_MISSING else named)
    assert (found.finding, found.head.seq) == (expected, seq - 1)
    assert (await verdict(world, stranger)).finding is None


async def test_g90_an_inserted_record_is_named_even_with_a_seal_that_fits(world: World) -> None:
    shop = await world.found("shop")
    await add(world, shop.scope, *(event(str(n)) for n in range(RECORDS)))
    await SealRecords(chain=world.chain)()
    at = shop.owner.organization_id
    await insert(world.admin, at)
    (forged,) = await world.chain.unsealed(10)
    fourth = (await world.chain.sealed(at, after_seq=3, limit=1))[0][0]
    await world.chain.append([seal(forged, Head(fourth.seq, fourth.hash))])
    assert (await verdict(world, shop)).finding == Finding(wrong=Wrong.INSERTED, seq=5)


async def test_g90_an_end_that_was_cut_off_is_found_by_an_earlier_head(world: World) -> None:
    shop = await world.found("shop")
    await add(world, shop.scope, *(event(str(n)) for n in range(RECORDS)))
    await SealRecords(chain=world.chain)()
    head = (await verdict(world, shop)).head
    assert (await verdict(world, shop, head)).finding is None
    cut = await record_at(world.admin, shop.owner.organization_id, RECORDS)
    await world.admin.execute("DELETE FROM audit_seal WHERE record_id = $1", cut)
    await world.admin.execute("DELETE FROM audit_log WHERE id = $1", cut)
    assert (await verdict(world, shop)).finding is None, "a chain cannot know its own end"
    assert (await verdict(world, shop, head)).finding == Finding(wrong=Wrong.CUT_OFF, seq=RECORDS)
    await add(world, shop.scope, event("another end"))
    await SealRecords(chain=world.chain)()
    found = (await verdict(world, shop, head)).finding
    assert found is not None
    assert (found.wrong, found.seq) == (Wrong.REWRITTEN, RECORDS)


async def test_g90_an_organization_whose_records_are_all_gone_is_missed(world: World) -> None:
    shop = await world.found("shop")
    await add(world, shop.scope, event())
    await SealRecords(chain=world.chain)()
    at = shop.owner.organization_id
    head = (await verdict(world, shop)).head
    await world.admin.execute("DELETE FROM audit_seal; DELETE FROM audit_log")
    (found,) = await verifier(world)(expected={at: head})
    assert (found.organization_id, found.finding) == (at, Finding(wrong=Wrong.CUT_OFF, seq=1))


async def test_g90_nobody_spoils_a_chain_with_seals_out_of_place(world: World) -> None:
    """As far as the database can tell: what a hash should be, it does not know."""
    shop, stranger = await world.found("shop"), await world.found("stranger")
    ours, theirs = shop.owner.organization_id, stranger.owner.organization_id
    await add(world, shop.scope, event("a"), event("b"))
    await add(world, stranger.scope, event("c"))
    first, second = [one.id for one in await world.chain.unsealed(10) if one.organization_id == ours]
    refused: dict[str, tuple[list[UUID], list[int], list[UUID]]] = {
        "a record of another organization": ([theirs], [1], [first]),
        "no record at all": ([ours], [1], [world.ids.new()]),
        "not the next number": ([ours], [2], [first]),
        "a gap": ([ours, ours], [1, 3], [first, second]),
    }
    for why, (organizations, numbers, records) in refused.items():
        with pytest.raises(asyncpg.CheckViolationError):
            await _seal(world, organizations, numbers, records)
            pytest.fail(why)
    assert await SealRecords(chain=world.chain)() == 3
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await _seal(world, [ours], [3], [first])
    assert [found.finding for found in await verifier(world)()] == [None, None]


async def _seal(world: World, organizations: list[UUID], numbers: list[int], records: list[UUID]) -> None:
    hashes = [bytes(32) for _ in records]
    await world.pool.execute("SELECT seal_audit($1, $2, $3, $4)", organizations, numbers, records, hashes)
