"""Memberships and invitations as they are stored."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from atende.core.identity.model import (
    AlreadyInvited,
    AlreadyMember,
    InvitationStatus,
    Member,
    MembershipStatus,
    UserStatus,
)
from atende.core.identity.permissions import Role
from atende.core.kernel import Conflict, Invalid, NotFound, personal
from tests.world import Tenant, World
from tests.world.persons import (
    WEEK,
    add_member,
    add_user,
    inside,
    invite,
    join,
    make_invitation,
    make_membership,
)

REFUSED = r"row-level security|another tenant|of their own"


async def test_a_membership_is_read_back_changed_and_removed(world: World, shop: Tenant) -> None:
    ana = await add_user(world)
    joined = await join(world, shop, ana, Role.AGENT, status=MembershipStatus.PENDING)
    async with world.begin(shop.whole) as at:
        assert await at.memberships.get(shop.whole, ana.id) == joined
        await at.memberships.save(replace(joined, created_at=world.now() - WEEK))
        assert await at.memberships.get(shop.whole, ana.id) == joined
        raised = replace(joined, role=Role.ADMIN, status=MembershipStatus.ACTIVE)
        await at.memberships.save(raised)
    async with world.begin(shop.whole) as at:
        assert await at.memberships.get(shop.whole, ana.id) == raised
        await at.memberships.remove(shop.whole, ana.id)
        await at.memberships.remove(shop.whole, ana.id)
        for lost in (at.memberships.get(shop.whole, ana.id), at.memberships.member(shop.whole, ana.id)):
            with pytest.raises(NotFound):
                await lost
        with pytest.raises(NotFound):
            await at.memberships.save(raised)


async def test_nobody_is_a_member_twice(world: World, shop: Tenant) -> None:
    ana = await add_member(world, shop, "ana")
    with pytest.raises(AlreadyMember):
        await join(world, shop, ana, Role.OWNER)
    with pytest.raises(Conflict):
        await join(world, shop, replace(ana, id=world.ids.new()))


async def test_g59_nobody_is_made_a_member_by_somebody_else(world: World, shop: Tenant) -> None:
    """Else an organization could show itself any account."""
    ana, bia = await add_member(world, shop, "ana", Role.OWNER), await add_user(world, "bia")
    for scope in (shop.whole, shop.scope, inside(shop, ana)):
        with pytest.raises(Exception, match=r"row-level security|of their own"):
            async with world.begin(scope) as at:
                await at.memberships.add(make_membership(world, shop, bia))
    assert await world.count("membership") == 1


async def test_a_member_is_shown_with_their_account(world: World, shop: Tenant) -> None:
    ana = await add_user(world, "ana", status=UserStatus.SUSPENDED, email_verified_at=world.now(), last_name="Sá")
    joined = await join(world, shop, ana, Role.VIEWER, status=MembershipStatus.PENDING)
    wanted = Member(
        user_id=ana.id,
        email="ana@example.com",
        first_name="Ana",
        last_name="Sá",
        avatar_url=None,
        role=Role.VIEWER,
        status=MembershipStatus.PENDING,
        user_status=UserStatus.SUSPENDED,
        email_verified=True,
        last_login_at=None,
        joined_at=joined.created_at,
    )
    async with world.begin(shop.whole) as at:
        assert await at.memberships.member(shop.whole, ana.id) == wanted
        assert await at.memberships.with_email(shop.whole, "ana@example.com") == wanted
        assert await at.memberships.with_email(shop.whole, "bia@example.com") is None


async def test_members_come_by_the_time_they_joined_and_who_joins_meanwhile_moves_nobody(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    now = world.now()
    late = await add_member(world, shop, "late", created_at=now)
    early = await add_member(world, shop, "early", created_at=now - WEEK)
    twins = [await add_member(world, shop, name, created_at=now - WEEK / 2) for name in ("one", "two")]
    twins.sort(key=lambda user: user.id)
    await add_member(world, stranger, "strange")
    wanted = [user.id for user in (early, *twins, late)]
    async with world.begin(shop.whole) as at:
        first = await at.memberships.page(shop.whole, page=1, limit=2)
        by_number = await at.memberships.page(shop.whole, page=2, limit=2)
        assert await at.memberships.count(shop.whole) == first.total == 4
    await add_member(world, shop, "first", created_at=now - WEEK * 2)
    async with world.begin(shop.whole) as at:
        second = await at.memberships.page(shop.whole, page=2, limit=2, after=first.next)
        for strange in ("x", str(late.id), "2026-01-01_x", f"2026-01-01T00:00:00_{late.id}"):
            with pytest.raises(Invalid):
                await at.memberships.page(shop.whole, page=1, limit=2, after=strange)
    assert [one.user_id for one in first.data + second.data] == wanted
    assert [one.user_id for one in by_number.data] == wanted[2:]
    assert (second.total, second.next, by_number.next) == (5, None, None)


async def test_owners_are_those_who_can_act(world: World, shop: Tenant, stranger: Tenant) -> None:
    ana = await add_member(world, shop, "ana", Role.OWNER)
    await add_member(world, shop, "bia", Role.ADMIN)
    await add_member(world, shop, "carla", Role.OWNER, status=MembershipStatus.PENDING)
    await add_member(world, stranger, "dora", Role.OWNER)
    new = await add_user(world, "eva", status=UserStatus.PENDING_VERIFICATION)
    gone = await add_user(world, "flora", status=UserStatus.SUSPENDED)
    for user in (new, gone):
        await join(world, shop, user, Role.OWNER, created_at=world.now() + WEEK)
    async with world.begin(shop.whole) as at:
        assert await at.memberships.owners(shop.whole) == [ana.id, new.id]


async def test_owners_cannot_all_leave_at_once(world: World, shop: Tenant) -> None:
    """Because counting them locks the organization."""
    for number in range(3):  # once the connections are there, they really come at once
        for name in range(4):
            await add_member(world, shop, f"owner{number}{name}", Role.OWNER)
        async with world.begin(shop.whole) as at:
            owners = await at.memberships.owners(shop.whole)

        async def leave(user_id: UUID) -> None:
            async with world.begin(shop.whole) as at:
                if await at.memberships.owners(shop.whole) != [user_id]:
                    await at.memberships.remove(shop.whole, user_id)

        await asyncio.gather(*(leave(owner) for owner in owners))
        async with world.begin(shop.whole) as at:
            assert len(await at.memberships.owners(shop.whole)) == 1


async def test_who_owns_alone_is_found_in_all_of_their_organizations(world: World, shop: Tenant) -> None:
    ana = await add_member(world, shop, "ana", Role.OWNER)
    me = personal(ana.id)
    dead, empty, shared = [await world.found(name) for name in ("dead", "empty", "shared")]
    for place in (dead, empty, shared):
        await join(world, place, ana, Role.OWNER)
    for place in (dead, shared):
        await add_member(world, place, f"of-{place.owner.tenant_id}", Role.ADMIN)
    bia = await add_member(world, shared, "bia", Role.OWNER)
    async with world.begin(dead.whole) as at:
        organization = await at.organizations.get(dead.whole)
        await at.organizations.save(replace(organization, deleted_at=world.now()))

    async def alone() -> list[UUID]:
        async with world.begin(me) as at:
            return await at.memberships.owned_alone(me)

    assert await alone() == [], "the shop has nobody else, and the shared one another owner"
    await add_member(world, shop, "carla", Role.ADMIN)
    assert await alone() == [shop.owner.organization_id]
    async with world.begin(personal(bia.id)) as at:
        gone = await at.users.get(personal(bia.id), bia.id)
        gone.suspend(world.now())
        await at.users.save(gone)
    assert await alone() == sorted([shop.owner.organization_id, shared.owner.organization_id])
    async with world.begin(shop.whole) as at:
        assert await at.memberships.owned_alone(shop.whole) == [], "of nobody"


async def test_a_person_sees_their_live_organizations_in_the_order_they_joined(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    ana, bia = await add_member(world, stranger, "ana"), await add_member(world, shop, "bia")
    first = await join(world, shop, ana, created_at=world.now() - WEEK)
    waiting, dead = await world.found("waiting"), await world.found("dead")
    await join(world, waiting, ana, status=MembershipStatus.PENDING)
    await join(world, dead, ana)
    async with world.begin(dead.whole) as at:
        organization = await at.organizations.get(dead.whole)
        await at.organizations.save(replace(organization, deleted_at=world.now()))
    async with world.begin(personal(ana.id)) as at:
        found = await at.memberships.of_user(personal(ana.id))
        assert [(one.organization_id, whose.slug) for one, whose in found] == [
            (shop.owner.organization_id, "shop"),
            (stranger.owner.organization_id, "stranger"),
        ]
        assert found[0][0] == first
        assert await at.memberships.of_user(personal(bia.id)) == []
    async with world.begin(inside(shop, ana)) as at:
        assert [one for one, _ in await at.memberships.of_user(inside(shop, ana))] == [first]


async def test_g59_a_membership_is_changed_by_its_organization_alone(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    ana, bia = await add_member(world, shop, "ana"), await add_user(world, "bia")
    joined = make_membership(world, shop, ana, Role.OWNER)
    for scope in (stranger.whole, personal(ana.id), inside(stranger, ana)):
        async with world.begin(scope) as at:
            with pytest.raises(NotFound):
                await at.memberships.save(joined)
            for asked in (scope, shop.whole):
                await at.memberships.remove(asked, ana.id)
            with pytest.raises(NotFound):
                await at.memberships.member(scope, ana.id)
            assert await at.memberships.count(scope) == 0
            assert (await at.memberships.page(scope, page=1, limit=9)).data == []
        with pytest.raises(Exception, match=REFUSED):
            async with world.begin(scope) as at:
                await at.memberships.add(make_membership(world, shop, bia))
    async with world.begin(shop.whole) as at:
        assert (await at.memberships.get(shop.whole, ana.id)).role is Role.MEMBER


async def test_an_invitation_is_read_back_whole_and_changed(world: World, shop: Tenant) -> None:
    ana = await add_member(world, shop, "ana")
    invitation = await invite(world, shop, invited_by=ana.id, first_name="Bia", last_name="Sá", sent=2)
    async with world.begin(shop.whole) as at:
        assert await at.invitations.get(shop.whole, invitation.id) == invitation
        assert await at.invitations.open_for(shop.whole, "bia@example.com") == invitation
        invitation.accept(ana.id, world.now())
        await at.invitations.save(invitation)
    async with world.begin(shop.whole) as at:
        assert await at.invitations.get(shop.whole, invitation.id) == invitation
        assert await at.invitations.open_for(shop.whole, "bia@example.com") is None
        with pytest.raises(NotFound):
            await at.invitations.save(make_invitation(world, shop))


async def test_an_address_has_one_open_invitation_to_an_organization(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    first = await invite(world, shop)
    await invite(world, stranger)
    with pytest.raises(AlreadyInvited):
        await invite(world, shop)
    first.revoke()
    async with world.begin(shop.whole) as at:
        await at.invitations.save(first)
    second = await invite(world, shop)
    async with world.begin(shop.whole) as at:
        assert await at.invitations.open_for(shop.whole, "bia@example.com") == second
    with pytest.raises(AlreadyInvited):
        async with world.begin(shop.whole) as at:
            await at.invitations.save(replace(first, status=InvitationStatus.PENDING))


async def test_an_invitation_is_made_by_somebody_who_is_there(world: World, shop: Tenant) -> None:
    with pytest.raises(Conflict):
        await invite(world, shop, invited_by=world.ids.new())


async def test_an_invitation_is_accepted_once(world: World, shop: Tenant) -> None:
    """Because reading one locks it."""
    ana = await add_user(world)
    for number in range(3):  # once the connections are there, they really come at once
        invitation = await invite(world, shop, f"guest{number}@example.com")

        async def accept(invitation_id: UUID) -> bool:
            async with world.begin(inside(shop, ana)) as at:
                found = await at.invitations.get(inside(shop, ana), invitation_id)
                if not found.is_open(world.now()):
                    return False
                found.accept(ana.id, world.now())
                await at.invitations.save(found)
            return True

        assert sum(await asyncio.gather(*(accept(invitation.id) for _ in range(5)))) == 1


async def test_invitations_come_newest_first_and_open_ones_are_counted(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    made = [await invite(world, shop, f"guest{number}@example.com") for number in range(3)]
    made.append(await invite(world, shop, "late@example.com", expires_at=world.now() - timedelta(seconds=1)))
    made.append(await invite(world, shop, "gone@example.com", status=InvitationStatus.REVOKED))
    await invite(world, stranger)
    async with world.begin(shop.whole) as at:
        first = await at.invitations.page(shop.whole, page=1, limit=3)
        assert await at.invitations.count_open(shop.whole, world.now()) == 3
        second = await at.invitations.page(shop.whole, page=2, limit=3, after=first.next)
        assert await at.invitations.page(shop.whole, page=2, limit=3) == second
    assert first.data + second.data == made[::-1]
    assert (first.total, second.next) == (5, None)


async def test_g59_an_invitation_is_seen_by_its_organization_alone(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    invitation, ana = await invite(world, shop), await add_user(world)
    for scope in (stranger.whole, personal(ana.id)):
        async with world.begin(scope) as at:
            for asked in (scope, shop.whole):
                with pytest.raises(NotFound):
                    await at.invitations.get(asked, invitation.id)
                assert await at.invitations.open_for(asked, invitation.email) is None
                assert (await at.invitations.page(asked, page=1, limit=9)).total == 0
                assert await at.invitations.count_open(asked, world.now()) == 0
            with pytest.raises(NotFound):
                await at.invitations.save(invitation)
        with pytest.raises(Exception, match=REFUSED):
            async with world.begin(scope) as at:
                await at.invitations.add(make_invitation(world, shop, "sly@example.com"))
