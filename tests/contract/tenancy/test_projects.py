"""Projects and their switches as they are stored."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from atende.core.identity.model import Membership, User
from atende.core.identity.permissions import Role
from atende.core.kernel import Conflict, Invalid, NotFound, Page, personal
from atende.core.tenancy.model import Feature, MemberSettings, Organization, Project, ProjectStatus, SlugTaken
from tests.world import Tenant, World

LOCK_WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def test_an_organization_is_saved_whole(world: World, shop: Tenant) -> None:
    async with world.begin(shop.whole) as at:
        found = await at.organizations.get(shop.whole, lock=True)
        changed = replace(
            found,
            name="Loja nova",
            slug="loja-nova",
            updated_at=world.now(),
            logo_url="https://shop.example/logo.png",
            settings=MemberSettings(allow_member_invites=False, default_member_role="viewer", require_approval=True),
            custom_limits={"max_projects": 9, "max_resolution": "unlimited"},
        )
        await at.organizations.save(changed)
    async with world.begin(shop.scope) as at:
        assert await at.organizations.get(shop.scope) == changed


async def test_a_slug_that_is_taken_is_refused_until_its_organization_is_deleted(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    with pytest.raises(SlugTaken):
        await _rename(world, stranger, "shop")
    await _delete(world, shop)
    await _rename(world, stranger, "shop")
    with pytest.raises(SlugTaken):
        async with world.begin(shop.whole) as at:
            gone = await at.organizations.get(shop.whole, deleted=True)
            gone.restore(world.now())
            await at.organizations.save(gone)


async def _rename(world: World, tenant: Tenant, slug: str) -> None:
    async with world.begin(tenant.whole) as at:
        await at.organizations.save(replace(await at.organizations.get(tenant.whole), slug=slug))


async def _delete(world: World, tenant: Tenant) -> Organization:
    async with world.begin(tenant.whole) as at:
        organization = await at.organizations.get(tenant.whole)
        organization.delete(world.now(), confirm=organization.slug)
        await at.organizations.save(organization)
    return organization


async def test_a_deleted_organization_is_there_for_those_who_ask_for_it(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    gone = await _delete(world, shop)
    async with world.begin(shop.whole) as at:
        with pytest.raises(NotFound):
            await at.organizations.get(shop.whole)
        assert await at.organizations.get(shop.whole, deleted=True) == gone
    async with world.begin(stranger.whole) as at:
        with pytest.raises(NotFound):
            await at.organizations.get(shop.whole, deleted=True)
        with pytest.raises(NotFound):
            await at.organizations.save(gone)


async def test_a_project_is_saved_but_for_what_never_changes(world: World, shop: Tenant, branch: Tenant) -> None:
    async with world.begin(branch.scope) as at:
        found = await at.projects.get(branch.scope, lock=True)
        changed = replace(
            found,
            name="Filial",
            description="Rua Augusta",
            configuration={"enabled_products": ["crm"], "deep": {"er": 1}},
            language="en",
            session_timeout_seconds=90,
            status=ProjectStatus.INACTIVE,
            updated_at=world.now(),
        )
        await at.projects.save(replace(changed, is_default=True, created_at=world.now() - timedelta(days=9)))
    async with world.begin(shop.whole) as at:
        assert await at.projects.get(shop.whole, branch.project.id) == changed
        assert (await at.projects.get(shop.whole)).id == shop.project.id


async def test_a_project_of_another_tenant_cannot_be_saved(world: World, shop: Tenant, stranger: Tenant) -> None:
    async with world.begin(stranger.scope) as at:
        with pytest.raises(NotFound):
            await at.projects.save(replace(shop.project, name="Mine"))
    async with world.begin(shop.scope) as at:
        assert (await at.projects.get(shop.scope)).name == "shop"


async def test_a_deleted_project_is_hidden(world: World, shop: Tenant, branch: Tenant) -> None:
    async with world.begin(branch.scope) as at:
        project = await at.projects.get(branch.scope)
        project.delete(world.now())
        await at.projects.save(project)
    async with world.begin(branch.scope) as at:
        for id_ in (None, branch.project.id):
            with pytest.raises(NotFound):
                await at.projects.get(branch.scope, id_)
        assert await at.projects.get(branch.scope, deleted=True) == project
    async with world.begin(shop.whole) as at:
        assert _ids(await at.projects.page(shop.whole, page=1, limit=9)) == [shop.project.id]
        everything = await at.projects.page(shop.whole, page=1, limit=9, deleted=True)
        assert _ids(everything) == [shop.project.id, branch.project.id]
        assert await at.projects.count(shop.whole) == 1


def _ids(page: Page[Project]) -> list[UUID]:
    return [project.id for project in page.data]


async def test_projects_come_in_pages_oldest_first(world: World, shop: Tenant, stranger: Tenant) -> None:
    made = [shop, *[await world.branch(shop, f"branch-{number}") for number in range(4)]]
    ids = [tenant.project.id for tenant in made]
    async with world.begin(shop.whole) as at:
        first = await at.projects.page(shop.whole, page=1, limit=2)
        assert (_ids(first), first.total) == (ids[:2], 5)
        assert first.next is not None
        second = await at.projects.page(shop.whole, page=1, limit=2, after=first.next)
        assert (_ids(second), second.total) == (ids[2:4], 5)
        last = await at.projects.page(shop.whole, page=1, limit=2, after=second.next)
        assert (_ids(last), last.next) == (ids[4:], None)
        assert _ids(await at.projects.page(shop.whole, page=2, limit=2)) == ids[2:4]
        behind = await at.projects.page(shop.whole, page=9, limit=2)
        assert (behind.data, behind.total, behind.next) == ([], 5, None)
        with pytest.raises(Invalid):
            await at.projects.page(shop.whole, page=1, limit=2, after="not-a-cursor")
    async with world.begin(made[2].scope) as at:
        assert _ids(await at.projects.page(made[2].scope, page=1, limit=9)) == [made[2].project.id]


async def test_a_person_sees_the_projects_of_all_their_organizations(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    third = await world.found("third")
    user_id, pending_id = world.ids.new(), world.ids.new()
    await _join(world, user_id, [shop, stranger, third])
    await _join(world, pending_id, [shop], status="pending")
    await _delete(world, third)
    async with world.begin(personal(user_id)) as at:
        page = await at.projects.page(personal(user_id), page=1, limit=9)
        assert set(_ids(page)) == {tenant.project.id for tenant in (shop, branch, stranger)}
        assert page.total == 3
        assert (await at.projects.get(personal(user_id), stranger.project.id)).tenant_id == "stranger"
        for strange in (third.project.id, world.ids.new()):
            with pytest.raises(NotFound):
                await at.projects.get(personal(user_id), strange)
    async with world.begin(personal(pending_id)) as at:
        assert (await at.projects.page(personal(pending_id), page=1, limit=9)).data == []


async def _join(world: World, user_id: UUID, tenants: list[Tenant], *, status: str = "active") -> None:
    now = world.now()
    async with world.begin(personal(user_id)) as at:
        await at.users.add(User(id=user_id, email=f"{user_id}@shop.example", created_at=now, updated_at=now))
    for tenant in tenants:
        async with world.begin(replace(tenant.whole, user_id=user_id)) as at:
            membership = Membership(
                organization_id=tenant.owner.organization_id,
                user_id=user_id,
                role=Role.ADMIN,
                created_at=now,
                updated_at=now,
            )
            await at.memberships.add(replace(membership, status=type(membership.status)(status)))


async def test_projects_are_counted_one_change_at_a_time(world: World, shop: Tenant, stranger: Tenant) -> None:
    """Many want the last place at once, and one gets it: a count stands until whoever counted is through."""

    async def make(number: int) -> bool:
        project = replace(shop.project, id=world.ids.new(), tenant_id=f"new-{number}", is_default=False)
        async with world.begin(project.owner.scope) as at:
            if await at.projects.count(project.owner.scope) >= 3:
                return False
            await at.projects.add(project)
        return True

    made = await asyncio.gather(*(make(number) for number in range(8)))
    assert sum(made) == 2
    async with world.begin(shop.whole) as at:
        assert await at.projects.count(shop.whole) == 3
    async with world.begin(stranger.scope) as at:
        assert await at.projects.count(stranger.scope) == 1


async def test_another_project_becomes_the_default(world: World, shop: Tenant, branch: Tenant) -> None:
    for scope in (branch.scope, shop.whole):
        async with world.begin(scope) as at:
            await at.projects.make_default(scope, branch.project)
        async with world.begin(shop.whole) as at:
            assert (await at.projects.get(shop.whole)).id == branch.project.id
            assert not (await at.projects.get(shop.whole, shop.project.id)).is_default
    third = replace(shop.project, id=world.ids.new(), tenant_id="third", is_default=True)
    with pytest.raises(Conflict):
        async with world.begin(third.owner.scope) as at:
            await at.projects.add(third)


async def test_there_is_one_default_also_when_two_are_wished_for_at_once(
    world: World, shop: Tenant, branch: Tenant
) -> None:
    third = await world.branch(shop, "third")

    async def wish(tenant: Tenant) -> None:
        async with world.begin(shop.whole) as at:
            await at.projects.make_default(shop.whole, tenant.project)

    await asyncio.gather(*(wish(tenant) for tenant in (branch, third, shop, third, branch)))
    async with world.begin(shop.whole) as at:
        page = await at.projects.page(shop.whole, page=1, limit=9)
    assert sum(project.is_default for project in page.data) == 1


async def test_what_is_not_ours_or_deleted_does_not_become_the_default(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    async with world.begin(branch.scope) as at:
        gone = await at.projects.get(branch.scope)
        gone.delete(world.now())
        await at.projects.save(gone)
    for project in (stranger.project, gone):
        with pytest.raises(NotFound):
            async with world.begin(shop.whole) as at:
                await at.projects.make_default(shop.whole, project)
    async with world.begin(stranger.whole) as at:
        assert (await at.projects.get(stranger.whole)).id == stranger.project.id


async def test_what_is_deleted_at_the_same_moment_does_not_become_the_default(world: World) -> None:
    shop = await world.found("shop")
    branch = await world.branch(shop, "branch")

    async def wish() -> None:
        async with world.begin(shop.whole) as at:
            await at.projects.make_default(shop.whole, branch.project)

    async with asyncio.timeout(30):
        async with world.begin(branch.scope) as at:
            gone = await at.projects.get(branch.scope, lock=True)
            gone.delete(world.now())
            await at.projects.save(gone)
            task = asyncio.create_task(wish())
            while not task.done() and not await world.admin.fetchval(LOCK_WAITS):
                await asyncio.sleep(0)
        with pytest.raises(NotFound):
            await task
    async with world.begin(shop.whole) as at:
        assert (await at.projects.get(shop.whole)).id == shop.project.id


async def test_features_are_switched_by_key(world: World, shop: Tenant, branch: Tenant) -> None:
    now = world.now()
    voice = Feature(owner=shop.owner, key="voice", enabled=True, config={"voice": "ana", "speed": 1.5}, updated_at=now)
    await _switch(world, shop, voice)
    await _switch(world, shop, Feature(owner=shop.owner, key="Z".lower() + "oom", enabled=False, updated_at=now))
    await _switch(world, branch, Feature(owner=branch.owner, key="voice", enabled=False, updated_at=now))
    await _switch(world, shop, replace(voice, enabled=False, config={}, updated_at=now + timedelta(seconds=1)))
    async with world.begin(shop.scope) as at:
        found = await at.features.all(shop.scope)
        assert [feature.key for feature in found] == ["voice", "zoom"]
        assert found[0] == replace(voice, enabled=False, config={}, updated_at=now + timedelta(seconds=1))
        await at.features.remove(shop.owner, "voice")
        with pytest.raises(NotFound):
            await at.features.remove(shop.owner, "voice")
    async with world.begin(branch.scope) as at:
        assert [feature.key for feature in await at.features.all(branch.scope)] == ["voice"]
        with pytest.raises(NotFound):
            await at.features.remove(shop.owner, "zoom")


async def _switch(world: World, tenant: Tenant, feature: Feature) -> None:
    async with world.begin(tenant.scope) as at:
        await at.features.put(feature)


async def test_features_of_another_tenant_cannot_be_written(world: World, shop: Tenant, stranger: Tenant) -> None:
    feature = Feature(owner=shop.owner, key="voice", enabled=True, updated_at=world.now())
    with pytest.raises(Exception, match=r"row-level security|another tenant"):
        await _switch(world, stranger, feature)
    async with world.begin(shop.whole) as at:
        assert await at.features.all(shop.whole) == [], "features are of one tenant: the whole organization has none"
