"""The people of an organization over HTTP."""

from datetime import timedelta

import pytest

from atende.core.identity.permissions import Role
from tests.world.people import PeopleWorld


async def test_users_are_the_members_of_where_the_caller_is(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    first = await people.organization(ana, "First")
    bia = await people.member(first, Role.MANAGER)
    second = await people.organization(ana, "Second")
    seen = (await ana.get("/users")).json()
    assert [(one["id"], one["role"]) for one in seen["data"]] == [(str(ana.id), "owner")]
    await people.sign_in(ana, first.id)
    seen = (await ana.get("/users")).json()
    assert [(one["email"], one["role"]) for one in seen["data"]] == [(ana.email, "owner"), (bia.email, "manager")]
    assert seen["pagination"]["total"] == 2
    assert (await bia.get(f"/users/{ana.id}")).json()["email"] == ana.email
    await people.sign_in(ana, second.id)
    assert (await ana.get(f"/users/{bia.id}")).status_code == 404


async def test_oneself_is_always_there(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    me = (await ana.get(f"/users/{ana.id}")).json()
    assert (me["email"], me["role"], me["status"]) == (ana.email, None, "active")
    assert (await ana.get("/users")).status_code == 403
    assert (await ana.get(f"/users/{ana.id}/organizations")).json()["data"] == []
    changed = await ana.put(f"/users/{ana.id}", {"name": "Ana Maria Braga", "phone": "+55 11 5555"})
    assert (changed.json()["firstName"], changed.json()["lastName"]) == ("Ana", "Maria Braga")


async def test_a_profile_is_changed_by_its_person_alone(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    bia = await people.member(shop, Role.VIEWER)
    refused = await ana.put(f"/users/{bia.id}", {"firstName": "Eve"})
    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_ALLOWED")
    assert (await ana.put(f"/users/{bia.id}", {})).status_code == 422
    assert (await ana.put(f"/users/{ana.id}", {"firstName": "A", "role": "owner"})).status_code == 422
    assert (await bia.put(f"/users/{ana.id}", {"firstName": "Eve"})).status_code == 403
    assert (await ana.put(f"/users/{bia.id}", {"role": "agent"})).json()["role"] == "agent"
    assert (await bia.put(f"/users/{bia.id}", {"firstName": "Beatriz"})).json()["name"] == "Beatriz"
    for field in ("email", "status", "platformRole", "id", "organizationId"):
        assert (await ana.put(f"/users/{ana.id}", {field: "operator"})).status_code == 400


async def test_whoever_is_invited_is_found_and_nothing_is_told_of_an_account(people: PeopleWorld) -> None:
    ana, bia, eve = [await people.person(name) for name in ("ana", "bia", "eve")]
    shop = await people.organization(ana)
    await people.organization(eve)
    viewer = await people.member(shop, Role.VIEWER)
    for email in (bia.email, "nobody@example.com"):  # the first has an account elsewhere
        made = (await ana.post("/users", {"email": email, "role": "agent", "name": "Bia Silva"})).json()
        place = f"/users/{made['id']}"
        for caller in (ana, viewer):
            assert (await caller.get(place)).json() == made
        assert made["status"] == "invited"
        assert (await eve.get(place)).status_code == 404
        assert (await ana.get(f"{place}/organizations")).status_code == 404
        refused = await ana.put(place, {"role": "viewer"})
        assert (refused.status_code, refused.json()["code"]) == (409, "INVALID_STATE")
        assert (await viewer.delete(place)).status_code == 403
        assert (await eve.delete(place)).status_code == 404
        assert [(await ana.delete(place)).status_code for _ in range(2)] == [204, 404]
        assert (await ana.get(place)).status_code == 404
    seen = (await ana.get(f"/organizations/{shop.id}/invitations")).json()["data"]
    assert [one["status"] for one in seen] == ["revoked", "revoked"]
    actions = [one.action for one in await people.records(shop.id)]
    assert actions[:4] == ["invitation.revoke", "invitation.create"] * 2
    assert (await ana.get(f"/users/{bia.id}")).status_code == 404


@pytest.mark.parametrize("known", [True, False])
async def test_the_id_of_an_invitation_leads_to_whoever_accepts(people: PeopleWorld, *, known: bool) -> None:
    ana, bia = await people.person("ana"), await people.person("bia")
    shop = await people.organization(ana)
    made = (await ana.post("/users", {"email": bia.email if known else "new@example.com"})).json()
    accepted = await people.call(
        "POST",
        "/auth/invitations/accept",
        {"token": await people.link(made["id"])} | ({} if known else {"password": "correct horse battery"}),
        token=bia.token if known else "",
    )
    assert accepted.status_code == 200, accepted.text
    found = (await ana.get(f"/users/{made['id']}")).json()
    assert (found["id"], found["status"]) == (str(bia.id) if known else made["id"], "active")
    assert (await ana.delete(f"/users/{found['id']}")).status_code == 204
    assert (await ana.get(f"/users/{made['id']}")).status_code == 404
    assert (await ana.get(f"/organizations/{shop.id}/members")).json()["pagination"]["total"] == 1


async def test_an_invitation_that_is_too_old_is_nobody(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    made = (await ana.post("/users", {"email": "bia@example.com"})).json()
    people.clock.ahead = timedelta(days=8)
    await people.sign_in(ana, shop.id)
    assert (await ana.get(f"/users/{made['id']}")).status_code == 404


async def test_removing_a_person_ends_the_membership_alone(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    bia = await people.member(shop, Role.ADMIN)
    own = await people.organization(bia, "Own")
    assert (await ana.delete(f"/users/{bia.id}")).status_code == 204
    assert (await ana.get(f"/users/{bia.id}")).status_code == 404
    assert [one["id"] for one in (await bia.get("/organizations")).json()["data"]] == [str(own.id)]


async def test_of_others_only_the_shared_organization_is_shown(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    bia = await people.member(shop, Role.AGENT)
    own = await people.organization(bia, "Own")
    seen = (await ana.get(f"/users/{bia.id}/organizations")).json()["data"]
    assert [(one["id"], one["role"]) for one in seen] == [(str(shop.id), "agent")]
    seen = (await bia.get(f"/users/{bia.id}/organizations")).json()["data"]
    assert [(one["id"], one["role"]) for one in seen] == [(str(shop.id), "agent"), (str(own.id), "owner")]
    stranger = await people.person("eve")
    await people.organization(stranger)
    assert (await stranger.get(f"/users/{bia.id}/organizations")).status_code == 404
