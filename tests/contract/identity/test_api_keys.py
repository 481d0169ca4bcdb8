"""API keys as they are stored: found by their digest alone while they, their organization and their project live."""

from dataclasses import replace
from datetime import timedelta

import pytest

from atende.core.identity.api_key import ApiKey
from atende.core.kernel import Conflict, Invalid, NotFound, personal
from tests.world import Tenant, World
from tests.world.persons import add_key, add_member, join, make_key

SOON = timedelta(minutes=5)


async def _found(world: World, key: ApiKey) -> ApiKey | None:
    async with world.unit() as unit:
        return await unit.api_keys.by_hash(key.secret_hash)


async def _stored(world: World, tenant: Tenant, key: ApiKey) -> ApiKey:
    async with world.begin(tenant.whole) as at:
        return await at.api_keys.get(tenant.whole, key.id)


async def test_a_live_key_is_found_whole_before_anything_else_is_known(world: World, shop: Tenant) -> None:
    ana = await add_member(world, shop, "ana")
    assert await _found(world, make_key(world, shop)) is None
    plain = await add_key(world, shop)
    narrow = await add_key(
        world,
        shop,
        project_id=shop.project.id,
        created_by=ana.id,
        hint="****abcd",
        rate_limit_per_minute=7,
        rate_limit_per_day=70,
        last_used_at=world.now(),
        expires_at=world.now() + timedelta(days=1),
    )
    assert await _found(world, plain) == plain
    assert await _found(world, narrow) == narrow
    assert await _stored(world, shop, narrow) == narrow


async def test_a_key_that_expired_or_was_revoked_is_not_found(world: World, shop: Tenant) -> None:
    expiring = await add_key(world, shop, expires_at=world.now() + SOON)
    revoked = await add_key(world, shop, revoked_at=world.now())
    assert await _found(world, revoked) is None
    assert await _found(world, expiring) is not None
    await world.advance(SOON)
    assert await _found(world, expiring) is None


async def test_a_key_of_a_deleted_organization_is_not_found(world: World, shop: Tenant) -> None:
    key = await add_key(world, shop)
    async with world.begin(shop.scope) as at:
        organization = await at.organizations.get(shop.scope)
        await at.organizations.save(replace(organization, deleted_at=world.now()))
    assert await _found(world, key) is None
    async with world.begin(shop.scope) as at:
        await at.organizations.save(organization)
    assert await _found(world, key) is not None


async def test_a_key_of_a_deleted_project_is_not_found(world: World, shop: Tenant, branch: Tenant) -> None:
    key, free = await add_key(world, shop, project_id=branch.project.id), await add_key(world, shop)
    project = replace(branch.project)
    project.delete(world.now())
    async with world.begin(branch.scope) as at:
        await at.projects.save(project)
    assert await _found(world, key) is None
    assert await _found(world, free) is not None


async def test_what_was_changed_is_stored(world: World, shop: Tenant) -> None:
    key = await add_key(world, shop)
    changed = replace(key, name="desk", scopes=["*"], rate_limit_per_minute=3, revoked_at=world.now())
    async with world.begin(shop.whole) as at:
        await at.api_keys.save(changed)
    assert await _stored(world, shop, key) == changed
    assert await _found(world, key) is None
    with pytest.raises(NotFound):
        async with world.begin(shop.whole) as at:
            await at.api_keys.save(make_key(world, shop))


async def test_keys_come_newest_first_and_nothing_made_meanwhile_moves_them(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    keys = [await add_key(world, shop) for _ in range(5)]
    await add_key(world, stranger)
    keys.append(await add_key(world, shop, revoked_at=world.now()))
    async with world.begin(shop.whole) as at:
        first = await at.api_keys.page(shop.whole, page=1, limit=2)
        assert await at.api_keys.page(shop.whole, page=3, limit=2) == replace(
            first, data=[keys[1], keys[0]], page=3, next=None
        )
    await add_key(world, shop)
    async with world.begin(shop.whole) as at:
        second = await at.api_keys.page(shop.whole, page=2, limit=2, after=first.next)
        third = await at.api_keys.page(shop.whole, page=3, limit=2, after=second.next)
        with pytest.raises(Invalid):
            await at.api_keys.page(shop.whole, page=1, limit=2, after="x")
    assert first.data + second.data + third.data == keys[::-1]
    assert (first.total, second.total, third.next) == (6, 7, None)


async def test_the_keys_that_somebody_made_are_revoked_together(world: World, shop: Tenant, stranger: Tenant) -> None:
    ana = await add_member(world, shop, "ana")
    await join(world, stranger, ana)
    mine = [await add_key(world, shop, created_by=ana.id) for _ in range(2)]
    before = await add_key(world, shop, created_by=ana.id, revoked_at=world.now() - SOON)
    kept = [await add_key(world, shop), await add_key(world, stranger, created_by=ana.id)]
    async with world.begin(shop.whole) as at:
        assert await at.api_keys.revoke_made_by(shop.whole, ana.id, world.now()) == 2
    assert [await _found(world, key) for key in mine] == [None, None]
    assert [await _found(world, key) for key in kept] == kept
    assert (await _stored(world, shop, before)).revoked_at == before.revoked_at


async def test_a_person_takes_back_what_they_made_everywhere(world: World, shop: Tenant, stranger: Tenant) -> None:
    ana, bia = await add_member(world, shop, "ana"), await add_member(world, shop, "bia")
    await join(world, stranger, ana)
    mine = [await add_key(world, place, created_by=ana.id) for place in (shop, stranger)]
    before = await add_key(world, shop, created_by=ana.id, revoked_at=world.now() - SOON)
    kept = [await add_key(world, shop), await add_key(world, shop, created_by=bia.id)]
    async with world.begin(personal(ana.id)) as at:
        assert await at.api_keys.revoke_everywhere(personal(ana.id), world.now()) == 2
    async with world.begin(shop.whole) as at:
        assert await at.api_keys.revoke_everywhere(shop.whole, world.now()) == 0, "nobody made them"
    assert [await _found(world, key) for key in mine] == [None, None]
    assert [await _found(world, key) for key in kept] == kept
    assert (await _stored(world, shop, before)).revoked_at == before.revoked_at


async def test_the_last_use_moves_forward_only(world: World, shop: Tenant, stranger: Tenant) -> None:
    ours, theirs, early = await add_key(world, shop), await add_key(world, stranger), world.now()
    late = early + SOON
    async with world.unit() as unit:
        await unit.api_keys.touch({})
        await unit.api_keys.touch({ours.id: late, theirs.id: early, world.ids.new(): late})
        await unit.api_keys.touch({ours.id: early, theirs.id: late})
    assert (await _stored(world, shop, ours)).last_used_at == late
    assert (await _stored(world, stranger, theirs)).last_used_at == late


async def test_a_digest_is_of_one_key(world: World, shop: Tenant, stranger: Tenant) -> None:
    key = await add_key(world, shop)
    with pytest.raises(Conflict):
        await add_key(world, stranger, secret_hash=key.secret_hash)


async def test_a_key_is_for_a_project_of_its_organization(world: World, shop: Tenant, stranger: Tenant) -> None:
    for project_id in (stranger.project.id, world.ids.new()):
        with pytest.raises(Conflict):
            await add_key(world, shop, project_id=project_id)


async def test_nobody_sees_or_makes_keys_of_another_organization(world: World, shop: Tenant, stranger: Tenant) -> None:
    key = await add_key(world, shop)
    async with world.begin(stranger.whole) as at:
        for scope in (stranger.whole, shop.whole):
            with pytest.raises(NotFound):
                await at.api_keys.get(scope, key.id)
            assert (await at.api_keys.page(scope, page=1, limit=9)).total == 0
        with pytest.raises(NotFound):
            await at.api_keys.save(key)
    with pytest.raises(Exception, match=r"row-level security|another tenant"):
        async with world.begin(stranger.whole) as at:
            await at.api_keys.add(make_key(world, shop))
