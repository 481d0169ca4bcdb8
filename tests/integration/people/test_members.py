"""Members over HTTP: roles, approval, leaving."""

from typing import Any

import pytest

from atende.core.identity.model import MembershipStatus
from atende.core.identity.permissions import Role
from atende.core.tenancy.model import Organization
from tests.world.people import PeopleWorld, Person

ROLES = list(Role)


async def roles_of(person: Person, shop: Organization) -> dict[str, str]:
    answer = await person.get(f"/organizations/{shop.id}/members")
    assert answer.status_code == 200, answer.text
    return {one["userId"]: one["role"] for one in answer.json()["data"]}


async def test_members_are_listed_as_they_joined(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    bia = await people.member(shop, Role.VIEWER)
    page = (await bia.get(f"/organizations/{shop.id}/members?limit=1")).json()
    assert (page["data"][0]["userId"], page["pagination"]["total"]) == (str(ana.id), 2)
    second = (await bia.get(f"/organizations/{shop.id}/members?limit=1&page=2")).json()["data"][0]
    assert (second["userId"], second["email"], second["role"]) == (str(bia.id), bia.email, "viewer")
    assert (second["status"], second["emailVerified"], second["name"]) == ("active", True, "Viewer")


@pytest.mark.parametrize("by", [Role.OWNER, Role.ADMIN])
@pytest.mark.parametrize("target", ROLES)
async def test_g71_nobody_gives_a_role_above_their_own_or_touches_who_is_above(
    people: PeopleWorld, by: Role, target: Role
) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    boss = await people.member(shop, by)
    other = await people.member(shop, target)
    place = f"/organizations/{shop.id}/members/{other.id}"
    for wanted in ROLES:
        before = (await roles_of(ana, shop))[str(other.id)]
        answer = await boss.put(place, {"role": wanted})
        above = by is Role.ADMIN and Role.OWNER in {wanted, Role(before)}
        assert answer.status_code == (403 if above else 200), (before, wanted, answer.text)
        assert (await roles_of(ana, shop))[str(other.id)] == (before if above else wanted)
    answer = await boss.delete(place)
    assert answer.status_code == (403 if by is Role.ADMIN and target is Role.OWNER else 204), answer.text


@pytest.mark.parametrize("role", ROLES)
async def test_g71_nobody_raises_themselves(people: PeopleWorld, role: Role) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    bia = await people.member(shop, role)
    for wanted in ROLES[: ROLES.index(role)]:
        for place in (f"/organizations/{shop.id}/members/{bia.id}", f"/users/{bia.id}"):
            assert (await bia.put(place, {"role": wanted})).status_code == 403
    assert (await roles_of(ana, shop))[str(bia.id)] == role


@pytest.mark.parametrize("role", ROLES[2:])
async def test_others_change_nobody(people: PeopleWorld, role: Role) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    bia, viewer = await people.member(shop, role), await people.member(shop, Role.VIEWER)
    place = f"/organizations/{shop.id}/members/{viewer.id}"
    calls: list[tuple[str, str, Any]] = [("PUT", place, {"role": "viewer"}), ("DELETE", place, None)]
    calls += [("POST", f"{place}/approve", None)]
    for method, path, body in calls:
        assert (await bia.call(method, path, body)).status_code == 403


async def test_g71_the_last_owner_stays_owner(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    await people.member(shop, Role.ADMIN)
    place = f"/organizations/{shop.id}/members/{ana.id}"
    for answer in (
        await ana.put(place, {"role": "admin"}),
        await ana.delete(place),
        await ana.put(f"/users/{ana.id}", {"role": "viewer"}),
        await ana.delete(f"/users/{ana.id}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "LAST_OWNER")
    bia = await people.member(shop, Role.OWNER)
    assert (await ana.delete(place)).status_code == 204
    answer = await bia.delete(f"/organizations/{shop.id}/members/{bia.id}")
    assert (answer.status_code, answer.json()["code"]) == (409, "LAST_OWNER")


async def test_a_waiting_owner_is_no_owner_yet(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    await people.member(shop, Role.OWNER, status=MembershipStatus.PENDING)
    answer = await ana.delete(f"/organizations/{shop.id}/members/{ana.id}")
    assert (answer.status_code, answer.json()["code"]) == (409, "LAST_OWNER")


@pytest.mark.parametrize("role", ROLES[1:])
async def test_everybody_may_leave_and_is_out(people: PeopleWorld, role: Role) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    bia = await people.member(shop, role)
    assert (await bia.delete(f"/organizations/{shop.id}/members/{bia.id}")).status_code == 204
    assert (await bia.get(f"/organizations/{shop.id}")).status_code == 404
    assert (await bia.get("/users")).status_code == 403
    assert str(bia.id) not in await roles_of(ana, shop)
    assert (await people.records(shop.id))[0].action == "member.leave"
    assert (await bia.get("/users/me")).status_code == 200


async def test_whoever_waits_is_let_in_by_an_admin(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    admin = await people.member(shop, Role.ADMIN)
    bia = await people.member(shop, Role.AGENT, status=MembershipStatus.PENDING)
    assert (await bia.get(f"/organizations/{shop.id}")).status_code == 404
    assert (await bia.get("/organizations")).json()["data"] == []
    answer = await admin.post(f"/organizations/{shop.id}/members/{bia.id}/approve")
    assert (answer.status_code, answer.json()["status"]) == (200, "active")
    assert (await bia.get(f"/organizations/{shop.id}")).json()["role"] == "agent"


async def test_whoever_waits_for_approval_may_leave_and_sees_nothing(people: PeopleWorld) -> None:
    ana, eve = await people.person("ana"), await people.person("eve")
    shop = await people.organization(ana)
    place = f"/organizations/{shop.id}/members"
    waiting = [await people.member(shop, role, status=MembershipStatus.PENDING) for role in (Role.OWNER, Role.VIEWER)]
    for bia in waiting:
        await people.sign_in(bia)  # nowhere, as they come in
        for other in (one for one in (ana, *waiting) if one is not bia):
            assert (await bia.delete(f"{place}/{other.id}")).status_code == 404
        assert [(await bia.get(path)).status_code for path in (place, f"/organizations/{shop.id}")] == [404, 404]
    for bia in waiting:
        assert (await bia.delete(f"{place}/{bia.id}")).status_code == 204
        assert (await bia.delete(f"{place}/{bia.id}")).status_code == 404
        record = (await people.records(shop.id))[0]
        assert (record.action, record.actor.id, record.resource_id) == ("member.leave", bia.id, str(bia.id))
    assert await roles_of(ana, shop) == {str(ana.id): "owner"}
    assert (await eve.delete(f"{place}/{eve.id}")).status_code == 404


async def test_keys_of_a_removed_member_die(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    admin = await people.member(shop, Role.ADMIN)
    made = await admin.post("/auth/api-keys", {"name": "till"})
    assert made.status_code == 201, made.text
    key = made.json()["key"] if "key" in made.json() else made.json()["apiKey"]
    assert (await people.call("GET", "/projects", key=key)).status_code == 200
    assert (await ana.delete(f"/organizations/{shop.id}/members/{admin.id}")).status_code == 204
    assert (await people.call("GET", "/projects", key=key)).status_code == 401


async def test_a_stranger_is_no_member(people: PeopleWorld) -> None:
    ana, bia = await people.person("ana"), await people.person("bia")
    shop = await people.organization(ana)
    place = f"/organizations/{shop.id}/members/{bia.id}"
    for method, path, body in (
        ("PUT", place, {"role": "viewer"}),
        ("DELETE", place, None),
        ("POST", f"{place}/approve", None),
    ):
        assert (await ana.call(method, path, body)).status_code == 404
    assert (await ana.put(f"/organizations/{shop.id}/members/{ana.id}", {"role": "super_admin"})).status_code == 400
