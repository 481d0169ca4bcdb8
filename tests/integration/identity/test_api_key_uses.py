"""API keys as their use cases make and change them: what may be granted, what a change leaves, what is recorded."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from atende.core.audit.model import Actor, ActorKind, Record
from atende.core.audit.model import Filter as Wanted
from atende.core.identity.api_key import BRAND, Brand, api_key_hash
from atende.core.identity.keys.issue_api_key import Authenticate, IssueApiKey, Issued
from atende.core.identity.keys.key_terms import UnknownScope
from atende.core.identity.keys.manage_api_keys import KeyChange, RevokeApiKey, RotateApiKey, UpdateApiKey
from atende.core.identity.permissions import FOR_KEYS, MATRIX, SCOPE_WORDS, Permission, Role
from atende.core.identity.principal import Principal
from atende.core.kernel import Invalid, InvalidState, NotAllowed, NotFound, Randomness, Unauthenticated
from atende.core.tenancy.model import ProjectStatus
from tests.world import Tenant, Unit, World, WorldClock


class SeededRandomness(Randomness):
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def bits(self, count: int) -> int:
        return self._random.getrandbits(count)


DICE = SeededRandomness(68)


class OneOrganization:
    """The use cases of one organization, for a person with a role."""

    def __init__(self, world: World, tenant: Tenant, unit: Unit, *, brand: Brand = BRAND) -> None:
        self.world, self.tenant, self.unit = world, tenant, unit
        clock = WorldClock(world)
        parts: dict[str, Any] = {
            "keys": unit.api_keys,
            "audit": unit.audit,
            "transaction": unit.transaction,
            "clock": clock,
        }
        seen: dict[str, Any] = {"memberships": unit.memberships}
        self.issue = IssueApiKey(projects=unit.projects, ids=world.ids, randomness=DICE, brand=brand, **parts, **seen)
        self.update = UpdateApiKey(**parts, **seen)
        self.rotate = RotateApiKey(randomness=DICE, brand=brand, **parts, **seen)
        self.revoke = RevokeApiKey(**parts)
        self.authenticate = Authenticate(keys=unit.api_keys, clock=clock, brand=brand)

    def person(self, role: Role = Role.OWNER) -> Principal:
        return Principal(
            actor=Actor(ActorKind.USER, UUID(int=1)),
            organization_id=self.tenant.owner.organization_id,
            permissions=MATRIX[role] | {Permission.SELF},
            role=role,
            is_verified=False,
        )

    async def make(self, role: Role = Role.OWNER, **more: Any) -> Issued:
        by = self.person(role)
        return await self.issue(by.scope, by=by, **more)

    async def records(self) -> list[Record]:
        scope = self.tenant.whole
        async with self.unit.transaction(scope):
            page = await self.unit.trail.page(scope, Wanted(resource_type="api_key"), page=1, limit=100)
        return page.data

    @property
    def now(self) -> datetime:
        return self.world.now()


@pytest_asyncio.fixture
async def one(world: World) -> AsyncIterator[OneOrganization]:
    world.stop_the_clock()
    tenant = await world.found("shop")
    async with world.unit() as unit:
        yield OneOrganization(world, tenant, unit)


async def test_a_key_is_made_without_a_word_and_opens(one: OneOrganization) -> None:
    issued = await one.make()
    key = issued.key
    assert (key.name, key.scopes, key.prefix) == ("API key", ["read", "write"], "org_")
    assert (key.hint, key.expires_at, key.project_id) == (f"****{issued.text[-4:]}", None, None)
    assert issued.text.split("_")[:2] == ["org", one.tenant.owner.organization_id.hex]
    assert len(issued.text.split("_")[2]) == 32
    assert issued.text not in repr(issued)
    principal = await one.authenticate(issued.text)
    assert (principal.organization_id, principal.actor.id) == (key.organization_id, key.id)
    assert principal.permissions == SCOPE_WORDS["read"] | SCOPE_WORDS["write"] == FOR_KEYS


async def test_the_text_of_a_key_is_nowhere_in_what_is_stored_or_recorded(one: OneOrganization) -> None:
    issued = await one.make(name="till")
    again = await one.rotate(one.person(), issued.key.id)
    records = await one.records()
    assert [record.action for record in records] == ["api_key.rotate", "api_key.create"]
    stored = repr(records) + repr(await one.world.admin.fetch("SELECT * FROM api_key"))
    for text in (issued.text, again.text):
        assert text not in stored
        assert text[-32:] not in stored


@pytest.mark.parametrize("role", list(Role))
async def test_nobody_gives_a_key_what_they_do_not_hold(one: OneOrganization, role: Role) -> None:
    holds = MATRIX[role]
    for permission in FOR_KEYS:
        if permission in holds:
            made = await one.make(role, scopes=[str(permission)])
            assert made.key.scopes == [str(permission)]
        else:
            with pytest.raises(NotAllowed):
                await one.make(role, scopes=["read", str(permission)])
    everything = await one.make(role, scopes=["*"])
    assert (await one.authenticate(everything.text)).permissions == holds & FOR_KEYS
    assert (everything.key.scopes == ["*"]) == (holds >= FOR_KEYS)


async def test_no_key_may_make_keys_invite_or_act_for_a_person(one: OneOrganization) -> None:
    for scope in (
        "keys:create",
        "members:create",
        "organization:delete",
        "self:any",
        "platform:read",
        "root",
        "",
        "READ",
    ):
        with pytest.raises(UnknownScope):
            await one.make(scopes=["read", scope])
    with pytest.raises(Invalid):
        await one.make(scopes=[])
    assert await one.records() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"per_minute": 0},
        {"per_minute": 1_001},
        {"per_day": -1},
        {"per_day": 2_000_000},
        {"name": "  "},
        {"name": "x" * 101},
    ],
)
async def test_terms_that_cannot_be_are_refused(one: OneOrganization, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        await one.make(**wrong)


async def test_a_key_ends_in_the_future(one: OneOrganization) -> None:
    for end in (one.now, one.now - timedelta(days=1), (one.now + timedelta(days=1)).replace(tzinfo=None)):
        with pytest.raises(Invalid):
            await one.make(expires_at=end)
    issued = await one.make(expires_at=one.now + timedelta(minutes=1))
    assert (await one.authenticate(issued.text)).actor.id == issued.key.id
    await one.world.advance(timedelta(minutes=1))
    with pytest.raises(Unauthenticated):
        await one.authenticate(issued.text)
    for change in (one.update(one.person(), issued.key.id, KeyChange(wanted=frozenset())),):
        with pytest.raises(InvalidState):
            await change
    with pytest.raises(InvalidState):
        await one.rotate(one.person(), issued.key.id)


async def test_a_project_limit_is_a_live_project_of_the_organization(one: OneOrganization) -> None:
    stranger = await one.world.found("stranger")
    branch = await one.world.branch(one.tenant, "branch")
    bound = await one.make(project_id=branch.project.id)
    principal = await one.authenticate(bound.text)
    assert (principal.project_id, principal.bound) == (branch.project.id, True)
    async with one.unit.transaction(branch.scope):
        gone = replace(branch.project, status=ProjectStatus.DELETED, deleted_at=one.now)
        await one.unit.projects.save(gone)
    for project_id in (stranger.project.id, branch.project.id, UUID(int=5)):
        with pytest.raises(NotFound):
            await one.make(project_id=project_id)


async def test_what_is_left_out_of_a_change_stays(one: OneOrganization) -> None:
    end = one.now + timedelta(days=1)
    key = (await one.make(name="till", per_minute=10, per_day=100, expires_at=end)).key
    change = KeyChange(wanted=frozenset({"name"}), name=" one ")
    changed = await one.update(one.person(), key.id, change)
    assert changed == replace(key, name="one")
    change = KeyChange(wanted=frozenset({"per_minute", "per_day", "expires_at"}))
    changed = await one.update(one.person(), key.id, change)
    assert (changed.rate_limit_per_minute, changed.rate_limit_per_day, changed.expires_at) == (None, None, None)
    record = (await one.records())[0]
    assert (record.action, record.resource_id) == ("api_key.update", str(key.id))
    assert record.old_values is not None
    assert record.old_values["rate_limit_per_minute"] == 10


async def test_a_change_widens_a_key_to_what_its_changer_holds_and_no_further(one: OneOrganization) -> None:
    key = (await one.make(scopes=["billing:run", "rag:run"])).key
    admin = one.person(Role.ADMIN)
    keep = KeyChange(wanted=frozenset({"scopes"}), scopes=["billing:run", "documents:read"])
    assert (await one.update(admin, key.id, keep)).scopes == ["billing:run", "documents:read"]
    without = KeyChange(wanted=frozenset({"scopes"}), scopes=["documents:read"])
    assert (await one.update(admin, key.id, without)).scopes == ["documents:read"]
    with pytest.raises(NotAllowed):
        await one.update(admin, key.id, keep)
    with pytest.raises(Invalid):
        await one.update(admin, key.id, KeyChange(wanted=frozenset({"scopes"})))


async def test_rotation_ends_the_old_secret_and_keeps_all_else(one: OneOrganization) -> None:
    issued = await one.make(name="till", scopes=["read"], per_minute=5)
    again = await one.rotate(one.person(), issued.key.id)
    assert again.text != issued.text
    assert again.key == replace(issued.key, secret_hash=api_key_hash(again.text), hint=f"****{again.text[-4:]}")
    assert (await one.authenticate(again.text)).per_minute == 5
    with pytest.raises(Unauthenticated):
        await one.authenticate(issued.text)


async def test_rotation_gives_nobody_more_than_they_hold(one: OneOrganization) -> None:
    strong = await one.make(scopes=["billing:run"])
    with pytest.raises(NotAllowed):
        await one.rotate(one.person(Role.ADMIN), strong.key.id)
    assert (await one.authenticate(strong.text)).permissions == {Permission.BILLING_RUN}
    own = await one.make(Role.ADMIN)
    assert (await one.rotate(one.person(Role.ADMIN), own.key.id)).key.id == own.key.id


async def test_a_revoked_key_is_dead_for_good(one: OneOrganization) -> None:
    issued = await one.make()
    await one.revoke(one.person(), issued.key.id)
    await one.world.advance(timedelta(minutes=1))
    await one.revoke(one.person(), issued.key.id)
    async with one.unit.transaction(one.tenant.whole):
        key = await one.unit.api_keys.get(one.tenant.whole, issued.key.id)
    assert key.revoked_at == one.now - timedelta(minutes=1)
    with pytest.raises(Unauthenticated):
        await one.authenticate(issued.text)
    with pytest.raises(InvalidState):
        await one.rotate(one.person(), issued.key.id)


async def test_keys_of_another_organization_are_not_there(one: OneOrganization) -> None:
    stranger = await one.world.found("stranger")
    async with one.world.unit() as unit:
        other = OneOrganization(one.world, stranger, unit)
        theirs = await other.make()
        for call in (
            one.rotate(one.person(), theirs.key.id),
            one.revoke(one.person(), theirs.key.id),
            one.update(one.person(), theirs.key.id, KeyChange(wanted=frozenset({"name"}), name="mine")),
        ):
            with pytest.raises(NotFound):
                await call
        assert (await other.authenticate(theirs.text)).actor.id == theirs.key.id


async def test_a_brand_is_part_of_the_key(one: OneOrganization) -> None:
    branded = OneOrganization(one.world, one.tenant, one.unit, brand=Brand("base"))
    issued = await branded.make()
    assert issued.text.startswith("base_")
    assert issued.key.prefix == "base_"
    assert (await branded.authenticate(issued.text)).actor.id == issued.key.id
    with pytest.raises(Unauthenticated):
        await one.authenticate(issued.text)


async def test_the_installation_makes_keys_of_its_own_accord(one: OneOrganization) -> None:
    issued = await one.issue(one.tenant.scope, name="first key", scopes=["*"])
    assert (issued.key.scopes, issued.key.created_by) == (["*"], None)
