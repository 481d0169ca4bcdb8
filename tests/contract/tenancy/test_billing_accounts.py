"""Billing accounts as they are stored, and the projects that are paused with them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from atende.core.kernel import PLATFORM, NotFound
from atende.core.tenancy.model import PaymentStatus, ProjectStatus
from tests.world import Tenant, World


async def status_of(world: World, tenant: Tenant) -> ProjectStatus:
    async with world.begin(tenant.scope) as at:
        return (await at.projects.get(tenant.scope, deleted=True)).status


async def rest(world: World, tenant: Tenant, *, rests: bool) -> int:
    async with world.begin(tenant.whole) as at:
        id_ = tenant.project.billing_account_id
        return await at.billing_accounts.suspend_projects(tenant.whole, id_, suspend=rests, now=world.now())


async def test_a_payer_is_found_changed_and_read_back(world: World, shop: Tenant) -> None:
    async with world.unit() as unit:
        assert await unit.billing_accounts.home(shop.project.billing_account_id) == shop.owner.organization_id
        for unknown in (world.ids.new(), PLATFORM.organization_id):
            with pytest.raises(NotFound):
                await unit.billing_accounts.home(unknown)
    now = world.now().replace(microsecond=0)
    async with world.begin(shop.whole) as at:
        account = await at.billing_accounts.get(shop.whole, shop.project.billing_account_id)
        assert account.payment_status is PaymentStatus.PENDING
        account.suspend(now, "unpaid")
        await at.billing_accounts.save(account)
    async with world.begin(shop.whole) as at:
        assert await at.billing_accounts.get(shop.whole, account.id) == account
    assert account.suspended_at == now


async def test_projects_are_paused_and_active_with_their_billing_account(
    world: World, shop: Tenant, branch: Tenant
) -> None:
    stranger = await world.found("stranger")
    gone = await world.branch(shop, "gone")
    async with world.begin(branch.scope) as at:
        await at.projects.save(replace(branch.project, status=ProjectStatus.INACTIVE))
    async with world.begin(gone.scope) as at:
        deleted = replace(gone.project, status=ProjectStatus.DELETED, deleted_at=world.now() - timedelta(days=1))
        await at.projects.save(deleted)
    assert [await rest(world, shop, rests=True) for _ in range(2)] == [2, 0]
    found = [await status_of(world, tenant) for tenant in (shop, branch, gone, stranger)]
    assert found == ["suspended", "suspended", "deleted", "active"]
    assert [await rest(world, shop, rests=False) for _ in range(2)] == [2, 0]
    found = [await status_of(world, tenant) for tenant in (shop, branch, gone, stranger)]
    assert found == ["active", "active", "deleted", "active"]


async def test_a_payer_is_changed_by_one_at_a_time(world: World) -> None:
    shop = await world.found()
    id_ = shop.project.billing_account_id

    async def look() -> str | None:
        async with world.begin(shop.whole) as at:
            return (await at.billing_accounts.get(shop.whole, id_)).suspension_reason

    async with world.begin(shop.whole) as at:
        account = await at.billing_accounts.get(shop.whole, id_)
        looking = asyncio.create_task(look())
        done, _ = await asyncio.wait({looking}, timeout=0.3)
        assert not done, "the other one waits until this one is done"
        account.suspend(world.now(), "unpaid")
        await at.billing_accounts.save(account)
    assert await looking == "unpaid"


async def test_others_see_no_payer_and_move_no_project(world: World, shop: Tenant, stranger: Tenant) -> None:
    id_ = shop.project.billing_account_id
    async with world.begin(shop.whole) as at:
        account = await at.billing_accounts.get(shop.whole, id_)
    async with world.begin(stranger.whole) as at:
        for scope in (stranger.whole, shop.whole):
            with pytest.raises(NotFound):
                await at.billing_accounts.get(scope, id_)
        with pytest.raises(NotFound):
            await at.billing_accounts.save(account)
        assert await at.billing_accounts.suspend_projects(shop.whole, id_, suspend=True, now=world.now()) == 0
    assert await status_of(world, shop) is ProjectStatus.ACTIVE
