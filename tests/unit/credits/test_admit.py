"""Admission: price, hold and settlement as the use cases of other rooms call them."""

import pytest

from atende.core.credits.admit import HOLD_TTL
from atende.core.credits.model import (
    CaptureTooLarge,
    HoldNotFound,
    HoldResolved,
    HoldState,
    ReferenceReused,
    RefundTooLarge,
)
from atende.core.credits.price import PriceNotFound
from atende.core.kernel import ALL_TENANTS, CREDIT, Credits, InsufficientCredits, Invalid, TenantScope
from tests.unit.credits.fakes import NOW, ORG, OTHER_ORG, OTHER_SHOP, SHOP, TEN, CreditFakes


@pytest.fixture
async def world() -> CreditFakes:
    world = CreditFakes()
    await world.fund(ORG, 100 * CREDIT)
    return world


async def test_cost_comes_from_the_price_of_the_model(world: CreditFakes) -> None:
    assert await world.admit.cost("openai", "gpt-4o", "chat", tokens=2_500) == 1_500_000
    assert await world.admit.cost("freepik", "mystic", "generate", quantity=2, resolution="1024x1024") == 4 * CREDIT
    assert await world.admit.cost("replicate", "kling-1.5", "generate", seconds=4.5) == 50 * CREDIT
    with pytest.raises(PriceNotFound):
        await world.admit.cost("openai", "gpt-9", "chat", tokens=1)


async def test_work_is_held_captured_and_the_rest_is_free_again(world: CreditFakes) -> None:
    hold = await world.hold()
    assert (hold.state, hold.tenant_id, hold.expires_at) == (HoldState.HELD, "shop", NOW + HOLD_TTL)
    assert await world.balance() == (90, 10, 0)
    entry = await world.capture(hold.id, 4 * CREDIT)
    assert (entry.tenant_id, entry.reference) == ("shop", f"hold:{hold.id}")
    assert await world.balance() == (96, 0, 4)
    assert [str(entry.kind) for entry in world.ledgers.state.entries] == ["grant", "hold", "capture", "release"]
    assert world.stored(hold.id).state is HoldState.CAPTURED


async def test_g23_every_step_may_be_repeated(world: CreditFakes) -> None:
    hold = await world.hold()
    for _ in range(2):
        assert await world.hold() == hold
    for _ in range(3):
        await world.capture(hold.id, 4 * CREDIT)
    for _ in range(3):
        await world.refund(hold.id, 1 * CREDIT)
    released = await world.hold(reference="turn:2:1")
    for _ in range(3):
        assert (await world.release(released.id)).state is HoldState.RELEASED
    assert await world.balance() == (97, 0, 3)
    assert len(world.ledgers.state.entries) == 7
    assert (await world.hold()).state is HoldState.CAPTURED, "a replayed hold is shown as it stands"


async def test_g23_a_reference_used_for_something_else_is_refused(world: CreditFakes) -> None:
    hold = await world.hold()
    with pytest.raises(ReferenceReused):
        await world.hold(amount=Credits(TEN + 1))
    await world.capture(hold.id, 4 * CREDIT)
    with pytest.raises(ReferenceReused):
        await world.capture(hold.id, 5 * CREDIT)
    await world.refund(hold.id, 1 * CREDIT)
    with pytest.raises(ReferenceReused):
        await world.refund(hold.id, 2 * CREDIT)
    assert await world.balance() == (97, 0, 3)


async def test_g22_no_hold_beyond_the_balance(world: CreditFakes) -> None:
    for n in range(10):
        await world.hold(reference=f"turn:{n}:1")
    with pytest.raises(InsufficientCredits):
        await world.hold(amount=Credits(1), reference="turn:10:1")
    with pytest.raises(InsufficientCredits):
        await world.hold(TenantScope(OTHER_ORG, "new"), reference="turn:11:1")
    assert await world.balance() == (0, 100, 0)


async def test_nothing_cannot_be_held_or_captured(world: CreditFakes) -> None:
    with pytest.raises(Invalid):
        await world.hold(amount=Credits(0))
    hold = await world.hold()
    with pytest.raises(Invalid):
        await world.capture(hold.id, 0)
    assert (await world.release(hold.id)).state is HoldState.RELEASED
    assert await world.balance() == (100, 0, 0)


async def test_g26_hold_is_settled_once(world: CreditFakes) -> None:
    captured, released = await world.hold(), await world.hold(reference="turn:2:1")
    with pytest.raises(CaptureTooLarge):
        await world.capture(captured.id, TEN + 1)
    await world.capture(captured.id, TEN)
    await world.release(released.id)
    with pytest.raises(HoldResolved):
        await world.release(captured.id)
    with pytest.raises(HoldResolved):
        await world.capture(released.id, TEN)
    with pytest.raises(RefundTooLarge):
        await world.refund(captured.id, TEN + 1)
    assert await world.balance() == (90, 0, 10)


async def test_a_hold_of_another_tenant_is_not_found(world: CreditFakes) -> None:
    hold = await world.hold()
    whole = await world.hold(TenantScope(ORG), reference="audit:1")
    assert whole.tenant_id is None
    for scope in (OTHER_SHOP, TenantScope(OTHER_ORG, "shop"), TenantScope(OTHER_ORG, ALL_TENANTS)):
        for step in (
            world.capture(hold.id, 1, scope),
            world.release(hold.id, scope),
            world.refund(hold.id, 1, "r", scope),
        ):
            with pytest.raises(HoldNotFound):
                await step
    with pytest.raises(HoldNotFound):
        await world.release(whole.id, SHOP)
    assert await world.balance() == (80, 20, 0)
    await world.release(hold.id, TenantScope(ORG))
