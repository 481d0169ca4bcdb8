"""Who somebody is before they are known, what holds for them now, and what roles may do."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from atende.core.identity.model import InvitationStatus, MembershipStatus, OperatorExists, User, UserStatus
from atende.core.identity.permissions import FOR_ROLES, MATRIX, Permission, PlatformRole, Role
from atende.core.identity.principal import Access
from atende.core.kernel import PLATFORM, Conflict, NotAllowed, personal
from tests.world import Tenant, World
from tests.world.persons import MONTH, WEEK, add_member, add_user, inside, invite, join, sign_in


async def _save(world: World, user: User) -> None:
    async with world.begin(personal(user.id)) as at:
        await at.users.save(user)


async def _access(world: World, tenant: Tenant, user: User, session: object) -> Access | None:
    return await world.people.access(
        user_id=user.id,
        session_id=session.id,  # type: ignore[attr-defined]
        organization_id=tenant.owner.organization_id,
    )


async def test_a_person_is_found_by_address_or_id_without_any_scope(world: World) -> None:
    ana = await add_user(world, "ana", preferences={"theme": "light"}, platform_role=PlatformRole.OPERATOR)
    await add_user(world, "bia")
    assert await world.people.by_email("ana@example.com") == ana == await world.people.by_id(ana.id)
    assert await world.people.by_email("Ana@example.com") is None
    assert await world.people.by_email("' OR true --") is None
    assert await world.people.by_id(world.ids.new()) is None


async def test_a_deleted_account_is_found_for_thirty_days_behind_a_live_one(world: World) -> None:
    older, newer = await _deleted(world, "ana"), await _deleted(world, "ana")
    assert await world.people.by_email("ana@example.com") in (older, newer)
    live = await add_user(world, "ana")
    assert await world.people.by_email("ana@example.com") == live
    await _save(world, replace(live, email="bia@example.com"))
    await world.advance(MONTH - timedelta(minutes=1))
    assert await world.people.by_email("ana@example.com") is not None
    await world.advance(timedelta(minutes=2))
    assert await world.people.by_email("ana@example.com") is None
    assert await world.people.by_id(newer.id) is not None


async def test_of_two_deleted_accounts_the_younger_is_found(world: World) -> None:
    await _deleted(world, "ana")
    await world.advance(WEEK)
    younger = await _deleted(world, "ana")
    found = await world.people.by_email("ana@example.com")
    assert found is not None
    assert found.id == younger.id


async def _deleted(world: World, name: str) -> User:
    user = await add_user(world, name)
    user.delete(world.now())
    await _save(world, user)
    return user


async def test_a_session_is_found_with_its_person(world: World, shop: Tenant) -> None:
    ana = await add_member(world, shop, "ana")
    session = await sign_in(world, shop, ana, project_id=shop.project.id, revoked_at=world.now())
    assert await world.people.session(session.id) == (session, ana)
    assert await world.people.session(world.ids.new()) is None


async def test_an_invitation_is_found_while_its_organization_lives(world: World, shop: Tenant) -> None:
    invitation = await invite(world, shop, status=InvitationStatus.REVOKED)
    assert await world.people.invitation(invitation.id) == invitation
    assert await world.people.invitation(world.ids.new()) is None
    await _delete_organization(world, shop)
    assert await world.people.invitation(invitation.id) is None


async def _delete_organization(world: World, tenant: Tenant) -> None:
    async with world.begin(tenant.whole) as at:
        organization = await at.organizations.get(tenant.whole)
        await at.organizations.save(replace(organization, deleted_at=world.now()))


async def test_access_says_all_that_holds_now(world: World, shop: Tenant, stranger: Tenant) -> None:
    ana = await add_user(world, "ana", platform_role=PlatformRole.OPERATOR, email_verified_at=world.now())
    joined, session = await join(world, shop, ana, Role.MANAGER), await sign_in(world, shop, ana)
    wanted = Access(
        user_status=UserStatus.ACTIVE,
        session_version=1,
        session_live=True,
        is_operator=True,
        is_verified=True,
        role=Role.MANAGER,
        membership_status=MembershipStatus.ACTIVE,
        permissions=MATRIX[Role.MANAGER],
    )
    nowhere = replace(wanted, role=None, membership_status=None, permissions=frozenset())
    assert await _access(world, shop, ana, session) == wanted
    assert await _access(world, stranger, ana, session) == nowhere
    assert await _access(world, shop, replace(ana, id=world.ids.new()), session) is None
    async with world.begin(shop.whole) as at:
        await at.memberships.save(replace(joined, role=Role.VIEWER, status=MembershipStatus.PENDING))
    viewer = replace(wanted, role=Role.VIEWER, membership_status=MembershipStatus.PENDING)
    assert await _access(world, shop, ana, session) == replace(viewer, permissions=MATRIX[Role.VIEWER])
    ana.suspend(world.now())
    await _save(world, replace(ana, email_verified_at=None))
    await _delete_organization(world, shop)
    assert await _access(world, shop, ana, session) == replace(
        nowhere, user_status=UserStatus.SUSPENDED, session_version=2, is_verified=False
    )


async def test_access_tells_a_session_that_is_over_or_of_somebody_else(world: World, shop: Tenant) -> None:
    ana, bia = await add_member(world, shop, "ana"), await add_member(world, shop, "bia")
    revoked = await sign_in(world, shop, ana, revoked_at=world.now())
    idle = await sign_in(world, shop, ana, idle_until=world.now() + timedelta(hours=1))
    old = await sign_in(world, shop, ana, expires_at=world.now() + timedelta(hours=1))
    live, theirs = await sign_in(world, shop, ana), await sign_in(world, shop, bia)

    async def alive(session: object) -> bool:
        found = await _access(world, shop, ana, session)
        assert found is not None
        return found.session_live

    assert [await alive(session) for session in (revoked, idle, old, live, theirs)] == [False, True, True, True, False]
    assert not await alive(replace(live, id=world.ids.new()))
    await world.advance(timedelta(hours=2))
    assert [await alive(session) for session in (idle, old, live)] == [False, False, True]


async def test_access_is_one_query(world: World) -> None:
    """And so is a key: what authentication costs."""
    shop = await world.found()
    ana = await add_member(world, shop, "ana")
    session = await sign_in(world, shop, ana)
    asked: list[str] = []
    connection = await world.pool.acquire()
    connection.add_query_logger(lambda query: asked.append(query.query))
    await world.pool.release(connection)
    async with world.unit() as unit:
        await _access(world, shop, ana, session)
        await unit.api_keys.by_hash(bytes(32))
    queries = [query for query in asked if "RESET ALL" not in query]
    assert queries == ["SELECT * FROM find_access($1, $2, $3)", "SELECT * FROM find_api_key($1)"]


async def test_operators_are_counted_while_they_can_act(world: World) -> None:
    assert await world.people.operators() == 0
    ana = await add_user(world, "ana", platform_role=PlatformRole.OPERATOR, status=UserStatus.SUSPENDED)
    assert await world.people.operators() == 0
    await add_user(world, "bia", platform_role=PlatformRole.OPERATOR, status=UserStatus.PENDING_VERIFICATION)
    await add_user(world, "dora")
    assert await world.people.operators() == 1
    ana.lift(world.now())
    await _save(world, ana)
    assert await world.people.operators() == 2


async def test_the_program_makes_one_operator_and_nobody_becomes_one(world: World) -> None:
    ana, bia = await add_user(world, "ana", platform_role=PlatformRole.OPERATOR), await add_user(world, "bia")
    with pytest.raises(OperatorExists):
        await add_user(world, "carla", platform_role=PlatformRole.OPERATOR)
    await _save(world, replace(bia, platform_role=PlatformRole.OPERATOR))
    await _save(world, replace(ana, platform_role=PlatformRole.USER))
    assert await world.people.by_id(bia.id) == bia
    assert await world.people.by_id(ana.id) == ana


async def test_of_several_first_operators_at_once_one_is_made(world: World) -> None:
    wanted = (add_user(world, name, platform_role=PlatformRole.OPERATOR) for name in ("ana", "bia", "carla"))
    made = await asyncio.gather(*wanted, return_exceptions=True)
    assert [isinstance(one, OperatorExists) for one in made].count(True) == 2
    assert await world.people.operators() == 1


async def test_accounts_come_to_be_anonymized_in_the_order_of_their_deletion(world: World) -> None:
    first = await _deleted(world, "ana")
    await world.advance(WEEK)
    second, gone = await _deleted(world, "bia"), await _deleted(world, "carla")
    await add_user(world, "dora")
    await _save(world, replace(gone, status=UserStatus.ANONYMIZED))
    later = world.now() + WEEK
    assert await world.people.to_anonymize(later, 10) == [first.id, second.id]
    assert await world.people.to_anonymize(later, 1) == [first.id]
    assert await world.people.to_anonymize(world.now() - timedelta(days=1), 10) == [first.id]


async def test_roles_start_with_the_matrix(world: World) -> None:
    """The migration says it, and so does the table in the core: they must not part."""
    assert await world.roles.matrix() == MATRIX


async def test_an_operator_changes_what_a_role_may_do(world: World, shop: Tenant) -> None:
    operator, ana = await add_user(world, "root"), await add_user(world, "ana")
    await join(world, shop, ana, Role.VIEWER)
    session, wanted = await sign_in(world, shop, ana), frozenset({Permission.RAG_RUN, Permission.AUDIT_READ})
    async with world.begin(personal(operator.id)) as at:
        assert await at.role_changes.replace(Role.VIEWER, wanted) == MATRIX[Role.VIEWER]
    assert await world.roles.matrix() == MATRIX | {Role.VIEWER: wanted}
    access = await _access(world, shop, ana, session)
    assert access is not None
    assert access.permissions == wanted
    async with world.begin(PLATFORM.scope) as at:
        assert await at.role_changes.replace(Role.VIEWER, frozenset()) == wanted
        assert await at.role_changes.replace(Role.VIEWER, MATRIX[Role.VIEWER]) == frozenset()
    assert await world.roles.matrix() == MATRIX


async def test_no_role_makes_an_operator(world: World) -> None:
    for permission in frozenset(Permission) - FOR_ROLES:
        with pytest.raises(Conflict):
            async with world.begin(PLATFORM.scope) as at:
                await at.role_changes.replace(Role.OWNER, MATRIX[Role.OWNER] | {permission})
    assert await world.roles.matrix() == MATRIX


async def test_g58_no_organization_changes_what_roles_may_do(world: World, shop: Tenant) -> None:
    ana = await add_member(world, shop, "ana", Role.OWNER)
    for scope in (shop.whole, shop.scope, inside(shop, ana)):
        for role, wanted in ((Role.VIEWER, FOR_ROLES), (Role.OWNER, frozenset({Permission.RAG_RUN}))):
            with pytest.raises(NotAllowed):
                async with world.begin(scope) as at:
                    await at.role_changes.replace(role, wanted)
    assert await world.roles.matrix() == MATRIX
