"""The people of an organization over HTTP."""

from atende.core.identity.permissions import Role
from tests.integration.people.world import PeopleWorld


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
