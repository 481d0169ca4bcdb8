"""Organizations, payers and projects as they are stored."""

import asyncio
from dataclasses import replace

import pytest

from atende.core.kernel import Conflict, NotFound
from atende.core.tenancy.found_organization import FoundOrganization
from atende.core.tenancy.model import BillingAccount, Organization, Project, ProjectStatus
from tests.world import Tenant, World, WorldClock


async def test_what_was_founded_is_read_back_whole(world: World) -> None:
    now, organization_id = world.now(), world.ids.new()
    organization = Organization(id=organization_id, name="Loja da Ana", slug="loja-da-ana", created_at=now)
    payer = BillingAccount(id=world.ids.new(), organization_id=organization_id, name="Ana", created_at=now)
    project = Project(
        id=world.ids.new(),
        organization_id=organization_id,
        tenant_id="loja-da-ana",
        billing_account_id=payer.id,
        name="Loja",
        language="es",
        status=ProjectStatus.SUSPENDED,
        session_timeout_seconds=90,
        is_default=True,
        created_at=now,
    )
    async with world.begin(project.owner.scope) as at:
        await at.organizations.add(organization, payer)
        await at.projects.add(project)
    async with world.begin(project.owner.scope) as at:
        assert await at.organizations.get(project.owner.scope) == organization
        assert await at.projects.get(project.owner.scope) == project
    assert await world.count("billing_account") == 1


async def test_a_project_is_found_by_id_by_scope_or_as_the_default(world: World, shop: Tenant, branch: Tenant) -> None:
    async with world.begin(branch.scope) as at:
        assert await at.projects.get(branch.scope) == branch.project
        assert await at.projects.get(branch.scope, branch.project.id) == branch.project
    async with world.begin(shop.whole) as at:
        assert await at.projects.get(shop.whole) == shop.project
        assert await at.projects.get(shop.whole, branch.project.id) == branch.project


async def test_names_are_taken_once(world: World, shop: Tenant) -> None:
    async with world.unit() as unit:
        found = FoundOrganization(
            organizations=unit.organizations,
            projects=unit.projects,
            transaction=unit.transaction,
            clock=WorldClock(world),
            ids=world.ids,
        )
        with pytest.raises(Conflict):
            await found(name="Another", slug="shop")
        assert (await found(name="Another", slug="another")).tenant_id == "another"
    assert await world.count("organization") == 2


async def test_a_name_that_many_want_at_once_goes_to_one(world: World) -> None:
    founded = await asyncio.gather(*(world.found("wanted") for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(one, Tenant) for one in founded) == 1
    assert sum(isinstance(one, Conflict) for one in founded) == 7
    assert await world.count("organization") == await world.count("project") == 1


async def test_a_tenant_id_is_taken_once_also_in_another_organization(world: World, shop: Tenant) -> None:
    stranger = await world.found("stranger")
    for owner in (shop, stranger):
        taken = replace(
            owner.project, id=world.ids.new(), tenant_id="shop" if owner is stranger else "stranger", is_default=False
        )
        with pytest.raises(Conflict):
            async with world.begin(taken.owner.scope) as at:
                await at.projects.add(taken)


async def test_an_organization_has_one_default_project(world: World, shop: Tenant) -> None:
    second = replace(shop.project, id=world.ids.new(), tenant_id="second")
    with pytest.raises(Conflict):
        async with world.begin(second.owner.scope) as at:
            await at.projects.add(second)


async def test_a_project_is_paid_for_by_its_own_organization(world: World, shop: Tenant, stranger: Tenant) -> None:
    for payer in (stranger.project.billing_account_id, world.ids.new()):
        project = replace(
            shop.project, id=world.ids.new(), tenant_id="free", is_default=False, billing_account_id=payer
        )
        with pytest.raises(Conflict):
            async with world.begin(project.owner.scope) as at:
                await at.projects.add(project)


async def test_others_see_nothing(world: World, shop: Tenant, branch: Tenant, stranger: Tenant) -> None:
    for scope in (stranger.scope, stranger.whole):
        async with world.begin(scope) as at:
            with pytest.raises(NotFound):
                await at.organizations.get(shop.scope)
            for asked, project_id in ((shop.scope, None), (shop.scope, shop.project.id), (scope, shop.project.id)):
                with pytest.raises(NotFound):
                    await at.projects.get(asked, project_id)
    async with world.begin(branch.scope) as at:
        assert (await at.organizations.get(branch.scope)).slug == "shop"
        for asked, project_id in ((shop.scope, None), (branch.scope, shop.project.id), (branch.whole, shop.project.id)):
            with pytest.raises(NotFound):
                await at.projects.get(asked, project_id)
    with pytest.raises(Exception, match=r"row-level security|another tenant"):
        async with world.begin(stranger.scope) as at:
            await at.projects.add(replace(shop.project, id=world.ids.new(), tenant_id="sly", is_default=False))
