"""Recovering an account: confirmation, forgotten and changed passwords, deletion and restoring."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from atende.core.identity.accounts.delete_account import AnonymizeUsers
from atende.core.identity.model import Membership, UserStatus
from atende.core.identity.permissions import Role
from atende.core.identity.ports import Memberships, People
from atende.core.identity.signed_tokens import Purpose
from atende.core.kernel import TenantScope, Transaction, personal
from atende.core.tenancy.model import Organization
from tests.databases import Databases
from tests.world.browser import PASSWORD, Browser, link_for, mails
from tests.world.people import PeopleWorld, make_people_world

NEW = "another horse battery"


async def test_an_address_is_confirmed_once(people: PeopleWorld) -> None:
    browser = Browser(people)
    await browser.register("ana@example.com")
    token = await link_for(people, Purpose.VERIFY_EMAIL, "ana@example.com")
    wrong = await link_for(people, Purpose.RESET_PASSWORD, "ana@example.com")
    old = await link_for(people, Purpose.VERIFY_EMAIL, "ana@example.com", life=timedelta(0))
    for bad in (wrong, old, token[:-1], f"{token}x", "nonsense", ""):
        answer = await browser.post("/auth/verify-email", {"token": bad})
        assert (answer.status_code, answer.json()["code"]) == (404, "LINK_NOT_VALID")
    assert (await browser.post("/auth/verify-email", {"token": token})).status_code == 200
    me = (await browser.get("/users/me")).json()
    assert me["status"] == "active"
    assert me["emailVerifiedAt"]
    assert (await browser.post("/auth/verify-email", {"token": token})).status_code == 404


@pytest.mark.parametrize("path", ["/auth/forgot-password", "/auth/verify-email/send"])
async def test_asking_for_mail_tells_nothing(people: PeopleWorld, path: str) -> None:
    browser = Browser(people)
    user_id = UUID((await browser.register("ana@example.com"))["user"]["id"])
    await mails(people)
    stranger = Browser(people)
    known = await stranger.post(path, {"email": "Ana@Example.com"})
    unknown = await stranger.post(path, {"email": "nobody@example.com"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert known.status_code == 202
    kind = "reset" if "forgot" in path else "verify"
    first, second = await mails(people)  # the same work for both; the second one is to nobody
    assert {first[0], second[0]} == {kind}
    assert user_id in {first[1], second[1]}
    who = await people.container.get(People)
    assert {await who.by_id(one) is None for _, one in (first, second)} == {True, False}
    for _ in range(4):
        assert (await stranger.post(path, {"email": "ana@example.com"})).status_code == 202
    assert (await stranger.post(path, {"email": "ana@example.com"})).status_code == 429  # no flood of mail


async def test_g70_nobody_uses_up_the_mails_that_lead_back_in(people: PeopleWorld) -> None:
    """What sends somebody no mail, or one of another kind, must not keep them from asking for a new password."""
    ana, stranger = Browser(people), Browser(people, address="203.0.113.9")
    await ana.register("ana@example.com")
    for _ in range(6):
        await stranger.post("/auth/register", {"email": "ana@example.com", "password": PASSWORD})
        await stranger.post("/auth/verify-email/send", {"email": "ana@example.com"})
    assert (await ana.post("/auth/forgot-password", {"email": "ana@example.com"})).status_code == 202


async def test_what_a_stranger_made_under_ones_address_dies_with_their_password(people: PeopleWorld) -> None:
    """Somebody registers another person's address, makes a key, and waits until its owner takes the account over."""
    squatter, owner = Browser(people), Browser(people)
    made = await squatter.register("ana@example.com")
    keys = [(await squatter.post("/auth/api-keys")).json()["apiKey"]]
    other = (await squatter.post("/organizations", {"name": "Second"})).json()
    there = await squatter.post("/auth/switch", {"organizationId": other["id"]})
    squatter.access = there.json()["accessToken"]
    keys.append((await squatter.post("/auth/api-keys")).json()["apiKey"])
    token = await link_for(people, Purpose.RESET_PASSWORD, "ana@example.com")
    assert (await owner.post("/auth/reset-password", {"token": token, "password": NEW})).status_code == 200
    assert [(await people.call("GET", "/documents", key=key)).status_code for key in keys] == [401, 401]
    of_person = [one.action for one in await people.records(UUID(int=0))]
    assert of_person.count("user.reset_password") == 1
    assert "api_key.revoke" not in [one.action for one in await people.records(UUID(made["organization"]["id"]))]

    await owner.sign_in("ana@example.com", NEW)
    key = (await owner.post("/auth/api-keys")).json()["apiKey"]
    token = await link_for(people, Purpose.RESET_PASSWORD, "ana@example.com")
    assert (await owner.post("/auth/reset-password", {"token": token, "password": PASSWORD})).status_code == 200
    assert (await people.call("GET", "/documents", key=key)).status_code == 200, "theirs goes on"


async def test_a_forgotten_password_is_replaced_once_and_ends_every_session(people: PeopleWorld) -> None:
    here, there = Browser(people), Browser(people)
    await here.register("ana@example.com")
    await mails(people)
    token = await link_for(people, Purpose.RESET_PASSWORD, "ana@example.com")
    for bad in ("nonsense", await link_for(people, Purpose.VERIFY_EMAIL, "ana@example.com")):
        assert (await there.post("/auth/reset-password", {"token": bad, "password": NEW})).status_code == 404
    refused = await there.post("/auth/reset-password", {"token": token, "password": "too short"})
    assert refused.json()["code"] == "PASSWORD_REFUSED"  # and the link is still good
    assert (await there.post("/auth/reset-password", {"token": token, "password": NEW})).status_code == 200
    assert [kind for kind, _ in await mails(people)] == ["password_changed"]
    again = await there.post("/auth/reset-password", {"token": token, "password": "third horse battery"})
    assert again.json()["code"] == "LINK_NOT_VALID"
    assert not await here.is_in()
    here.access = ""
    assert (await here.renew()).status_code == 401
    assert (await there.sign_in("ana@example.com")).status_code == 401
    assert (await there.sign_in("ana@example.com", NEW)).status_code == 200
    assert (await there.get("/users/me")).json()["status"] == "active"  # whoever reads the mail has the address


async def test_another_password_keeps_this_session_alone(people: PeopleWorld) -> None:
    here, there = Browser(people), Browser(people)
    await here.register("ana@example.com")
    await there.sign_in("ana@example.com")
    old = (here.access, here.refresh)
    body = {"currentPassword": PASSWORD, "newPassword": NEW}
    wrong = await here.post("/auth/change-password", body | {"currentPassword": NEW})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "WRONG_PASSWORD")
    answer = await here.post("/auth/change-password", body)
    assert answer.status_code == 200
    assert not await here.is_in()  # with the token of before
    assert not await there.is_in()
    here.access, here.refresh = answer.json()["accessToken"], answer.json()["refreshToken"]
    assert (here.access, here.refresh) != old
    assert await here.is_in()
    assert (await here.renew()).status_code == 200
    assert (await there.sign_in("ana@example.com")).status_code == 401
    assert [kind for kind, _ in await mails(people)] == ["verify", "password_changed"]


async def test_a_profile_is_changed_by_its_owner(people: PeopleWorld) -> None:
    browser = Browser(people)
    await browser.register("ana@example.com", name="Ana Lima")
    changed = await browser.call("PUT", "/users/me", {"name": "Ana Maria Souza", "phone": "+55 11 99999-0000"})
    assert changed.status_code == 200
    assert changed.json()["name"] == "Ana Maria Souza"
    assert (changed.json()["firstName"], changed.json()["lastName"]) == ("Ana", "Maria Souza")
    theme = await browser.call("PUT", "/users/me", {"preferences": {"theme": "light"}, "phone": None})
    me = (await browser.get("/users/me")).json()
    assert theme.json() == me
    assert (me["preferences"], me["phone"], me["firstName"]) == ({"theme": "light"}, None, "Ana")
    for bad, status in (
        ({"email": "bia@example.com"}, 400),
        ({"platformRole": "operator"}, 400),
        ({"status": "active"}, 400),
        ({"avatarUrl": "javascript:alert(1)"}, 400),
        ({"firstName": "x" * 101}, 400),
        ({"preferences": {"x": "y" * 10_000}}, 422),
        ({"firstName": None}, 400),
    ):
        assert (await browser.call("PUT", "/users/me", bad)).status_code == status
    assert (await browser.get("/users/me")).json() == me


async def test_all_that_is_kept_can_be_taken_away(people: PeopleWorld) -> None:
    browser = Browser(people)
    made = await browser.register("ana@example.com", name="Ana Lima")
    await browser.post("/auth/api-keys", {"name": "mine"})
    answer = await browser.get("/users/me/export")
    assert answer.status_code == 200
    found = answer.json()
    assert found["profile"]["email"] == "ana@example.com"
    assert [one["organizationId"] for one in found["memberships"]] == [made["organization"]["id"]]
    assert [one["current"] for one in found["sessions"]] == [True]
    assert [one["name"] for one in found["apiKeys"]] == ["mine"]
    assert {"user.register", "api_key.create"} <= {one["action"] for one in found["activity"]}
    assert not any(word in answer.text for word in ("$2b$", "passwordHash", "secretHash", "rt_", "org_"))


async def test_an_account_ends_and_comes_back(people: PeopleWorld) -> None:
    browser = Browser(people)
    await browser.register("ana@example.com")
    key = (await browser.post("/auth/api-keys", {})).json()["apiKey"]
    body = {"email": "ana@example.com", "password": PASSWORD}
    assert (await Browser(people).post("/auth/restore", body)).status_code == 401  # nothing to restore
    assert (await browser.call("DELETE", "/users/me", {"password": NEW})).status_code == 403
    assert (await browser.call("DELETE", "/users/me", {"password": PASSWORD})).status_code == 200
    assert not await browser.is_in()
    assert (await people.call("GET", "/documents", key=key)).status_code == 401
    browser.access = ""
    assert (await browser.renew()).status_code == 401
    refused = await browser.sign_in("ana@example.com")
    assert (refused.status_code, refused.json()["code"]) == (401, "WRONG_CREDENTIALS")
    assert (await browser.post("/auth/restore", body | {"password": NEW})).status_code == 401
    people.clock.ahead = timedelta(days=29)
    back = await browser.post("/auth/restore", body)
    assert back.status_code == 200
    assert back.json()["organization"] is not None
    assert (await browser.sign_in("ana@example.com")).status_code == 200
    assert (await people.call("GET", "/documents", key=key)).status_code == 401  # revoked is revoked


async def test_after_thirty_days_nobody_is_left(people: PeopleWorld) -> None:
    browser = Browser(people)
    made = await browser.register("ana@example.com", name="Ana Lima")
    assert (await browser.call("DELETE", "/users/me", {"password": PASSWORD})).status_code == 200
    user_id = UUID(made["user"]["id"])
    async with people.use(AnonymizeUsers) as anonymize:
        assert await anonymize() == 0
        people.clock.ahead = timedelta(days=30, minutes=1)
        assert await anonymize() == 1
        assert await anonymize() == 0
    who = await people.container.get(People)
    user = await who.by_id(user_id)
    assert user is not None
    assert (user.status, user.name, user.password_hash) == (UserStatus.ANONYMIZED, "", None)
    assert "ana" not in user.email
    assert (await browser.post("/auth/restore", {"email": "ana@example.com", "password": PASSWORD})).status_code == 401
    browser.access = ""
    await browser.register("ana@example.com")  # the address is free again


async def test_the_only_owner_stays_while_others_are_there(people: PeopleWorld) -> None:
    browser = Browser(people)
    made = await browser.register("ana@example.com")
    organization = await _organization(people, made)
    await people.member(organization, Role.MEMBER)
    refused = await browser.call("DELETE", "/users/me", {"password": PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (409, "LAST_OWNER")
    assert await browser.is_in()
    await people.member(organization, Role.OWNER)
    assert (await browser.call("DELETE", "/users/me", {"password": PASSWORD})).status_code == 200


async def test_g71_owners_of_the_same_organizations_cannot_all_delete_their_accounts_at_once(
    databases: Databases, tmp_path: Path
) -> None:
    """Each of them joined first where the other came second: every order of looking at the two has to wait."""
    async with databases.one() as urls, make_people_world(urls, tmp_path) as world:
        for _ in range(5):
            browsers = (Browser(world), Browser(world))
            places = [(await one.register())["organization"]["id"] for one in browsers]
            for browser, place in zip(browsers, reversed(places), strict=True):
                await _make_owner(world, browser, UUID(place))
            going = (one.call("DELETE", "/users/me", {"password": PASSWORD}) for one in browsers)
            answers = await asyncio.gather(*going)
            assert sorted(one.status_code for one in answers) == [200, 409], [one.text for one in answers]


async def test_a_refused_deletion_changes_nothing(people: PeopleWorld) -> None:
    browser = Browser(people)
    first = await browser.register()
    key = (await browser.post("/auth/api-keys", {})).json()["apiKey"]
    second = (await browser.post("/organizations", {"name": "Second"})).json()
    [place] = [one for one in await _organizations(people, first) if str(one.id) == second["id"]]
    await people.member(place, Role.MEMBER)
    refused = await browser.call("DELETE", "/users/me", {"password": PASSWORD})
    assert (refused.status_code, refused.json()["organizationId"]) == (409, second["id"])
    assert (await people.call("GET", "/documents", key=key)).status_code == 200


async def _make_owner(people: PeopleWorld, browser: Browser, organization_id: UUID) -> None:
    user_id, now = UUID((await browser.get("/users/me")).json()["id"]), people.clock.now()
    scope = TenantScope(organization_id, user_id=user_id)
    async with people.container() as unit:
        memberships, transaction = await unit.get(Memberships), await unit.get(Transaction)
        async with transaction(scope):
            await memberships.add(
                Membership(
                    organization_id=organization_id, user_id=user_id, role=Role.OWNER, created_at=now, updated_at=now
                )
            )


async def _organization(people: PeopleWorld, made: dict[str, Any]) -> Organization:
    [organization] = await _organizations(people, made)
    return organization


async def _organizations(people: PeopleWorld, made: dict[str, Any]) -> list[Organization]:
    scope = personal(UUID(made["user"]["id"]))
    async with people.container() as unit:
        memberships, transaction = await unit.get(Memberships), await unit.get(Transaction)
        async with transaction(scope):
            return [organization for _, organization in await memberships.of_user(scope)]
