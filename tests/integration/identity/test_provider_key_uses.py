"""A customer's key at a provider: asked about before it is kept, judged only by an answer, and never shown."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from atende.core.audit.model import Actor, ActorKind
from atende.core.audit.model import Filter as Wanted
from atende.core.identity.keys.manage_provider_keys import (
    ProviderKeyChanged,
    PutProviderKey,
    RemoveProviderKey,
    ValidateProviderKey,
)
from atende.core.identity.keys.ports import ProviderKeyCheck
from atende.core.identity.keys.provider_keys import (
    AiProvider,
    ProviderKey,
    ProviderKeyRefused,
    ProviderNotAvailable,
    ProviderSecret,
    Verdict,
)
from atende.core.identity.keys.resolve_provider_key import PlatformKeys, Resolved, ResolveProviderKey
from atende.core.identity.permissions import MATRIX, Role
from atende.core.identity.principal import Principal
from atende.core.kernel import Invalid, NotFound, Unavailable
from tests.world import Tenant, Unit, World, WorldClock

OPENAI, RUNWAY = AiProvider.OPENAI, AiProvider.RUNWAY
SECRET, OTHER = ProviderSecret("sk-customer-0001"), ProviderSecret("sk-customer-0002")


class Provider(ProviderKeyCheck):
    """Knows some keys, or does not answer. `meanwhile` is done while it thinks."""

    def __init__(self) -> None:
        self.known, self.away, self.asked = {SECRET, OTHER}, False, 0

    def can_check(self, provider: AiProvider) -> bool:
        return provider is OPENAI

    async def meanwhile(self) -> None:
        """Nothing, unless a test says otherwise."""

    async def check(self, provider: AiProvider, secret: ProviderSecret) -> Verdict:
        if not self.can_check(provider):
            raise ProviderNotAvailable
        self.asked += 1
        await self.meanwhile()
        if self.away:
            raise Unavailable("the provider does not answer")
        if secret not in self.known:
            return Verdict(valid=False, error="it does not know this key")
        return Verdict(valid=True, models=("large", "small"))


class OneOrganization:
    def __init__(self, world: World, tenant: Tenant, unit: Unit) -> None:
        self.world, self.tenant, self.unit, self.provider = world, tenant, unit, Provider()
        clock = WorldClock(world)
        parts: dict[str, Any] = {"keys": unit.provider_keys, "audit": unit.audit, "transaction": unit.transaction}
        self.put = PutProviderKey(check=self.provider, clock=clock, ids=world.ids, **parts)
        self.validate = ValidateProviderKey(check=self.provider, clock=clock, **parts)
        self.remove = RemoveProviderKey(**parts)
        self.person = Principal(
            actor=Actor(ActorKind.USER, UUID(int=1)),
            organization_id=tenant.owner.organization_id,
            permissions=MATRIX[Role.OWNER],
        )

    async def stored(self, provider: AiProvider = OPENAI) -> tuple[ProviderKey, ProviderSecret]:
        scope = self.tenant.whole
        async with self.unit.transaction(scope):
            keys = self.unit.provider_keys
            return await keys.get(scope, provider), await keys.secret(scope, provider)

    async def actions(self) -> list[str]:
        scope = self.tenant.whole
        async with self.unit.transaction(scope):
            page = await self.unit.trail.page(scope, Wanted(resource_type="provider_key"), page=1, limit=100)
        assert not any(secret.text in repr(page.data) for secret in (SECRET, OTHER))
        return [record.action for record in reversed(page.data)]


@pytest_asyncio.fixture
async def one(world: World) -> AsyncIterator[OneOrganization]:
    world.stop_the_clock()
    tenant = await world.found("shop")
    async with world.unit() as unit:
        yield OneOrganization(world, tenant, unit)


async def test_a_key_is_asked_about_and_kept(one: OneOrganization) -> None:
    key = await one.put(one.person, OPENAI, SECRET)
    assert (key.key_hint, key.is_valid, key.last_validated_at) == ("****0001", True, one.world.now())
    assert await one.stored() == (key, SECRET)
    replaced = await one.put(one.person, OPENAI, OTHER, is_active=False)
    assert (replaced.id, replaced.key_hint, replaced.is_active) == (key.id, "****0002", False)
    assert await one.stored() == (replaced, OTHER)
    assert await one.actions() == ["provider_key.put", "provider_key.put"]


async def test_a_key_that_the_provider_does_not_know_changes_nothing(one: OneOrganization) -> None:
    wrong = ProviderSecret("sk-wrong-0003")
    with pytest.raises(ProviderKeyRefused):
        await one.put(one.person, OPENAI, wrong)
    with pytest.raises(NotFound):
        await one.stored()
    await one.put(one.person, OPENAI, SECRET)
    with pytest.raises(ProviderKeyRefused):
        await one.put(one.person, OPENAI, wrong)
    assert (await one.stored())[1] == SECRET
    assert await one.actions() == ["provider_key.put"]


async def test_a_key_is_kept_when_the_provider_cannot_be_asked(one: OneOrganization) -> None:
    one.provider.away = True
    for provider in (OPENAI, RUNWAY):
        key = await one.put(one.person, provider, SECRET)
        assert (key.is_valid, key.last_validated_at) == (True, None)
    with pytest.raises(ProviderNotAvailable):
        await one.validate(one.person, RUNWAY)


async def test_validation_records_what_the_provider_says_and_nothing_when_it_is_silent(one: OneOrganization) -> None:
    await one.put(one.person, OPENAI, SECRET)
    one.provider.known.clear()
    key, verdict = await one.validate(one.person, OPENAI)
    assert (key.is_valid, key.validation_error, verdict.models) == (False, "it does not know this key", ())
    one.provider.away = True
    with pytest.raises(Unavailable):
        await one.validate(one.person, OPENAI)
    assert (await one.stored())[0] == key
    one.provider.away = False
    one.provider.known.add(SECRET)
    key, verdict = await one.validate(one.person, OPENAI)
    assert (key.is_valid, key.validation_error, verdict.models) == (True, None, ("large", "small"))
    assert await one.actions() == ["provider_key.put", "provider_key.validate", "provider_key.validate"]


async def test_a_silent_provider_never_makes_a_key_invalid(one: OneOrganization) -> None:
    await one.put(one.person, OPENAI, SECRET)
    one.provider.away = True
    with pytest.raises(Unavailable):
        await one.validate(one.person, OPENAI)
    assert (await one.stored())[0].is_valid


async def test_a_verdict_on_a_key_that_was_replaced_meanwhile_is_dropped(one: OneOrganization) -> None:
    await one.put(one.person, OPENAI, SECRET)
    one.provider.known = {OTHER}

    async def replace() -> None:
        scope = one.tenant.whole
        async with one.unit.transaction(scope):
            key = await one.unit.provider_keys.get(scope, OPENAI)
            key.replace(OTHER, one.world.now())
            await one.unit.provider_keys.save(key, OTHER)

    one.provider.meanwhile = replace  # type: ignore[method-assign]
    with pytest.raises(ProviderKeyChanged):
        await one.validate(one.person, OPENAI)
    assert (await one.stored())[0].is_valid


async def test_a_removed_key_is_gone_and_the_installations_takes_its_place(one: OneOrganization) -> None:
    ours, organization = ProviderSecret("sk-platform"), one.tenant.owner.organization_id

    async def resolved(provider: AiProvider) -> Resolved | None:
        """With nothing remembered from before."""
        fresh = ResolveProviderKey(ring=one.world.ring(), platform=PlatformKeys({OPENAI: ours}))
        return await fresh(organization, provider)

    assert await resolved(OPENAI) == Resolved(ours, own=False)
    assert await resolved(RUNWAY) is None
    await one.put(one.person, OPENAI, SECRET)
    assert await resolved(OPENAI) == Resolved(SECRET, own=True)
    await one.remove(one.person, OPENAI)
    assert await resolved(OPENAI) == Resolved(ours, own=False)
    for call in (one.remove(one.person, OPENAI), one.validate(one.person, OPENAI)):
        with pytest.raises(NotFound):
            await call
    assert await one.actions() == ["provider_key.put", "provider_key.remove"]


async def test_a_refused_key_gives_way_to_the_installations(one: OneOrganization) -> None:
    ours, organization = ProviderSecret("sk-platform"), one.tenant.owner.organization_id
    resolve = ResolveProviderKey(ring=one.world.ring(), platform=PlatformKeys({OPENAI: ours}))
    await one.put(one.person, OPENAI, SECRET)
    await resolve.refused(organization, OPENAI, Resolved(ours, own=False))
    assert await resolve(organization, OPENAI) == Resolved(SECRET, own=True)
    await resolve.refused(organization, OPENAI, Resolved(SECRET, own=True))
    assert await resolve(organization, OPENAI) == Resolved(ours, own=False)


async def test_a_key_is_something_that_can_be_a_key(one: OneOrganization) -> None:
    for text in ("", "sk with spaces", "sk-\n", "chave-é", "x" * 513):
        with pytest.raises(Invalid):
            ProviderSecret(text)
    with pytest.raises(Invalid):
        await one.put(one.person, OPENAI, ProviderSecret("sk-1"))
    assert one.provider.asked == 0


def test_g72_a_secret_does_not_show_itself(one: OneOrganization) -> None:
    shown = f"{SECRET!r} {SECRET} {Resolved(SECRET, own=True)!r}"
    shown += repr(ResolveProviderKey(ring=one.world.ring(), platform=PlatformKeys({OPENAI: SECRET})))
    assert SECRET.text not in shown
    assert "***" in shown
