"""Customers' keys at AI providers as they are stored and used: one for each provider, of their organization alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from atende.core.identity.keys.provider_keys import AiProvider, ProviderKey, ProviderSecret, Verdict
from atende.core.kernel import Conflict, NotFound, TenantScope
from atende.outbound.postgres.identity.provider_keys import PostgresProviderKeyRing
from tests.world import CIPHER, Tenant, World

OPENAI, FREEPIK, REPLICATE = AiProvider.OPENAI, AiProvider.FREEPIK, AiProvider.REPLICATE
SECRET = ProviderSecret("sk-customer-0001")
OTHER = ProviderSecret("sk-customer-0002")


def _key(world: World, tenant: Tenant, provider: AiProvider = OPENAI, **more: object) -> ProviderKey:
    return ProviderKey(
        id=world.ids.new(),
        organization_id=tenant.owner.organization_id,
        provider=provider,
        key_hint=SECRET.hint,
        created_at=world.now(),
        updated_at=world.now(),
        **more,  # type: ignore[arg-type]
    )


async def _add(
    world: World, tenant: Tenant, key: ProviderKey, secret: ProviderSecret = SECRET, *, by: TenantScope | None = None
) -> None:
    async with world.begin(by or tenant.whole) as at:
        await at.provider_keys.add(key, secret)


async def _read(world: World, tenant: Tenant, provider: AiProvider = OPENAI) -> tuple[ProviderKey, ProviderSecret]:
    async with world.begin(tenant.whole) as at:
        return await at.provider_keys.get(tenant.whole, provider), await at.provider_keys.secret(tenant.whole, provider)


async def test_what_was_added_is_read_back_whole(world: World, shop: Tenant) -> None:
    key = _key(world, shop, is_active=False, is_valid=False, last_validated_at=world.now(), validation_error="no")
    await _add(world, shop, key)
    assert await _read(world, shop) == (key, SECRET)
    async with world.begin(shop.whole) as at:
        for call in (at.provider_keys.get, at.provider_keys.secret, at.provider_keys.remove):
            with pytest.raises(NotFound):
                await call(shop.whole, FREEPIK)


async def test_there_is_one_for_each_provider(world: World, shop: Tenant, stranger: Tenant) -> None:
    await _add(world, shop, _key(world, shop))
    with pytest.raises(Conflict):
        await _add(world, shop, _key(world, shop))
    await _add(world, shop, _key(world, shop, FREEPIK))
    await _add(world, stranger, _key(world, stranger))


async def test_saving_changes_the_state_and_on_demand_the_secret_and_never_the_counters(
    world: World, shop: Tenant
) -> None:
    key = _key(world, shop)
    await _add(world, shop, key)
    assert await world.ring().resolve(shop.owner.organization_id, OPENAI) == SECRET
    key.judged(Verdict(valid=True), world.now())
    async with world.begin(shop.whole) as at:
        await at.provider_keys.save(key)
    found, secret = await _read(world, shop)
    assert (secret, found.last_validated_at) == (SECRET, key.last_validated_at)
    assert found.total_requests == 1
    assert found.last_used_at is not None
    key.replace(OTHER, world.now())
    async with world.begin(shop.whole) as at:
        await at.provider_keys.save(key, OTHER)
    found, secret = await _read(world, shop)
    assert (secret, found.last_validated_at, found.key_hint) == (OTHER, None, "****0002")
    assert found.total_requests == 1


async def test_a_removed_key_is_gone(world: World, shop: Tenant) -> None:
    await _add(world, shop, _key(world, shop))
    async with world.begin(shop.whole) as at:
        await at.provider_keys.remove(shop.whole, OPENAI)
    with pytest.raises(NotFound):
        await _read(world, shop)
    assert await world.ring().resolve(shop.owner.organization_id, OPENAI) is None
    assert await world.count("provider_key") == 0


async def test_the_list_is_by_provider_in_pages(world: World, shop: Tenant, stranger: Tenant) -> None:
    for provider in (REPLICATE, FREEPIK, OPENAI):
        await _add(world, shop, _key(world, shop, provider))
    await _add(world, stranger, _key(world, stranger))
    async with world.begin(shop.whole) as at:
        first = await at.provider_keys.page(shop.whole, page=1, limit=2)
        second = await at.provider_keys.page(shop.whole, page=2, limit=2)
        after = await at.provider_keys.page(shop.whole, page=1, limit=2, after=first.next)
    assert [key.provider for key in first.data] == [FREEPIK, OPENAI]
    assert [key.provider for key in second.data] == [key.provider for key in after.data] == [REPLICATE]
    assert (first.total, second.next, after.next) == (3, None, None)


async def test_another_organization_sees_and_adds_nothing(world: World, shop: Tenant, stranger: Tenant) -> None:
    key = _key(world, shop)
    await _add(world, shop, key)
    for asked in (stranger.whole, shop.whole):
        async with world.begin(stranger.whole) as at:
            for call in (at.provider_keys.get, at.provider_keys.secret, at.provider_keys.remove):
                with pytest.raises(NotFound):
                    await call(asked, OPENAI)
            assert (await at.provider_keys.page(asked, page=1, limit=10)).data == []
    assert await world.ring().resolve(stranger.owner.organization_id, OPENAI) is None
    with pytest.raises(Exception, match=r"row-level security|another tenant"):
        await _add(world, shop, _key(world, shop, FREEPIK), by=stranger.whole)
    assert (await _read(world, shop))[1] == SECRET


async def test_only_an_active_and_valid_key_is_used_and_each_use_is_counted(world: World, shop: Tenant) -> None:
    organization, ring = shop.owner.organization_id, world.ring()
    assert await ring.resolve(organization, OPENAI) is None
    key = _key(world, shop)
    await _add(world, shop, key)
    assert [await world.ring().resolve(organization, OPENAI) for _ in range(3)] == [SECRET] * 3
    assert (await _read(world, shop))[0].total_requests == 3
    for changed in (replace(key, is_active=False), replace(key, is_valid=False)):
        async with world.begin(shop.whole) as at:
            await at.provider_keys.save(changed)
        assert await world.ring().resolve(organization, OPENAI) is None
    assert (await _read(world, shop))[0].total_requests == 3


async def test_a_key_that_was_refused_is_not_used_again(world: World, shop: Tenant) -> None:
    organization, ring = shop.owner.organization_id, world.ring()
    await _add(world, shop, _key(world, shop))
    assert await ring.resolve(organization, OPENAI) == SECRET
    await ring.refused(organization, OPENAI, OTHER)
    assert await ring.resolve(organization, OPENAI) == SECRET
    await ring.refused(organization, OPENAI, SECRET)
    assert await ring.resolve(organization, OPENAI) is None
    found, _ = await _read(world, shop)
    assert (found.is_valid, found.validation_error) == (False, "the provider refused this key when it was used")
    assert found.last_validated_at is not None


async def test_a_ring_that_is_full_forgets_no_use(world: World) -> None:
    shop, time = await world.found("shop"), [100.0]
    organization = shop.owner.organization_id
    for provider in (OPENAI, FREEPIK):
        await _add(world, shop, _key(world, shop, provider))
    ring = PostgresProviderKeyRing(world.pool, CIPHER, now=lambda: time[0], most=1)
    for provider in (OPENAI, OPENAI, FREEPIK, OPENAI):
        assert await ring.resolve(organization, provider) == SECRET
    assert (await _read(world, shop))[0].total_requests == 3


async def test_what_was_looked_up_is_used_for_five_seconds_and_counted_after_them(world: World) -> None:
    shop, time = await world.found("shop"), [100.0]
    organization = shop.owner.organization_id
    ring = PostgresProviderKeyRing(world.pool, CIPHER, now=lambda: time[0])
    key = _key(world, shop)
    await _add(world, shop, key)
    for _ in range(4):
        assert await ring.resolve(organization, OPENAI) == SECRET
    assert (await _read(world, shop))[0].total_requests == 1
    async with world.begin(shop.whole) as at:
        key.replace(OTHER, world.now())
        await at.provider_keys.save(key, OTHER)
    time[0] += 4.9
    assert await ring.resolve(organization, OPENAI) == SECRET
    time[0] += 0.2
    assert await ring.resolve(organization, OPENAI) == OTHER
    assert (await _read(world, shop))[0].total_requests == 6
    assert await ring.resolve(organization, OPENAI) == OTHER
    await ring.close()
    found, _ = await _read(world, shop)
    assert found.total_requests == 7
    assert found.last_used_at is not None
    assert found.last_used_at > found.created_at - timedelta(seconds=1)
