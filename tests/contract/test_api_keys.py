"""API keys as they are stored: found by their digest alone while they live."""

from dataclasses import replace
from datetime import timedelta

import pytest

from atende.core.identity.model import ApiKey, api_key_hash, api_key_text
from atende.core.kernel import Conflict
from tests.contract.world import Tenant, World


def _key(world: World, tenant: Tenant, **more: object) -> ApiKey:
    text = api_key_text(tenant.owner.organization_id, world.number() << 150)
    return ApiKey(
        id=world.ids.new(),
        organization_id=tenant.owner.organization_id,
        name="till",
        prefix=text[:12],
        secret_hash=api_key_hash(text),
        scopes=["documents:read", "rag:query"],
        created_at=world.now(),
        **more,  # type: ignore[arg-type]
    )


async def _add(world: World, tenant: Tenant, key: ApiKey) -> None:
    async with world.begin(tenant.scope) as at:
        await at.api_keys.add(key)


async def _found(world: World, key: ApiKey) -> ApiKey | None:
    async with world.unit() as unit:
        return await unit.api_keys.by_hash(key.secret_hash)


async def test_a_live_key_is_found_whole_before_anything_else_is_known(world: World, shop: Tenant) -> None:
    plain = _key(world, shop)
    narrow = _key(world, shop, project_id=shop.project.id, expires_at=world.now() + timedelta(days=1))
    for key in (plain, narrow):
        assert await _found(world, key) is None
        await _add(world, shop, key)
    assert await _found(world, plain) == plain
    assert await _found(world, narrow) == narrow


async def test_a_key_that_expired_or_was_revoked_is_not_found(world: World, shop: Tenant) -> None:
    expiring = _key(world, shop, expires_at=world.now() + timedelta(minutes=5))
    revoked = _key(world, shop, revoked_at=world.now())
    for key in (expiring, revoked):
        await _add(world, shop, key)
    assert await _found(world, revoked) is None
    assert await _found(world, expiring) is not None
    await world.advance(timedelta(minutes=6))
    assert await _found(world, expiring) is None


async def test_a_digest_is_of_one_key(world: World, shop: Tenant, stranger: Tenant) -> None:
    key = _key(world, shop)
    await _add(world, shop, key)
    twin = replace(key, id=world.ids.new(), organization_id=stranger.owner.organization_id)
    with pytest.raises(Conflict):
        await _add(world, stranger, twin)


async def test_a_key_is_for_a_project_of_its_organization(world: World, shop: Tenant, stranger: Tenant) -> None:
    for project_id in (stranger.project.id, world.ids.new()):
        with pytest.raises(Conflict):
            await _add(world, shop, _key(world, shop, project_id=project_id))


async def test_nobody_makes_keys_for_another_organization(world: World, shop: Tenant, stranger: Tenant) -> None:
    key = _key(world, shop)
    with pytest.raises(Exception, match=r"row-level security|another tenant"):
        await _add(world, stranger, key)
    assert await _found(world, key) is None
