"""Invitations over HTTP: sent, sent again, taken back, accepted."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from atende.core.identity.permissions import Role
from atende.core.identity.ports import Users
from atende.core.kernel import TenantScope, Transaction, personal
from atende.core.tenancy.model import Organization
from atende.core.tenancy.ports import Organizations
from atende.core.work.ports import JobQueue
from atende.inbound.http.app import WebOptions
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.people import PeopleWorld, Person, make_people_world

GOOD = "correct horse battery"


async def invite(by: Person, shop: Organization, email: str = "bia@example.com", **more: Any) -> dict[str, Any]:
    answer = await by.post(f"/organizations/{shop.id}/invitations", {"email": email} | more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def accept(people: PeopleWorld, token: str, by: Person | None = None, **more: Any) -> httpx.Response:
    return await people.call("POST", "/auth/invitations/accept", {"token": token} | more, token=by.token if by else "")


async def set_limits(people: PeopleWorld, shop: Organization, **limits: int) -> None:
    async with people.container() as unit:
        organizations, transaction = await unit.get(Organizations), await unit.get(Transaction)
        async with transaction(TenantScope(shop.id)):
            found = await organizations.get(TenantScope(shop.id))
            found.custom_limits = dict(limits)
            await organizations.save(found)


async def jobs_due(people: PeopleWorld) -> list[dict[str, str]]:
    queue = await people.container.get(JobQueue)
    claims = await queue.claim("test", limit=100, lease=timedelta(seconds=30))
    await queue.finish(claims)
    return [claim.payload for claim in claims]


async def test_a_newcomer_joins_with_an_account_and_is_signed_in(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    made = await invite(ana, shop, "  Bia@Example.com ", role="agent", firstName="Bia", lastName="Silva")
    assert (made["email"], made["role"], made["status"]) == ("bia@example.com", "agent", "pending")
    assert await jobs_due(people) == [{"kind": "invitation", "id": made["id"], "sent": "1"}]
    token = await people.link(made["id"])
    assert (await accept(people, token)).status_code == 422
    assert (await accept(people, token, password="short")).json()["code"] == "PASSWORD_REFUSED"
    answer = await accept(people, token, password=GOOD, firstName="Beatriz")
    assert answer.status_code == 200, answer.text
    joined = answer.json()
    assert (joined["role"], joined["status"], joined["organization"]["id"]) == ("agent", "active", str(shop.id))
    assert joined["user"]["id"] == made["id"], "the id that the invitation showed"
    assert (joined["user"]["firstName"], joined["user"]["lastName"]) == ("Beatriz", "Silva")
    assert "atende_refresh" in answer.cookies
    bia = Person(id=UUID(made["id"]), email="bia@example.com", world=people, token=joined["accessToken"])
    assert (await bia.get(f"/organizations/{shop.id}")).json()["role"] == "agent"
    me = (await bia.get(f"/users/{bia.id}")).json()
    assert (me["status"], me["emailVerified"], me["role"]) == ("active", True, "agent")
    signed_in = await people.call("POST", "/auth/login", {"email": bia.email, "password": GOOD})
    assert signed_in.json()["organization"]["id"] == str(shop.id)
    assert (await accept(people, token, password=GOOD)).json()["code"] == "LINK_NOT_VALID"
    actions = [one.action for one in await people.records(shop.id)]
    assert actions == ["invitation.accept", "invitation.create", "organization.create"]


async def test_whoever_has_an_account_accepts_as_its_person(people: PeopleWorld) -> None:
    ana, bia, eve = [await people.person(name) for name in ("ana", "bia", "eve")]
    shop = await people.organization(ana)
    made = await invite(ana, shop, bia.email)
    token = await people.link(made["id"])
    for stranger in (None, eve, ana):
        refused = await accept(people, token, stranger, password=GOOD)
        assert (refused.status_code, refused.json()["code"]) == (401, "UNAUTHENTICATED")
        assert "sign in" in refused.json()["detail"]
    answer = await accept(people, token, bia)
    assert (answer.status_code, answer.json()["role"]) == (200, "member")
    assert (answer.json()["accessToken"], answer.json()["user"]) == (None, None)
    assert (await bia.get(f"/organizations/{shop.id}")).json()["role"] == "member"


async def test_the_link_confirms_the_address(people: PeopleWorld) -> None:
    ana, bia = await people.person("ana"), await people.person("bia", verified=False)
    shop = await people.organization(ana)
    made = await invite(ana, shop, bia.email)
    assert (await accept(people, await people.link(made["id"]), bia)).status_code == 200
    me = (await bia.get(f"/users/{bia.id}")).json()
    assert (me["status"], me["emailVerified"]) == ("active", True)


async def test_the_answer_does_not_tell_who_has_an_account(people: PeopleWorld) -> None:
    ana, bia = await people.person("ana"), await people.person("bia")
    shop = await people.organization(ana)
    known, unknown = await invite(ana, shop, bia.email), await invite(ana, shop, "nobody@example.com")
    differing = {"id", "email", "createdAt", "expiresAt"}
    assert {name for name in known if known[name] != unknown[name]} == differing
    people_made = [
        await ana.post("/users", {"email": email}) for email in ((await people.person("carla")).email, "n@example.com")
    ]
    first, second = (one.json() for one in people_made)
    assert [one.status_code for one in people_made] == [201, 201]
    assert {name for name in first if first[name] != second[name]} == {"id", "email", "createdAt"}
    assert (first["status"], first["role"], first["emailVerified"]) == ("invited", "member", False)


async def test_an_unconfirmed_person_invites_nobody(people: PeopleWorld) -> None:
    ana = await people.person("ana", verified=False)
    shop = await people.organization(ana)
    for path in (f"/organizations/{shop.id}/invitations", "/users"):
        refused = await ana.post(path, {"email": "bia@example.com"})
        assert (refused.status_code, refused.json()["code"]) == (403, "NOT_VERIFIED")


async def test_whoever_confirms_invites_at_once(database: Urls, tmp_path: Path) -> None:
    async with make_people_world(
        database, tmp_path, options=WebOptions(aliases=False, credential_cache_seconds=600)
    ) as people:
        ana = await people.person("ana", verified=False)
        shop = await people.organization(ana)
        place = f"/organizations/{shop.id}/invitations"
        assert (await ana.post(place, {"email": "bia@example.com"})).json()["code"] == "NOT_VERIFIED"
        scope = personal(ana.id)
        async with people.container() as unit:
            users, transaction = await unit.get(Users), await unit.get(Transaction)
            async with transaction(scope):
                user = await users.get(scope, ana.id)
                user.verify_email(people.clock.now())
                await users.save(user)
        await invite(ana, shop)


async def test_g71_nobody_invites_somebody_above_themselves(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    admin, manager = await people.member(shop, Role.ADMIN), await people.member(shop, Role.MANAGER)
    place = f"/organizations/{shop.id}/invitations"
    refused = await admin.post(place, {"email": "bia@example.com", "role": "owner"})
    assert (refused.status_code, refused.json()["code"]) == (403, "ROLE_TOO_HIGH")
    assert (await admin.post(place, {"email": "bia@example.com", "role": "admin"})).status_code == 201
    assert (await manager.post(place, {"email": "carla@example.com"})).status_code == 403
    owner = await invite(ana, shop, "dora@example.com", role="owner")
    assert (await admin.post(f"{place}/{owner['id']}/send")).json()["code"] == "ROLE_TOO_HIGH"
    assert (await admin.delete(f"{place}/{owner['id']}")).json()["code"] == "ROLE_TOO_HIGH"


async def test_only_owners_invite_where_the_organization_says_so(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    admin = await people.member(shop, Role.ADMIN)
    await ana.put(
        f"/organizations/{shop.id}", {"settings": {"allowMemberInvites": False, "defaultMemberRole": "viewer"}}
    )
    refused = await admin.post(f"/organizations/{shop.id}/invitations", {"email": "bia@example.com"})
    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_ALLOWED")
    assert (await invite(ana, shop))["role"] == "viewer"


async def test_nobody_is_invited_twice_or_as_a_member(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    bia = await people.member(shop, Role.VIEWER)
    place = f"/organizations/{shop.id}/invitations"
    assert (await ana.post(place, {"email": bia.email})).status_code == 409
    first = await invite(ana, shop, "c@example.com")
    again = await ana.post(place, {"email": "C@example.com"})
    assert (again.status_code, again.json()["invitationId"]) == (409, first["id"])
    people.clock.ahead = timedelta(days=8)
    await people.sign_in(ana, shop.id)
    second = await invite(ana, shop, "c@example.com")
    seen = (await ana.get(place)).json()["data"]
    assert [(one["id"], one["status"]) for one in seen] == [(second["id"], "pending"), (first["id"], "revoked")]


async def test_only_the_newest_link_works(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    made = await invite(ana, shop)
    first = await people.link(made["id"])
    sent = await ana.post(f"/organizations/{shop.id}/invitations/{made['id']}/send")
    assert sent.status_code == 200, sent.text
    assert [job["sent"] for job in await jobs_due(people)] == ["1", "2"]
    assert (await accept(people, first, password=GOOD)).json()["code"] == "LINK_NOT_VALID"
    assert (await accept(people, await people.link(made["id"]), password=GOOD)).status_code == 200


@pytest.mark.parametrize("how", ["revoked", "expired", "edited", "organization deleted", "nonsense"])
async def test_a_dead_link_opens_nothing(people: PeopleWorld, how: str) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    made = await invite(ana, shop)
    token = await people.link(made["id"])
    if how == "revoked":
        assert (await ana.delete(f"/organizations/{shop.id}/invitations/{made['id']}")).status_code == 204
    elif how == "expired":
        people.clock.ahead = timedelta(days=7, seconds=1)
    elif how == "edited":
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    elif how == "nonsense":
        token = "a.b.c"
    else:
        assert (await ana.delete(f"/organizations/{shop.id}?confirm={shop.slug}")).status_code == 202
    refused = await accept(people, token, password=GOOD)
    assert (refused.status_code, refused.json()["code"]) == (404, "LINK_NOT_VALID")


@pytest.mark.parametrize("how", ["removed", "left", "demoted"])
async def test_g71_an_invitation_is_worth_no_more_than_its_sender_still_is(people: PeopleWorld, how: str) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    eve = await people.member(shop, Role.ADMIN)
    made = await invite(eve, shop, "second-eve@example.com", role="admin")
    member = f"/organizations/{shop.id}/members/{eve.id}"
    if how == "demoted":
        assert (await ana.put(member, {"role": "viewer"})).status_code == 200
    else:
        assert (await (ana if how == "removed" else eve).delete(member)).status_code == 204
    refused = await accept(people, await people.link(made["id"]), password=GOOD)
    assert (refused.status_code, refused.json()["code"]) == (404, "LINK_NOT_VALID")
    assert len((await ana.get(f"/organizations/{shop.id}/members")).json()["data"]) == (2 if how == "demoted" else 1)

    # Whoever sends it again vouches for it.
    assert (await ana.post(f"/organizations/{shop.id}/invitations/{made['id']}/send")).status_code == 200
    joined = await accept(people, await people.link(made["id"]), password=GOOD)
    assert (joined.status_code, joined.json()["role"]) == (200, "admin")


async def test_the_moves_of_an_invitation(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    place = f"/organizations/{shop.id}/invitations"
    revoked, accepted = await invite(ana, shop, "r@example.com"), await invite(ana, shop, "a@example.com")
    for _ in range(2):
        assert (await ana.delete(f"{place}/{revoked['id']}")).status_code == 204
    assert (await accept(people, await people.link(accepted["id"]), password=GOOD)).status_code == 200
    for made in (revoked, accepted):
        assert (await ana.post(f"{place}/{made['id']}/send")).json()["code"] == "INVALID_STATE"
    assert (await ana.delete(f"{place}/{accepted['id']}")).json()["code"] == "INVALID_STATE"


async def test_where_approval_is_asked_for_newcomers_wait(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    await ana.put(f"/organizations/{shop.id}", {"settings": {"requireApproval": True}})
    made = await invite(ana, shop)
    joined = (await accept(people, await people.link(made["id"]), password=GOOD)).json()
    assert joined["status"] == "pending"
    bia = Person(id=UUID(made["id"]), email="bia@example.com", world=people, token=joined["accessToken"])
    assert (await bia.get("/users/me")).status_code == 200
    assert (await bia.get(f"/organizations/{shop.id}")).status_code == 404
    assert (await bia.get("/projects")).json()["data"] == []
    assert (await ana.post(f"/organizations/{shop.id}/members/{bia.id}/approve")).status_code == 200
    assert (await bia.get(f"/organizations/{shop.id}")).status_code == 200


async def test_own_limits_bind_members_and_open_invitations_together(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    await set_limits(people, shop, max_team_members=2)
    place = f"/organizations/{shop.id}/invitations"
    first = await invite(ana, shop, "b@example.com")
    refused = await ana.post(place, {"email": "c@example.com"})
    assert (refused.status_code, refused.json()["code"], refused.json()["limit"]) == (
        403,
        "PLAN_LIMIT_REACHED",
        "max_team_members",
    )
    # Accepting takes no further seat, an invitation that is taken back frees one.
    assert (await accept(people, await people.link(first["id"]), password=GOOD)).status_code == 200
    assert (await ana.post(place, {"email": "c@example.com"})).status_code == 403
    assert (await ana.delete(f"/organizations/{shop.id}/members/{first['id']}")).status_code == 204
    second = await invite(ana, shop, "c@example.com")
    assert (await ana.delete(f"{place}/{second['id']}")).status_code == 204
    expired = await invite(ana, shop, "d@example.com")
    people.clock.ahead = timedelta(days=8)
    await people.sign_in(ana, shop.id)
    await invite(ana, shop, "e@example.com")
    assert (await ana.post(f"{place}/{expired['id']}/send")).json()["code"] == "PLAN_LIMIT_REACHED"


async def test_the_number_of_the_plan_does_not_bind_yet(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)  # the free plan has one seat
    for name in ("b", "c", "d"):
        assert (await invite(ana, shop, f"{name}@example.com"))["status"] == "pending"


async def test_a_deleted_account_does_not_hold_its_address(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    first = await invite(ana, shop)
    await accept(people, await people.link(first["id"]), password=GOOD)
    login = await people.call("POST", "/auth/login", {"email": "bia@example.com", "password": GOOD})
    bia = Person(id=UUID(first["id"]), email="bia@example.com", world=people, token=login.json()["accessToken"])
    gone = await bia.delete("/users/me", {"password": GOOD})
    assert gone.status_code < 300, gone.text
    await ana.delete(f"/organizations/{shop.id}/members/{bia.id}")
    second = await invite(ana, shop)
    assert (await accept(people, await people.link(second["id"]), password=GOOD)).status_code == 200
