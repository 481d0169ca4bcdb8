"""A customer's key at a provider: asked about before it is kept, judged only by an answer, and never shown."""

from typing import Any
from uuid import UUID

import pytest

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
from tests.contract.world import Tenant, Unit, WorldClock
from tests.contract.worlds import MemoryWorld

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


class Desk:
    def __init__(self, world: MemoryWorld, tenant: Tenant, unit: Unit) -> None:
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


@pytest.fixture
async def desk() -> Desk:
    world = MemoryWorld()
    tenant = await world.found("shop")
    async with world.unit() as unit:
        return Desk(world, tenant, unit)


async def test_a_key_is_asked_about_and_kept(desk: Desk) -> None:
    key = await desk.put(desk.person, OPENAI, SECRET)
    assert (key.key_hint, key.is_valid, key.last_validated_at) == ("****0001", True, desk.world.now())
    assert await desk.stored() == (key, SECRET)
    replaced = await desk.put(desk.person, OPENAI, OTHER, is_active=False)
    assert (replaced.id, replaced.key_hint, replaced.is_active) == (key.id, "****0002", False)
    assert await desk.stored() == (replaced, OTHER)
    assert await desk.actions() == ["provider_key.put", "provider_key.put"]


async def test_a_key_that_the_provider_does_not_know_changes_nothing(desk: Desk) -> None:
    wrong = ProviderSecret("sk-wrong-0003")
    with pytest.raises(ProviderKeyRefused):
        await desk.put(desk.person, OPENAI, wrong)
    with pytest.raises(NotFound):
        await desk.stored()
    await desk.put(desk.person, OPENAI, SECRET)
    with pytest.raises(ProviderKeyRefused):
        await desk.put(desk.person, OPENAI, wrong)
    assert (await desk.stored())[1] == SECRET
    assert await desk.actions() == ["provider_key.put"]


async def test_a_key_is_kept_when_the_provider_cannot_be_asked(desk: Desk) -> None:
    desk.provider.away = True
    for provider in (OPENAI, RUNWAY):
        key = await desk.put(desk.person, provider, SECRET)
        assert (key.is_valid, key.last_validated_at) == (True, None)
    with pytest.raises(ProviderNotAvailable):
        await desk.validate(desk.person, RUNWAY)


async def test_validation_records_what_the_provider_says_and_nothing_when_it_is_silent(desk: Desk) -> None:
    await desk.put(desk.person, OPENAI, SECRET)
    desk.provider.known.clear()
    key, verdict = await desk.validate(desk.person, OPENAI)
    assert (key.is_valid, key.validation_error, verdict.models) == (False, "it does not know this key", ())
    desk.provider.away = True
    with pytest.raises(Unavailable):
        await desk.validate(desk.person, OPENAI)
    assert (await desk.stored())[0] == key
    desk.provider.away = False
    desk.provider.known.add(SECRET)
    key, verdict = await desk.validate(desk.person, OPENAI)
    assert (key.is_valid, key.validation_error, verdict.models) == (True, None, ("large", "small"))
    assert await desk.actions() == ["provider_key.put", "provider_key.validate", "provider_key.validate"]


async def test_a_silent_provider_never_makes_a_key_invalid(desk: Desk) -> None:
    await desk.put(desk.person, OPENAI, SECRET)
    desk.provider.away = True
    with pytest.raises(Unavailable):
        await desk.validate(desk.person, OPENAI)
    assert (await desk.stored())[0].is_valid


async def test_a_verdict_on_a_key_that_was_replaced_meanwhile_is_dropped(desk: Desk) -> None:
    await desk.put(desk.person, OPENAI, SECRET)
    desk.provider.known = {OTHER}

    async def replace() -> None:
        scope = desk.tenant.whole
        async with desk.unit.transaction(scope):
            key = await desk.unit.provider_keys.get(scope, OPENAI)
            key.replace(OTHER, desk.world.now())
            await desk.unit.provider_keys.save(key, OTHER)

    desk.provider.meanwhile = replace  # type: ignore[method-assign]
    with pytest.raises(ProviderKeyChanged):
        await desk.validate(desk.person, OPENAI)
    assert (await desk.stored())[0].is_valid


async def test_a_removed_key_is_gone_and_the_installations_takes_its_place(desk: Desk) -> None:
    ours, organization = ProviderSecret("sk-platform"), desk.tenant.owner.organization_id
    resolve = ResolveProviderKey(ring=desk.world.ring(), platform=PlatformKeys({OPENAI: ours}))
    assert await resolve(organization, OPENAI) == Resolved(ours, own=False)
    assert await resolve(organization, RUNWAY) is None
    await desk.put(desk.person, OPENAI, SECRET)
    assert await resolve(organization, OPENAI) == Resolved(SECRET, own=True)
    await desk.remove(desk.person, OPENAI)
    assert await resolve(organization, OPENAI) == Resolved(ours, own=False)
    for call in (desk.remove(desk.person, OPENAI), desk.validate(desk.person, OPENAI)):
        with pytest.raises(NotFound):
            await call
    assert await desk.actions() == ["provider_key.put", "provider_key.remove"]


async def test_a_refused_key_gives_way_to_the_installations(desk: Desk) -> None:
    ours, organization = ProviderSecret("sk-platform"), desk.tenant.owner.organization_id
    resolve = ResolveProviderKey(ring=desk.world.ring(), platform=PlatformKeys({OPENAI: ours}))
    await desk.put(desk.person, OPENAI, SECRET)
    await resolve.refused(organization, OPENAI, Resolved(ours, own=False))
    assert await resolve(organization, OPENAI) == Resolved(SECRET, own=True)
    await resolve.refused(organization, OPENAI, Resolved(SECRET, own=True))
    assert await resolve(organization, OPENAI) == Resolved(ours, own=False)


async def test_a_key_is_something_that_can_be_a_key(desk: Desk) -> None:
    for text in ("", "sk with spaces", "sk-\n", "chave-é", "x" * 513):
        with pytest.raises(Invalid):
            ProviderSecret(text)
    with pytest.raises(Invalid):
        await desk.put(desk.person, OPENAI, ProviderSecret("sk-1"))
    assert desk.provider.asked == 0


def test_g72_a_secret_does_not_show_itself() -> None:
    shown = f"{SECRET!r} {SECRET} {Resolved(SECRET, own=True)!r}"
    shown += repr(ResolveProviderKey(ring=MemoryWorld().ring(), platform=PlatformKeys({OPENAI: SECRET})))
    assert SECRET.text not in shown
    assert "***" in shown
