"""Accounts and sessions as they are stored: a person's own, and seen by the organizations that they belong to."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from atende.core.identity.model import EmailTaken, UserStatus
from atende.core.identity.permissions import PlatformRole
from atende.core.kernel import Conflict, NotFound, TenantScope, personal
from tests.world import Tenant, World
from tests.world.persons import MONTH, WEEK, add_member, add_user, inside, make_session, make_user, sign_in

REFUSED = r"row-level security|another tenant or person"


async def test_an_account_is_read_back_whole(world: World) -> None:
    plain = await add_user(world, "ana", preferences={})
    whole = await add_user(
        world,
        "bia",
        password_hash="a hash",
        last_name="Sá",
        avatar_url="https://example.com/a.png",
        phone="+5511987654321",
        platform_role=PlatformRole.OPERATOR,
        status=UserStatus.SUSPENDED,
        email_verified_at=world.now(),
        last_login_at=world.now(),
        preferences={"theme": "light", "notifications": {"email": False}},
        external_auth_id="idp|7",
        session_version=4,
    )
    for user in (plain, whole):
        async with world.begin(personal(user.id)) as at:
            assert await at.users.get(personal(user.id), user.id) == user


async def test_an_address_is_of_one_live_account(world: World) -> None:
    ana = await add_user(world, "ana")
    with pytest.raises(EmailTaken):
        await add_user(world, "ana")
    ana.delete(world.now())
    async with world.begin(personal(ana.id)) as at:
        await at.users.save(ana)
    await add_user(world, "ana")
    ana.restore(world.now())
    with pytest.raises(EmailTaken):
        async with world.begin(personal(ana.id)) as at:
            await at.users.save(ana)


async def test_an_address_that_many_want_at_once_goes_to_one(world: World) -> None:
    found = await asyncio.gather(*(add_user(world, "ana") for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(one, EmailTaken) for one in found) == 5
    assert await world.count("user_account") == 1


async def test_changes_of_one_account_come_one_after_the_other(world: World) -> None:
    """Because reading one's own account locks it."""
    ana = await add_user(world)

    async def change() -> None:
        async with world.begin(personal(ana.id)) as at:
            user = await at.users.get(personal(ana.id), ana.id)
            await asyncio.sleep(0)
            user.change_password(f"{user.password_hash or ''}x", world.now())
            await at.users.save(user)

    await asyncio.gather(*(change() for _ in range(5)))
    async with world.begin(personal(ana.id)) as at:
        found = await at.users.get(personal(ana.id), ana.id)
    assert (found.session_version, found.password_hash) == (6, "xxxxx")


async def test_g59_an_account_is_seen_by_its_person_and_their_organizations(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    ana, bia = await add_member(world, shop, "ana"), await add_user(world, "bia")
    for scope in (shop.whole, shop.scope, inside(shop, bia)):
        async with world.begin(scope) as at:
            assert await at.users.get(scope, ana.id) == ana
    for scope in (stranger.whole, personal(bia.id), inside(stranger, bia)):
        async with world.begin(scope) as at:
            for asked in (scope, shop.whole, personal(ana.id)):
                with pytest.raises(NotFound):
                    await at.users.get(asked, ana.id)


async def test_g59_nobody_changes_the_account_of_somebody_else(world: World, shop: Tenant) -> None:
    ana, bia = await add_member(world, shop, "ana"), await add_member(world, shop, "bia")
    for scope in (shop.whole, inside(shop, bia), personal(bia.id)):
        async with world.begin(scope) as at:
            with pytest.raises(NotFound):
                await at.users.save(replace(ana, first_name="changed"))
        with pytest.raises(Exception, match=REFUSED):
            async with world.begin(scope) as at:
                await at.users.add(make_user(world, "carla"))
    async with world.begin(personal(ana.id)) as at:
        assert await at.users.get(personal(ana.id), ana.id) == ana


async def test_a_session_is_read_back_whole_and_changed(world: World, shop: Tenant) -> None:
    ana = await add_member(world, shop, "ana")
    session = await sign_in(
        world, shop, ana, project_id=shop.project.id, user_agent="Firefox", ip_address="203.0.113.7", generation=3
    )
    scope = personal(ana.id)
    async with world.begin(scope) as at:
        assert await at.sessions.get(scope, session.id) == session
        session.revoke(world.now(), "log-out")
        await at.sessions.save(session)
    async with world.begin(scope) as at:
        assert await at.sessions.get(scope, session.id) == session
        with pytest.raises(NotFound):
            await at.sessions.save(make_session(world, shop, ana))


async def test_turns_of_one_session_come_one_after_the_other(world: World, shop: Tenant) -> None:
    """Because reading a session locks it: of two refreshes at once one sees what the other made."""
    ana = await add_member(world, shop, "ana")
    session, scope = await sign_in(world, shop, ana), personal(ana.id)

    async def turn() -> None:
        async with world.begin(scope) as at:
            found = await at.sessions.get(scope, session.id)
            await asyncio.sleep(0)
            await at.sessions.save(replace(found, generation=found.generation + 1))

    await asyncio.gather(*(turn() for _ in range(5)))
    async with world.begin(scope) as at:
        assert (await at.sessions.get(scope, session.id)).generation == 6


async def test_live_sessions_come_newest_first(world: World, shop: Tenant) -> None:
    ana, bia = await add_member(world, shop, "ana"), await add_member(world, shop, "bia")
    old = await sign_in(world, shop, ana, created_at=world.now() - timedelta(hours=1))
    new = await sign_in(world, shop, ana)
    await sign_in(world, shop, bia)
    await sign_in(world, shop, ana, revoked_at=world.now())
    await sign_in(world, shop, ana, idle_until=world.now())
    await sign_in(world, shop, ana, expires_at=world.now(), idle_until=world.now() + WEEK)
    async with world.begin(personal(ana.id)) as at:
        assert await at.sessions.live(personal(ana.id), world.now()) == [new, old]
        assert await at.sessions.live(personal(ana.id), world.now() + MONTH) == []


async def test_all_sessions_of_a_person_end_but_one(world: World, shop: Tenant) -> None:
    ana, bia = await add_member(world, shop, "ana"), await add_member(world, shop, "bia")
    sessions = [await sign_in(world, shop, ana) for _ in range(3)]
    ended = await sign_in(world, shop, ana, revoked_at=world.now(), revoked_for="log-out")
    theirs, scope = await sign_in(world, shop, bia), personal(ana.id)
    async with world.begin(scope) as at:
        assert await at.sessions.revoke_all(scope, world.now(), "password", but=sessions[1].id) == 2
    async with world.begin(scope) as at:
        assert await at.sessions.live(scope, world.now()) == [sessions[1]]
        assert (await at.sessions.get(scope, sessions[0].id)).revoked_for == "password"
        assert (await at.sessions.get(scope, ended.id)) == ended
        assert await at.sessions.revoke_all(scope, world.now(), "all") == 1
    async with world.begin(personal(bia.id)) as at:
        assert await at.sessions.live(personal(bia.id), world.now()) == [theirs]


async def test_sessions_forget_where_they_were_used(world: World, shop: Tenant) -> None:
    ana, bia = await add_member(world, shop, "ana"), await add_member(world, shop, "bia")
    used = {"user_agent": "Firefox", "ip_address": "203.0.113.7"}
    mine = [await sign_in(world, shop, ana, **used), await sign_in(world, shop, ana, revoked_at=world.now(), **used)]
    theirs, scope = await sign_in(world, shop, bia, **used), personal(ana.id)
    async with world.begin(scope) as at:
        await at.sessions.forget(scope)
        await at.sessions.forget(personal(bia.id))
    async with world.begin(scope) as at:
        for session in mine:
            assert await at.sessions.get(scope, session.id) == replace(session, user_agent="", ip_address="")
    async with world.begin(personal(bia.id)) as at:
        assert await at.sessions.get(personal(bia.id), theirs.id) == theirs


async def test_a_session_is_in_a_project_of_its_organization(world: World, shop: Tenant, stranger: Tenant) -> None:
    ana = await add_member(world, shop, "ana")
    for wrong in ({"project_id": stranger.project.id}, {"project_id": world.ids.new()}):
        with pytest.raises(Conflict):
            await sign_in(world, shop, ana, **wrong)
    session = make_session(world, shop, ana)
    with pytest.raises(Conflict):
        async with world.begin(personal(ana.id)) as at:
            await at.sessions.add(replace(session, organization_id=world.ids.new()))


async def test_g59_sessions_are_their_persons_alone(world: World, shop: Tenant) -> None:
    ana, bia = await add_member(world, shop, "ana"), await add_member(world, shop, "bia")
    session = await sign_in(world, shop, ana)
    for scope in (
        personal(bia.id),
        inside(shop, bia),
        shop.whole,
        shop.scope,
        TenantScope(shop.owner.organization_id, "*"),
    ):
        async with world.begin(scope) as at:
            for asked in (scope, personal(ana.id)):
                with pytest.raises(NotFound):
                    await at.sessions.get(asked, session.id)
                assert await at.sessions.live(asked, world.now()) == []
                assert await at.sessions.revoke_all(asked, world.now(), "sly") == 0
            with pytest.raises(NotFound):
                await at.sessions.save(replace(session, generation=9))
        with pytest.raises(Exception, match=REFUSED):
            async with world.begin(scope) as at:
                await at.sessions.add(make_session(world, shop, ana))
    async with world.begin(personal(ana.id)) as at:
        assert await at.sessions.get(personal(ana.id), session.id) == session
