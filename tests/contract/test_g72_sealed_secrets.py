"""Guarantee 72: a sealed secret is of no use out of its place, and its key can be changed while everything goes on."""

import asyncio
import random

import asyncpg
import pytest

from atende.core.conversation.channel import ChannelAccount
from atende.core.identity.keys.provider_keys import AiProvider, ProviderKey, ProviderSecret
from atende.core.kernel import Invalid
from atende.core.tenancy.rotate_secrets import Rotated, RotateSecrets
from atende.outbound.postgres.conversation.channel_accounts import PostgresChannelDirectory
from atende.outbound.postgres.identity.provider_keys import PostgresProviderKeyRing, PostgresProviderKeys
from atende.outbound.postgres.identity.sealed_secrets import PostgresSealedSecrets
from atende.outbound.postgres.transaction import PostgresTransaction
from atende.outbound.postgres.unit import Unit
from atende.outbound.security.cipher import AesGcmCipher, sealed_bytes, sealed_text
from tests.figures import LONG_RUN, figure
from tests.world import CIPHER, Tenant, World

PROVIDERS = (AiProvider.OPENAI, AiProvider.REPLICATE)
OLD, NEW = bytes(range(32)), bytes(range(32, 64))
BOTH = AesGcmCipher({1: OLD, 2: NEW})
NEW_ONLY = AesGcmCipher({2: NEW})


async def _keep(world: World, tenant: Tenant, provider: AiProvider) -> ProviderSecret:
    secret = ProviderSecret(f"sk-plain-{tenant.owner.tenant_id}-{provider}")
    key = ProviderKey(
        id=world.ids.new(),
        organization_id=tenant.owner.organization_id,
        provider=provider,
        key_hint=secret.hint,
        created_at=world.now(),
        updated_at=world.now(),
    )
    async with world.begin(tenant.whole) as at:
        await at.provider_keys.add(key, secret)
    return secret


async def _tenants(world: World) -> tuple[Tenant, Tenant, dict[tuple[str, AiProvider], ProviderSecret]]:
    shop, stranger = await world.found("shop"), await world.found("stranger")
    kept = {
        (tenant.owner.tenant_id, provider): await _keep(world, tenant, provider)
        for tenant in (shop, stranger)
        for provider in PROVIDERS
    }
    return shop, stranger, kept


async def _open(world: World, tenant: Tenant, provider: AiProvider, cipher: AesGcmCipher = CIPHER) -> ProviderSecret:
    unit = Unit(world.engine)
    async with PostgresTransaction(unit)(tenant.whole):
        return await PostgresProviderKeys(unit.session, cipher).secret(tenant.whole, provider)


async def test_g72_ciphertexts_that_change_places_never_open(world: World) -> None:
    shop, stranger, kept = await _tenants(world)
    places = [(tenant, provider) for tenant in (shop, stranger) for provider in PROVIDERS]
    sealed = {
        (row["organization_id"], row["provider"]): row["encrypted_key"]
        for row in await world.admin.fetch("SELECT * FROM provider_key")
    }
    tried = 0
    for tenant, provider in places:
        here = (tenant.owner.organization_id, str(provider))
        assert await _open(world, tenant, provider) == kept[tenant.owner.tenant_id, provider]
        for there, foreign in sealed.items():
            if there == here:
                continue
            await world.admin.execute(
                "UPDATE provider_key SET encrypted_key = $3 WHERE organization_id = $1 AND provider = $2",
                *here,
                foreign,
            )
            with pytest.raises(Invalid):
                await _open(world, tenant, provider)
            with pytest.raises(Invalid):
                await world.ring().resolve(tenant.owner.organization_id, provider)
            tried += 1
        await world.admin.execute(
            "UPDATE provider_key SET encrypted_key = $3 WHERE organization_id = $1 AND provider = $2",
            *here,
            sealed[here],
        )
    assert tried == 12


def test_g72_a_thousand_flipped_bits_are_noticed() -> None:
    place, chosen = "provider_key/1/openai", random.Random(72)
    sealed = CIPHER.seal(b"sk-" + chosen.randbytes(200), place=place)
    for position in chosen.sample(range(len(sealed) * 8), 1_000):
        flipped = bytearray(sealed)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(Invalid):
            CIPHER.open(sealed_bytes(sealed_text(bytes(flipped))) if flipped[0] else bytes(flipped), place=place)


@LONG_RUN
def test_g72_nonces_do_not_repeat() -> None:
    many = figure(10_000, full=1_000_000)
    assert len({CIPHER.seal(b"k", place="p")[1:13] for _ in range(many)}) == many


def test_g72_the_text_form_says_version_nonce_tag_and_ciphertext() -> None:
    text = sealed_text(BOTH.seal(b"sk-0123456789", place="p"))
    version, nonce, tag, rest = text.split(":")
    assert (version, len(nonce), len(tag), len(rest)) == ("v2", 24, 32, 26)
    assert BOTH.open(sealed_bytes(text), place="p") == b"sk-0123456789"
    for wrong in ("", "v2", text[:-1], text + "0", text.upper(), text.replace("v2", "v0"), text.replace("v2", "v999")):
        with pytest.raises(Invalid):
            BOTH.open(sealed_bytes(wrong), place="p")


async def test_g72_what_is_stored_holds_no_clear_key(world: World) -> None:
    _, _, kept = await _tenants(world)
    stored = "\n".join(str(dict(row)) for row in await world.admin.fetch("SELECT * FROM provider_key"))
    for secret in kept.values():
        assert secret.text not in stored
        assert secret.text.encode().hex() not in stored
    assert "v1:" in stored


async def test_g72_the_key_is_rotated_while_secrets_are_read(world: World) -> None:
    shop, stranger, kept = await _tenants(world)
    directory, ring = PostgresChannelDirectory(world.pool, BOTH), PostgresProviderKeyRing(world.pool, BOTH)
    done, reads = asyncio.Event(), 0

    async def read() -> None:
        nonlocal reads
        while not done.is_set():
            for tenant in (shop, stranger):
                (account,) = await directory.named(["whatsapp"], [tenant.account.external_id])
                assert account == tenant.account
                for provider in PROVIDERS:
                    assert await _open(world, tenant, provider, BOTH) == kept[tenant.owner.tenant_id, provider]
                    found = await ring.resolve(tenant.owner.organization_id, provider)
                    assert found == kept[tenant.owner.tenant_id, provider]
            reads += 1

    rotate = RotateSecrets(sealed=PostgresSealedSecrets(world.pool, BOTH))
    async with asyncio.TaskGroup() as group:
        group.create_task(read())
        group.create_task(read())
        assert await rotate() == Rotated(6, ())
        before = reads
        while reads < before + 3:
            await asyncio.sleep(0)
        done.set()
    assert await rotate() == Rotated(0, ())
    await _only_the_new_key_is_needed(world, (shop, stranger))


async def _only_the_new_key_is_needed(world: World, tenants: tuple[Tenant, ...]) -> None:
    accounts: list[ChannelAccount] = []
    for tenant in tenants:
        accounts += await PostgresChannelDirectory(world.pool, NEW_ONLY).named(
            ["whatsapp"], [tenant.account.external_id]
        )
        for provider in PROVIDERS:
            await _open(world, tenant, provider, NEW_ONLY)
            with pytest.raises(Invalid):
                await _open(world, tenant, provider, AesGcmCipher({1: OLD}))
    assert accounts == [tenant.account for tenant in tenants]
    assert await world.admin.fetchval("SELECT count(*) FROM provider_key WHERE key_version <> 2") == 0


async def test_g72_a_secret_that_cannot_be_opened_is_named_and_does_not_stop_the_others(
    world: World,
) -> None:
    shop, _, _ = await _tenants(world)
    organization = shop.owner.organization_id
    await world.admin.execute(
        "UPDATE provider_key SET encrypted_key = overlay(encrypted_key placing '00' from length(encrypted_key) - 1)"
        " WHERE organization_id = $1 AND provider = 'openai'",
        organization,
    )
    rotated = await RotateSecrets(sealed=PostgresSealedSecrets(world.pool, BOTH))()
    assert rotated == Rotated(5, (f"provider_key/{organization}/openai",))


async def test_g72_a_key_that_follows_is_read_before_it_seals(world: World) -> None:
    """Processes are brought up to date one by one: each knows the next key before any seals with it."""
    shop, _, kept = await _tenants(world)
    waiting = AesGcmCipher({1: OLD, 2: NEW}, sealing=1)
    assert waiting.seal(b"x", place="p")[0] == 1
    assert waiting.is_current(BOTH.seal(b"x", place="p"))
    assert await RotateSecrets(sealed=PostgresSealedSecrets(world.pool, waiting))() == Rotated(0, ())
    await RotateSecrets(sealed=PostgresSealedSecrets(world.pool, BOTH))()
    assert await _open(world, shop, PROVIDERS[0], waiting) == kept["shop", PROVIDERS[0]]
    assert await RotateSecrets(sealed=PostgresSealedSecrets(world.pool, waiting))() == Rotated(0, ())


async def test_g72_only_the_named_function_sees_across_organizations(world: World) -> None:
    await _tenants(world)
    async with world.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM provider_key") == 0
        assert len(await connection.fetch("SELECT * FROM secrets_sealed_before(2, '', 100)")) == 6
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SET ROLE atende_system")
