"""Connected numbers as they are stored: one customer each, found by name before the tenant is known, their secrets sealed."""

from dataclasses import replace

import pytest

from atende.core.conversation.channel import ChannelAccount
from atende.core.kernel import Conflict, Invalid, NotFound
from tests.world import Tenant, World


async def _add(world: World, tenant: Tenant, account: ChannelAccount) -> None:
    async with world.begin(tenant.scope) as at:
        await at.accounts.add(account)


async def test_what_was_added_is_read_back_whole(world: World, shop: Tenant) -> None:
    account = replace(world.account(shop.owner, "sms"), is_active=False)
    await _add(world, shop, account)
    async with world.begin(shop.scope) as at:
        assert await at.accounts.get(shop.scope, account.id) == account
        assert (await at.accounts.get(shop.scope, account.id)).secrets.access == "access"
        with pytest.raises(NotFound):
            await at.accounts.get(shop.scope, world.ids.new())


async def test_g12_a_number_belongs_to_one_customer(world: World, shop: Tenant, stranger: Tenant) -> None:
    taken = replace(world.account(stranger.owner), external_id=shop.account.external_id)
    with pytest.raises(Conflict):
        await _add(world, stranger, taken)
    with pytest.raises(Conflict):
        await _add(world, shop, replace(taken, id=world.ids.new(), owner=shop.owner))
    await _add(world, stranger, replace(taken, kind="sms"))


async def test_accounts_are_found_by_number_or_by_provider_account(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    same = replace(world.account(stranger.owner), provider_account=shop.account.provider_account)
    silent = replace(world.account(shop.owner), provider_account=shop.account.provider_account, is_active=False)
    sms = replace(world.account(shop.owner, "sms"), provider_account=shop.account.provider_account)
    for tenant, account in ((stranger, same), (shop, silent), (shop, sms)):
        await _add(world, tenant, account)

    async def named(kinds: list[str], *names: str) -> set[object]:
        return {found.id for found in await world.directory.named(kinds, names)}

    kinds = ["whatsapp"]
    assert await world.directory.named(kinds, [shop.account.external_id]) == [shop.account]
    assert await named(kinds, shop.account.provider_account) == {shop.account.id, same.id}
    assert await named(["sms", "whatsapp"], shop.account.provider_account) == {shop.account.id, same.id, sms.id}
    assert await named(kinds, stranger.account.external_id, shop.account.external_id) == {
        stranger.account.id,
        shop.account.id,
    }
    assert await named(kinds, silent.external_id) == set()
    assert await named(["sms"], shop.account.external_id) == set()
    assert await named([], shop.account.external_id) == await named(kinds) == set()


async def test_an_account_answers_with_an_agent_of_its_tenant(world: World, shop: Tenant) -> None:
    with pytest.raises(Conflict):
        await _add(world, shop, replace(world.account(shop.owner), agent_id=world.ids.new()))


async def test_another_tenant_sees_and_adds_nothing(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    for scope in (branch.scope, stranger.scope, stranger.whole):
        async with world.begin(scope) as at:
            for asked in (scope, shop.scope):
                with pytest.raises(NotFound):
                    await at.accounts.get(asked, shop.account.id)
    for tenant in (branch, stranger):
        with pytest.raises(Exception, match=r"row-level security|another tenant"):
            await _add(world, tenant, world.account(shop.owner))


async def test_g72_secrets_are_stored_sealed_and_open_in_their_own_row_only(world: World) -> None:
    shop, stranger = await world.found("shop"), await world.found("stranger")
    sealed = [row["secrets"] for row in await world.admin.fetch("SELECT secrets FROM channel_account")]
    assert not any(word in blob for blob in sealed for word in (b"signing", b"access"))
    await world.admin.execute(
        "UPDATE channel_account SET secrets = (SELECT secrets FROM channel_account WHERE id = $1) WHERE id = $2",
        stranger.account.id,
        shop.account.id,
    )
    with pytest.raises(Invalid):
        await world.directory.named(["whatsapp"], [shop.account.external_id])
    with pytest.raises(Invalid):
        async with world.begin(shop.scope) as at:
            await at.accounts.get(shop.scope, shop.account.id)
