"""Holds that nobody resolved."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from atende.core.credits.admit import HOLD_TTL
from atende.core.credits.model import HoldResolved, HoldState
from atende.core.credits.ports import HoldsDue
from atende.core.kernel import CREDIT, TenantScope
from tests.unit.credits.fakes import NOW, ORG, OTHER_ORG, TEN, CreditFakes


@pytest.fixture
async def world() -> CreditFakes:
    world = CreditFakes()
    await world.fund(ORG, 100 * CREDIT)
    return world


async def test_g26_forgotten_holds_expire_each_in_its_own_transaction(world: CreditFakes) -> None:
    await world.fund(OTHER_ORG, 100 * CREDIT)
    forgotten = [await world.hold(reference=f"turn:{n}:1") for n in range(7)]
    abroad = await world.hold(TenantScope(OTHER_ORG, "far"), reference="turn:1:1")
    world.clock.time = NOW + HOLD_TTL - timedelta(seconds=1)
    assert await world.expire_holds() == 0
    fresh = await world.hold(reference="turn:fresh:1")
    world.clock.time = NOW + HOLD_TTL
    before = world.ledgers.committed
    assert await world.expire_holds() == 8, "also beyond one batch"
    assert world.ledgers.committed - before == 8
    assert {world.stored(hold.id).state for hold in forgotten} == {HoldState.EXPIRED}
    assert world.stored(abroad.id, OTHER_ORG).state is HoldState.EXPIRED
    assert world.stored(fresh.id).state is HoldState.HELD
    assert (await world.balance(), await world.balance(OTHER_ORG)) == ((90, 10, 0), (100, 0, 0))
    assert await world.expire_holds() == 0


async def test_g26_the_release_of_an_expired_hold_changes_nothing_and_a_late_capture_is_paid(
    world: CreditFakes,
) -> None:
    hold = await world.hold()
    world.clock.time = NOW + HOLD_TTL
    await world.expire_holds()
    assert (await world.release(hold.id)).state is HoldState.EXPIRED
    await world.capture(hold.id, 4 * CREDIT)
    assert await world.balance() == (96, 0, 4)
    with pytest.raises(HoldResolved):
        await world.release(hold.id)


async def test_g26_what_was_settled_between_the_search_and_the_lock_does_not_expire(world: CreditFakes) -> None:
    hold = await world.hold()
    world.clock.time = NOW + HOLD_TTL

    class StaleSearch(HoldsDue):
        async def due(self, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
            found = await world.ledgers.due(now, limit)
            if found:
                await world.capture(hold.id, TEN)
            return found

    assert await replace(world.expire_holds, holds=StaleSearch())() == 0
    assert await world.balance() == (90, 0, 10)


async def test_g26_accounts_that_fail_do_not_keep_the_holds_of_others(world: CreditFakes) -> None:
    holds = [await world.hold(reference=f"turn:{n}:1") for n in range(8)]
    world.ledgers.broken = {hold.id for hold in holds[:5]}
    world.clock.time = NOW + HOLD_TTL
    with pytest.raises(ExceptionGroup) as failed:
        await world.expire_holds()
    assert len(failed.value.exceptions) == 5
    assert str(holds[0].id) in failed.value.exceptions[0].__notes__[0]
    assert [world.stored(hold.id).state is HoldState.EXPIRED for hold in holds] == [False] * 5 + [True] * 3
    world.ledgers.broken = set()
    assert await world.expire_holds() == 5
