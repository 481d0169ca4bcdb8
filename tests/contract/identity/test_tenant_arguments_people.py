"""Every statement about people and keys names whose they are: tested as a superuser, whom row-level security does not stop."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from atende.core.identity.api_key import ApiKey
from atende.core.identity.model import Invitation, Membership, Session, User
from atende.core.identity.permissions import Role
from atende.core.kernel import NotFound, TenantScope, personal
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world import Tenant, World, open_world
from tests.world.persons import add_key, add_member, add_user, inside, invite, make_membership, sign_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A shop with a member, and the scopes that must see nothing of either."""

    world: World
    shop: Tenant
    ana: User
    joined: Membership
    session: Session
    invitation: Invitation
    key: ApiKey
    others: tuple[TenantScope, ...]


@pytest_asyncio.fixture
async def filled(database: Urls) -> AsyncIterator[Filled]:
    async with open_world(replace(database, app=database.admin)) as world:
        shop, stranger = await world.found("shop"), await world.found("stranger")
        ana, bia = await add_member(world, shop, "ana", Role.OWNER), await add_user(world, "bia")
        yield Filled(
            world=world,
            shop=shop,
            ana=ana,
            joined=make_membership(world, shop, ana, Role.OWNER),
            session=await sign_in(world, shop, ana, user_agent="Firefox"),
            invitation=await invite(world, shop),
            key=await add_key(world, shop, created_by=ana.id),
            others=(stranger.whole, personal(bia.id), inside(stranger, bia)),
        )


async def test_g58_nothing_of_another_organization_or_person_is_read(filled: Filled) -> None:
    for scope in filled.others:
        async with filled.world.begin(scope) as at:
            reads = (
                at.users.get(scope, filled.ana.id),
                at.memberships.get(scope, filled.ana.id),
                at.memberships.member(scope, filled.ana.id),
                at.invitations.get(scope, filled.invitation.id),
                at.sessions.get(scope, filled.session.id),
                at.api_keys.get(scope, filled.key.id),
            )
            for read in reads:
                with pytest.raises(NotFound):
                    await read
            assert await at.memberships.with_email(scope, filled.ana.email) is None
            assert (await at.memberships.page(scope, page=1, limit=9)).total == await at.memberships.count(scope) == 0
            assert await at.memberships.owners(scope) == await at.memberships.of_user(scope) == []
            assert await at.memberships.owned_alone(scope) == []
            assert await at.invitations.open_for(scope, filled.invitation.email) is None
            assert await at.invitations.count_open(scope, filled.world.now()) == 0
            assert (await at.invitations.page(scope, page=1, limit=9)).total == 0
            assert await at.sessions.live(scope, filled.world.now()) == []
            assert (await at.api_keys.page(scope, page=1, limit=9)).total == 0


async def test_g58_nothing_of_another_organization_or_person_is_written(filled: Filled) -> None:
    world, now = filled.world, filled.world.now()
    for scope in filled.others:
        async with world.begin(scope) as at:
            await at.memberships.remove(scope, filled.ana.id)
            assert await at.sessions.revoke_all(scope, now, "sly") == 0
            await at.sessions.forget(scope)
            assert await at.api_keys.revoke_made_by(scope, filled.ana.id, now) == 0
            assert await at.api_keys.revoke_everywhere(scope, now) == 0
            there = scope.organization_id
            for forged in (
                at.memberships.save(replace(filled.joined, organization_id=there)),
                at.invitations.save(replace(filled.invitation, organization_id=there)),
                at.api_keys.save(replace(filled.key, organization_id=there)),
                at.sessions.save(replace(filled.session, user_id=scope.user_id or there)),
            ):
                with pytest.raises(NotFound):
                    await forged
    async with world.begin(inside(filled.shop, filled.ana)) as at:
        scope = inside(filled.shop, filled.ana)
        assert (await at.memberships.get(scope, filled.ana.id)).role is Role.OWNER
        assert await at.invitations.get(scope, filled.invitation.id) == filled.invitation
        assert await at.sessions.get(scope, filled.session.id) == filled.session
        assert await at.api_keys.get(scope, filled.key.id) == filled.key
