"""Organizations over HTTP: created, read, changed, deleted and restored."""

from datetime import timedelta
from uuid import UUID

import pytest

from atende.core.identity.permissions import Role
from tests.world.people import PeopleWorld


async def test_whose_slug_was_given_away_comes_back_under_another(people: PeopleWorld) -> None:
    ana, bia = await people.person("ana"), await people.person("bia")
    first = (await ana.post("/organizations", {"name": "Shop", "slug": "shop"})).json()
    place = f"/organizations/{first['id']}"
    await people.sign_in(ana, UUID(first["id"]))
    assert (await ana.delete(place, {"slug": "shop"})).status_code == 202
    await people.sign_in(ana)
    assert (await bia.post("/organizations", {"name": "Shop", "slug": "shop"})).status_code == 201
    for body in (None, {}, {"slug": None}, {"slug": "shop"}):
        refused = await ana.post(f"{place}/restore", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "SLUG_TAKEN"), refused.text
        assert "`slug`" in refused.json()["detail"]
    assert (await ana.get(place)).status_code == 404
    assert (await ana.post(f"{place}/restore", {"slug": "No Slug"})).status_code == 400
    assert (await bia.post(f"{place}/restore", {"slug": "mine"})).status_code == 404
    for _ in range(2):  # whoever did not hear the answer asks again
        back = await ana.post(f"{place}/restore", {"slug": "shop-of-ana"})
        assert (back.status_code, back.json()["slug"], back.json()["deletedAt"]) == (200, "shop-of-ana", None), (
            back.text
        )
    assert (await ana.post(f"{place}/restore")).json()["slug"] == "shop-of-ana"
    again = await ana.post(f"{place}/restore", {"slug": "third"})
    assert (again.status_code, again.json()["code"]) == (409, "INVALID_STATE")
    assert (await ana.get(place)).json()["slug"] == "shop-of-ana"


async def test_whoever_makes_an_organization_owns_it(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    answer = await ana.post("/organizations", {"name": "Padaria São João"})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["name"], made["slug"], made["role"]) == ("Padaria São João", "padaria-sao-joao", "owner")
    assert made["settings"] == {"allowMemberInvites": True, "defaultMemberRole": "member", "requireApproval": False}
    assert (await ana.get("/organizations")).json()["data"] == [made]
    projects = (await ana.get("/projects")).json()["data"]
    assert [(one["tenantId"], one["isDefault"]) for one in projects] == [("padaria-sao-joao", True)]
    (record,) = await people.records(UUID(made["id"]))
    assert (record.action, record.actor.id) == ("organization.create", ana.id)


async def test_names_that_are_taken_get_another_spelling_but_slugs_do_not(people: PeopleWorld) -> None:
    ana, bia = await people.person("ana"), await people.person("bia")
    first = (await ana.post("/organizations", {"name": "Shop", "slug": "shop"})).json()
    second = (await bia.post("/organizations", {"name": "Shop"})).json()
    assert (first["slug"], second["slug"]) == ("shop", "shop-2")
    refused = await bia.post("/organizations", {"name": "Shop", "slug": "shop"})
    assert (refused.status_code, refused.json()["code"]) == (409, "SLUG_TAKEN")
    changed = await bia.put(f"/organizations/{second['id']}", {"slug": "shop"})
    assert (changed.status_code, changed.json()["code"]) == (409, "SLUG_TAKEN")
    assert (await bia.get(f"/organizations/{second['id']}")).json()["slug"] == "shop-2"


async def test_a_change_leaves_the_rest_as_it_is(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    place = f"/organizations/{shop.id}"
    wanted = {"logoUrl": "https://cdn.example/logo.png", "settings": {"defaultMemberRole": "read_only"}}
    changed = (await ana.put(place, wanted)).json()
    assert (changed["name"], changed["logoUrl"]) == (shop.name, "https://cdn.example/logo.png")
    expected = {"allowMemberInvites": True, "defaultMemberRole": "viewer", "requireApproval": False}
    assert changed["settings"] == expected
    changed = (await ana.put(place, {"name": "New", "logoUrl": "", "settings": {"requireApproval": True}})).json()
    assert (changed["name"], changed["logoUrl"]) == ("New", None)
    assert changed["settings"] == expected | {"requireApproval": True}
    assert (await ana.put(place, {"settings": {"defaultMemberRole": "owner"}})).status_code == 422
    assert (await ana.put(place, {"logoUrl": "javascript:alert(1)"})).status_code == 400
    assert (await ana.put(place, {"name": "  "})).status_code == 422


async def test_people_see_what_they_belong_to_and_nothing_else(people: PeopleWorld) -> None:
    ana, bia = await people.person("ana"), await people.person("bia")
    first, second = await people.organization(ana, "First"), await people.organization(ana, "Second")
    strange = await people.organization(bia, "Strange")
    seen = (await ana.get("/organizations")).json()
    assert [one["id"] for one in seen["data"]] == [str(first.id), str(second.id)]
    assert seen["pagination"] == {"page": 1, "limit": 20, "total": 2, "totalPages": 1, "totalIsMinimum": False}
    # Signed in to the second, she acts on the first too, as what she is there.
    assert (await ana.put(f"/organizations/{first.id}", {"name": "Renamed"})).json()["name"] == "Renamed"
    for method, path, body in (
        ("GET", f"/organizations/{strange.id}", None),
        ("PUT", f"/organizations/{strange.id}", {"name": "Mine"}),
        ("DELETE", f"/organizations/{strange.id}?confirm={strange.slug}", None),
        ("POST", f"/organizations/{strange.id}/restore", None),
        ("GET", f"/organizations/{strange.id}/members", None),
        ("GET", f"/organizations/{strange.id}/entitlements", None),
        ("GET", f"/organizations/{strange.id}/invitations", None),
        ("POST", f"/organizations/{strange.id}/invitations", {"email": "eve@example.com"}),
        ("PUT", f"/organizations/{strange.id}/members/{bia.id}", {"role": "viewer"}),
        ("DELETE", f"/organizations/{strange.id}/members/{bia.id}", None),
    ):
        answer = await ana.call(method, path, body)
        assert answer.status_code == 404, (method, path, answer.text)
    assert (await bia.get(f"/organizations/{strange.id}")).json()["name"] == strange.name


@pytest.mark.parametrize(("role", "status"), [(role, 200 if role in {"owner", "admin"} else 403) for role in Role])
async def test_the_role_in_the_organization_itself_decides(people: PeopleWorld, role: Role, status: int) -> None:
    shop = await people.organization(await people.person("ana"))
    bia = await people.member(shop, role)
    await people.organization(bia, "Own")  # an owner there, whatever she is in the shop
    answer = await bia.put(f"/organizations/{shop.id}", {"name": "Renamed"})
    assert answer.status_code == status, answer.text


async def test_only_an_owner_deletes_and_says_which(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    admin = await people.member(shop, Role.ADMIN)
    place = f"/organizations/{shop.id}"
    assert (await admin.delete(place, {"slug": shop.slug})).status_code == 403
    assert (await ana.delete(place)).status_code == 422
    assert (await ana.delete(place, {"slug": "another"})).status_code == 422
    assert (await ana.delete(f"{place}?confirm=another")).status_code == 422
    answer = await ana.delete(place, {"slug": shop.slug})
    assert (answer.status_code, answer.json()["deletedAt"] is not None) == (202, True), answer.text
    for person in (ana, admin):
        assert (await person.get(place)).status_code == 404
        assert (await person.get("/organizations")).json()["data"] == []
        assert (await person.get("/projects")).json()["data"] == []
        assert (await person.get("/users")).status_code == 403


async def test_an_owner_restores_it_within_thirty_days(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    admin = await people.member(shop, Role.ADMIN)
    place = f"/organizations/{shop.id}"
    assert (await ana.delete(f"{place}?confirm={shop.slug}")).status_code == 202
    assert (await admin.post(f"{place}/restore")).status_code == 404
    people.clock.ahead = timedelta(days=29)
    await people.sign_in(ana)
    answer = await ana.post(f"{place}/restore")
    assert (answer.status_code, answer.json()["deletedAt"]) == (200, None)
    assert (await ana.get(place)).status_code == 200
    actions = [one.action for one in await people.records(shop.id)]
    assert actions == ["organization.restore", "organization.delete", "organization.create"]


async def test_after_thirty_days_it_is_gone(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    assert (await ana.delete(f"/organizations/{shop.id}?confirm={shop.slug}")).status_code == 202
    people.clock.ahead = timedelta(days=30, seconds=1)
    await people.sign_in(ana)
    answer = await ana.post(f"/organizations/{shop.id}/restore")
    assert (answer.status_code, answer.json()["code"]) == (409, "INVALID_STATE")


async def test_a_slug_that_was_given_away_stays_away(people: PeopleWorld) -> None:
    ana, bia = await people.person("ana"), await people.person("bia")
    shop = await people.organization(ana)
    await ana.delete(f"/organizations/{shop.id}?confirm={shop.slug}")
    taken = await bia.post("/organizations", {"name": "Another", "slug": shop.slug})
    assert (taken.status_code, taken.json()["slug"]) == (201, shop.slug)
    answer = await ana.post(f"/organizations/{shop.id}/restore")
    assert (answer.status_code, answer.json()["code"]) == (409, "SLUG_TAKEN")


async def test_entitlements_are_the_plan_with_own_limits_laid_over(people: PeopleWorld) -> None:
    ana, root = await people.person("ana"), await people.person("root", operator=True)
    shop = await people.organization(ana)
    assert (
        await root.put(f"/admin/organizations/{shop.id}/limits", {"limits": {"max_projects": 7}})
    ).status_code == 200
    found = (await ana.get(f"/organizations/{shop.id}/entitlements")).json()
    assert (found["plan"], found["limits"]["max_projects"], found["custom"]) == ("free", 7, ["max_projects"])
    assert (found["limits"]["max_team_members"], found["features"]["api_access"]) == (1, False)
