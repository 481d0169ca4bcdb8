"""Roles, plans and what operators do, over HTTP."""

from typing import Any
from uuid import UUID

import pytest

from atende.core.identity.members.roles import OWNER_KEEPS
from atende.core.identity.permission_texts import DESCRIPTIONS
from atende.core.identity.permissions import MATRIX, Permission, Role
from atende.core.kernel import PLATFORM
from tests.world.people import PeopleWorld

NOBODY = "00000000-0000-7000-8000-000000000001"
ENDPOINTS: list[tuple[str, str, Any]] = [
    ("GET", "/admin/roles", None),
    ("GET", "/admin/organizations", None),
    ("PUT", "/admin/roles/viewer", {"permissions": []}),
    ("PUT", f"/admin/organizations/{NOBODY}/limits", {"limits": {}}),
    ("POST", f"/admin/users/{NOBODY}/suspend", {"reason": "x"}),
    ("POST", f"/admin/users/{NOBODY}/lift", None),
    ("POST", f"/admin/billing-accounts/{NOBODY}/suspend", {"reason": "x"}),
    ("POST", f"/admin/billing-accounts/{NOBODY}/lift", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ENDPOINTS)
async def test_operator_endpoints_are_for_operators(people: PeopleWorld, method: str, path: str, body: Any) -> None:
    ana = await people.person("ana")
    await people.organization(ana)
    assert (await ana.call(method, path, body)).status_code == 403
    assert (await people.call(method, path, body)).status_code == 401


async def test_operators_see_all_organizations_and_leave_a_record(people: PeopleWorld) -> None:
    ana, root = await people.person("ana"), await people.person("root", operator=True)
    first, second = await people.organization(ana, "First"), await people.organization(ana, "Second")
    for path in ("/admin/organizations", "/organizations"):
        seen = (await root.get(path)).json()
        assert [one["id"] for one in seen["data"]] == [str(second.id), str(first.id)]
        assert seen["pagination"]["total"] == 2
    assert (await root.get(f"/organizations/{first.id}")).status_code == 404
    assert (await root.get(f"/organizations/{first.id}/members")).status_code == 404
    records = await people.records(PLATFORM.organization_id)
    assert [one.action for one in records if one.actor.id == root.id] == ["organization.list", "platform.read"]


async def test_the_matrix_is_shown_and_changed(people: PeopleWorld) -> None:
    ana, root = await people.person("ana"), await people.person("root", operator=True)
    shop = await people.organization(ana)
    viewer = await people.member(shop, Role.VIEWER)
    shown = {one["role"]: one["permissions"] for one in (await viewer.get("/roles")).json()["data"]}
    assert shown == {role: sorted(permissions) for role, permissions in MATRIX.items()}
    assert (await root.get("/admin/roles")).json() == (await viewer.get("/roles")).json()
    names = {one["name"] for one in (await viewer.get("/permissions")).json()["data"]}
    assert names == set(Permission)
    assert (await viewer.post("/projects", {"name": "x"})).status_code == 403
    answer = await root.put("/admin/roles/read_only", {"permissions": [*shown["viewer"], "projects:create"]})
    assert (answer.status_code, answer.json()["role"]) == (200, "viewer"), answer.text
    assert (await viewer.post("/projects", {"name": "x"})).status_code == 201
    record = (await people.records(PLATFORM.organization_id))[0]
    assert (record.action, record.resource_id, record.actor.id) == ("role.change", "viewer", root.id)


async def test_whoever_is_known_reads_what_permissions_there_are(people: PeopleWorld) -> None:
    ana, nobody = await people.person("ana"), await people.person("nobody")
    await people.organization(ana)
    key = (await ana.post("/auth/api-keys", {"scopes": ["documents:read"]})).json()["apiKey"]
    shown = await people.call("GET", "/permissions", key=key)
    assert shown.status_code == 200, shown.text
    assert {one["name"]: one["description"] for one in shown.json()["data"]} == DESCRIPTIONS
    assert (await ana.get("/permissions")).json() == (await nobody.get("/permissions")).json() == shown.json()
    assert (await people.call("GET", "/permissions")).status_code == 401
    assert (await people.call("GET", "/permissions", key=f"{key}x")).status_code == 401
    refused = await people.call("GET", "/roles", key=key)
    assert (refused.status_code, refused.json()["permission"]) == (403, "self:any")


@pytest.mark.parametrize("lost", sorted(OWNER_KEEPS))
async def test_owners_keep_what_it_takes(people: PeopleWorld, lost: Permission) -> None:
    root = await people.person("root", operator=True)
    answer = await root.put("/admin/roles/owner", {"permissions": sorted(MATRIX[Role.OWNER] - {lost})})
    assert (answer.status_code, answer.json()["missing"]) == (422, [lost])


@pytest.mark.parametrize("strange", ["platform:read", "platform:manage", "self:any", "nothing:at-all", "*", "read"])
async def test_no_role_gets_what_is_not_a_roles(people: PeopleWorld, strange: str) -> None:
    root = await people.person("root", operator=True)
    answer = await root.put("/admin/roles/viewer", {"permissions": [*sorted(MATRIX[Role.VIEWER]), strange]})
    assert (answer.status_code, answer.json()["unknown"]) == (422, [strange])


async def test_limits_of_its_own_bind_an_organization(people: PeopleWorld) -> None:
    ana, root = await people.person("ana"), await people.person("root", operator=True)
    wide, narrow = await people.organization(ana, "Wide"), await people.organization(ana, "Narrow")
    place = f"/admin/organizations/{narrow.id}/limits"
    assert (await root.put(place, {"limits": {"max_projects": 1}})).json()["customLimits"] == {"max_projects": 1}
    assert (await ana.post("/projects", {"name": "x"})).json()["code"] == "PLAN_LIMIT_REACHED"
    assert (await people.records(narrow.id))[0].actor.id == root.id
    await root.put(f"/admin/organizations/{wide.id}/limits", {"limits": {"max_projects": -1}})
    for _ in range(3):
        assert (await ana.post("/projects", {"name": "x", "organizationId": str(wide.id)})).status_code == 201
    for wrong in ({"max_dragons": 1}, {"max_projects": -2}, {"max_projects": "many"}, {"max_projects": True}):
        assert (await root.put(place, {"limits": wrong})).status_code == 422
    assert (await root.put(place, {"limits": {}})).json()["customLimits"] == {}
    assert (await root.put(f"/admin/organizations/{NOBODY}/limits", {"limits": {}})).status_code == 404


async def test_a_suspended_person_is_out_until_it_is_lifted(people: PeopleWorld) -> None:
    ana, root = await people.person("ana"), await people.person("root", operator=True)
    shop = await people.organization(ana)
    place = f"/admin/users/{ana.id}"
    answer = await root.post(f"{place}/suspend", {"reason": "spam"})
    assert (answer.status_code, answer.json()["status"]) == (200, "suspended"), answer.text
    assert (await ana.get(f"/organizations/{shop.id}")).status_code == 401
    assert (await root.post(f"{place}/suspend", {"reason": "spam"})).status_code == 200
    assert (await root.post(f"{place}/lift")).json()["status"] == "active"
    assert (await root.post(f"{place}/lift")).status_code == 200
    assert (await ana.get(f"/organizations/{shop.id}")).status_code == 401, "what they were signed in with stays dead"
    await people.sign_in(ana, shop.id)
    assert (await ana.get(f"/organizations/{shop.id}")).status_code == 200
    actions = [one.action for one in await people.records(PLATFORM.organization_id)]
    assert actions == ["user.lift", "user.lift", "user.suspend", "user.suspend"]


async def test_nobody_suspends_themselves_or_who_is_not_there(people: PeopleWorld) -> None:
    root = await people.person("root", operator=True)
    assert (await root.post(f"/admin/users/{root.id}/suspend", {"reason": "oops"})).status_code == 403
    assert (await root.post(f"/admin/users/{NOBODY}/suspend", {"reason": "x"})).status_code == 404
    assert (await root.post(f"/admin/users/{NOBODY}/lift")).status_code == 404


async def test_plans_are_for_everybody_to_read(people: PeopleWorld) -> None:
    plans = (await people.call("GET", "/plans")).json()["data"]
    assert [one["slug"] for one in plans] == ["free", "starter", "professional", "business", "enterprise"]
    assert (await people.call("GET", "/plans/active")).json()["data"] == plans
    pro = (await people.call("GET", "/plans/pro")).json()
    assert (pro, pro["priceMonthly"], pro["creditsPerMonth"]) == (plans[2], 9900, 2000)
    assert (pro["limits"]["max_team_members"], pro["features"]["api_access"]) == (10, True)
    assert (await people.call("GET", "/plans/none")).status_code == 404
    assert UUID(NOBODY).version == 7


async def test_what_a_suspended_payer_pays_for_rests(people: PeopleWorld) -> None:
    ana, root = await people.person("ana"), await people.person("root", operator=True)
    shop = await people.organization(ana)
    other = await people.organization(ana, "Other")
    await people.sign_in(ana, shop.id)
    first = (await ana.get(f"/projects?organizationId={shop.id}")).json()["data"][0]
    second = (await ana.post("/projects", {"name": "Second"})).json()
    await ana.put(f"/projects/{second['id']}/status", {"status": "inactive"})
    place = f"/admin/billing-accounts/{first['billingAccountId']}"
    assert (await root.post(f"{place}/lift")).json()["code"] == "INVALID_STATE", "it was never suspended"
    assert (await root.post(f"{place}/suspend", {"reason": " "})).status_code == 422
    for reason in ("unpaid since May", "again"):
        answer = await root.post(f"{place}/suspend", {"reason": reason})
        assert answer.status_code == 200, answer.text
        assert (answer.json()["paymentStatus"], answer.json()["suspensionReason"]) == ("suspended", "unpaid since May")

    async def states(organization_id: UUID) -> list[str]:
        found = (await ana.get(f"/projects?organizationId={organization_id}")).json()["data"]
        return [one["status"] for one in found]

    assert (await states(shop.id), await states(other.id)) == (["suspended", "suspended"], ["active"])
    assert (await ana.put(f"/projects/{first['id']}/status", {"status": "active"})).json()["code"] == "INVALID_STATE"
    assert (await ana.delete(f"/projects/{second['id']}")).status_code == 204
    assert (await ana.post("/projects", {"name": "Third"})).json()["code"] == "PAYER_SUSPENDED"
    assert (await ana.post(f"/projects/{second['id']}/restore")).json()["code"] == "PAYER_SUSPENDED"
    for _ in range(2):
        assert (await root.post(f"{place}/lift")).json()["paymentStatus"] == "active"
    assert await states(shop.id) == ["active"]
    assert (await ana.post(f"/projects/{second['id']}/restore")).json()["status"] == "active"
    records = [one.action for one in await people.records(shop.id) if one.actor.id == root.id]
    assert records == ["billing_account.lift"] * 2 + ["billing_account.suspend"] * 2
    for end in ("suspend", "lift"):
        assert (await root.post(f"/admin/billing-accounts/{NOBODY}/{end}", {"reason": "x"})).status_code == 404
