"""Projects and their switches over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from atende.core.identity.keys.issue_api_key import IssueApiKey
from atende.core.identity.permissions import Role
from atende.core.kernel import TenantScope, Transaction
from atende.core.tenancy.model import Organization, ProjectStatus
from atende.core.tenancy.ports import Projects
from tests.world.people import PeopleWorld, Person


async def make(person: Person, name: str = "Second", **more: Any) -> dict[str, Any]:
    answer = await person.post("/projects", {"name": name} | more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def key_of(people: PeopleWorld, shop: Organization, *scopes: str, project_id: str | None = None) -> str:
    async with people.use(IssueApiKey) as issue:
        project = UUID(project_id) if project_id else None
        return (await issue(TenantScope(shop.id), name="till", scopes=scopes, project_id=project)).text


async def suspend(people: PeopleWorld, project: dict[str, Any]) -> None:
    """As an unpaid bill does."""
    scope = TenantScope(UUID(project["organizationId"]), project["tenantId"])
    async with people.container() as unit:
        projects, transaction = await unit.get(Projects), await unit.get(Transaction)
        async with transaction(scope):
            found = await projects.get(scope)
            found.suspend(people.clock.now())
            await projects.save(found)


async def test_a_project_is_made_named_and_read(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    made = await make(ana, "Loja Norte", sessionTimeoutMinutes=45, configuration={"tone": "warm"})
    assert made["tenantId"] == f"{shop.slug}-loja-norte"
    expected = {
        "organizationId": str(shop.id),
        "name": "Loja Norte",
        "status": "active",
        "isDefault": False,
        "sessionTimeoutMinutes": 45,
        "language": "pt",
        "configuration": {"tone": "warm"},
        "createdByUserId": str(ana.id),
    }
    assert {name: made[name] for name in expected} == expected
    assert (await ana.get(f"/projects/{made['id']}")).json() == made
    changed = (await ana.put(f"/projects/{made['id']}", {"name": "Norte", "language": "en"})).json()
    assert (changed["name"], changed["language"], changed["tenantId"]) == ("Norte", "en", made["tenantId"])
    assert changed["sessionTimeoutMinutes"] == 45
    answer = await ana.put(f"/projects/{made['id']}/configuration", {"enabled_products": ["crm"]})
    assert answer.json()["configuration"] == {"enabled_products": ["crm"]}
    assert (await ana.put(f"/projects/{made['id']}", {"tenantId": "other"})).status_code == 400


async def test_tenant_ids_are_unique_for_ever(people: PeopleWorld) -> None:
    ana, bia = await people.person("ana"), await people.person("bia")
    await people.organization(ana)
    await people.organization(bia)
    made = await make(ana, tenantId="mine")
    assert made["tenantId"] == "mine"
    assert (await ana.delete(f"/projects/{made['id']}")).status_code == 204
    refused = await bia.post("/projects", {"name": "x", "tenantId": "mine"})
    assert (refused.status_code, refused.json()["code"]) == (409, "SLUG_TAKEN")


async def test_lists_span_every_organization_of_the_caller(people: PeopleWorld) -> None:
    ana, bia = await people.person("ana"), await people.person("bia")
    first, second = await people.organization(ana, "First"), await people.organization(ana, "Second")
    strange = await people.organization(bia, "Strange")
    seen = (await ana.get("/projects")).json()
    assert [one["tenantId"] for one in seen["data"]] == [first.slug, second.slug]
    seen = (await ana.get(f"/projects?organizationId={first.id}")).json()
    assert [one["tenantId"] for one in seen["data"]] == [first.slug]
    assert (await ana.get(f"/projects?organizationId={strange.id}")).status_code == 404
    alone = await people.person("carla")
    assert (await alone.get("/projects")).json()["data"] == []


async def test_new_ones_go_where_the_caller_is_or_says(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    first, second = await people.organization(ana, "First"), await people.organization(ana, "Second")
    assert (await make(ana, "here"))["organizationId"] == str(second.id)
    assert (await make(ana, "there", organizationId=str(first.id)))["organizationId"] == str(first.id)
    strange = await people.organization(await people.person("bia"))
    answer = await ana.post("/projects", {"name": "theirs", "organizationId": str(strange.id)})
    assert answer.status_code == 404
    dora = await people.person("dora")
    own = [await people.organization(dora, name) for name in ("Oldest", "Newest")]
    await people.sign_in(dora)  # in none
    assert (await make(dora, "home"))["organizationId"] == str(own[0].id)
    nobody = await people.person("carla")
    assert (await nobody.post("/projects", {"name": "nowhere"})).status_code == 422
    viewer = await people.member(first, Role.VIEWER)
    assert (await viewer.post("/projects", {"name": "mine"})).status_code == 403


async def test_the_plan_says_how_many(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    await people.organization(ana)
    second = await make(ana)
    refused = await ana.post("/projects", {"name": "Third"})
    assert (refused.status_code, refused.json()["code"]) == (403, "PLAN_LIMIT_REACHED")
    assert (refused.json()["limit"], refused.json()["allowed"]) == ("max_projects", 2)
    assert (await ana.delete(f"/projects/{second['id']}")).status_code == 204
    await make(ana, "Third")
    back = await ana.post(f"/projects/{second['id']}/restore")
    assert (back.status_code, back.json()["code"]) == (403, "PLAN_LIMIT_REACHED")
    assert (await ana.get(f"/projects/{second['id']}")).status_code == 404


async def test_deleted_ones_come_back_within_thirty_days(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    await people.organization(ana)
    made = await make(ana)
    place = f"/projects/{made['id']}"
    for _ in range(2):
        assert (await ana.delete(place)).status_code == 204
    assert (await ana.get(place)).status_code == 404
    assert len((await ana.get("/projects")).json()["data"]) == 1
    assert (await ana.post(f"{place}/restore")).json()["status"] == "active"
    assert (await ana.get(place)).status_code == 200
    await ana.delete(place)
    people.clock.ahead = timedelta(days=30, seconds=1)
    await people.sign_in(ana, UUID(made["organizationId"]))
    gone = await ana.post(f"{place}/restore")
    assert (gone.status_code, gone.json()["code"]) == (409, "INVALID_STATE")


async def test_there_is_one_default(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    await people.organization(ana)
    first = (await ana.get("/projects")).json()["data"][0]
    second = await make(ana)
    refused = await ana.delete(f"/projects/{first['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "INVALID_STATE")
    assert (await ana.post(f"/projects/{second['id']}/default")).json()["isDefault"] is True
    seen = {one["id"]: one["isDefault"] for one in (await ana.get("/projects")).json()["data"]}
    assert seen == {first["id"]: False, second["id"]: True}
    assert (await ana.delete(f"/projects/{first['id']}")).status_code == 204


MOVES: dict[str, tuple[str, str, Any]] = {
    "activate": ("PUT", "status", {"status": "active"}),
    "deactivate": ("PUT", "status", {"status": "inactive"}),
    "delete": ("DELETE", "", None),
    "restore": ("POST", "restore", None),
}
ALLOWED = {
    ("active", "activate"): "active",
    ("active", "deactivate"): "inactive",
    ("active", "delete"): "deleted",
    ("active", "restore"): "active",
    ("inactive", "activate"): "active",
    ("inactive", "deactivate"): "inactive",
    ("inactive", "delete"): "deleted",
    ("suspended", "delete"): "deleted",
    ("deleted", "delete"): "deleted",
    ("deleted", "restore"): "active",
}


@pytest.mark.parametrize("state", [*ProjectStatus])
@pytest.mark.parametrize("move", MOVES)
async def test_every_move_that_is_not_listed_is_refused(people: PeopleWorld, state: ProjectStatus, move: str) -> None:
    ana = await people.person("ana")
    await people.organization(ana)
    made = await make(ana)
    place = f"/projects/{made['id']}"
    if state is ProjectStatus.INACTIVE:
        await ana.put(f"{place}/status", {"status": "inactive"})
    elif state is ProjectStatus.SUSPENDED:
        await suspend(people, made)
    elif state is ProjectStatus.DELETED:
        await ana.delete(place)
    method, at, body = MOVES[move]
    answer = await ana.call(method, f"{place}/{at}".rstrip("/"), body)
    wanted = ALLOWED.get((state, move))
    if wanted is None:
        assert (answer.status_code, answer.json()["code"]) == (409, "INVALID_STATE")
    else:
        assert answer.status_code in {200, 204}, answer.text
    after = await ana.get(place)
    assert (after.json()["status"] if after.status_code == 200 else "deleted") == (wanted or state)


@pytest.mark.parametrize("state", ["suspended", "deleted"])
async def test_what_is_suspended_or_deleted_is_not_changed(people: PeopleWorld, state: str) -> None:
    ana = await people.person("ana")
    await people.organization(ana)
    made = await make(ana)
    place = f"/projects/{made['id']}"
    await (suspend(people, made) if state == "suspended" else ana.delete(place))
    for path, body in (("", {"name": "x"}), ("/configuration", {"a": 1}), ("/features/crm", {"enabled": True})):
        answer = await ana.put(place + path, body)
        assert answer.status_code == (409 if state == "suspended" or path != "/features/crm" else 404), answer.text


async def test_switches_are_set_read_and_removed(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    await people.organization(ana)
    first = (await ana.get("/projects")).json()["data"][0]
    place = f"/projects/{first['id']}/features"
    assert (await ana.get(place)).json() == {"data": []}
    made = (await ana.put(f"{place}/voice", {"enabled": True, "config": {"speed": 2}})).json()
    assert (made["key"], made["enabled"], made["config"]) == ("voice", True, {"speed": 2})
    await ana.put(f"{place}/crm", {"enabled": False})
    assert [one["key"] for one in (await ana.get(place)).json()["data"]] == ["crm", "voice"]
    assert (await ana.put(f"{place}/voice", {"enabled": False})).json()["config"] == {}
    assert (await ana.get(f"{place}/voice")).json()["enabled"] is False
    assert (await ana.delete(f"{place}/voice")).status_code == 204
    for method in ("GET", "DELETE"):
        assert (await ana.call(method, f"{place}/voice")).status_code == 404
    assert (await ana.put(f"{place}/Not%20a%20key", {"enabled": True})).status_code == 400
    actions = [one.action for one in await people.records(UUID(first["organizationId"]))]
    assert actions[:4] == ["feature.remove", "feature.put", "feature.put", "feature.put"]


async def test_strangers_find_no_project(people: PeopleWorld) -> None:
    ana, bia = await people.person("ana"), await people.person("bia")
    await people.organization(ana)
    await people.organization(bia)
    theirs = (await bia.get("/projects")).json()["data"][0]
    place = f"/projects/{theirs['id']}"
    for method, path, body in (
        ("GET", "", None),
        ("PUT", "", {"name": "mine"}),
        ("DELETE", "", None),
        ("POST", "/restore", None),
        ("POST", "/default", None),
        ("PUT", "/status", {"status": "inactive"}),
        ("PUT", "/configuration", {}),
        ("GET", "/features", None),
        ("PUT", "/features/x", {"enabled": True}),
        ("DELETE", "/features/x", None),
    ):
        answer = await ana.call(method, place + path, body)
        assert answer.status_code == 404, (method, path, answer.text)
    assert (await bia.get(place)).json() == theirs


async def test_a_key_of_one_project_stays_in_it(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    first = (await ana.get("/projects")).json()["data"][0]
    second = await make(ana)
    key = await key_of(people, shop, "read", "write", project_id=second["id"])
    seen = (await people.call("GET", "/projects", key=key)).json()
    assert ([one["id"] for one in seen["data"]], seen["pagination"]["total"]) == ([second["id"]], 1)
    assert (await people.call("PUT", f"/projects/{second['id']}", {"name": "x"}, key=key)).status_code == 200
    for method, path, body, status in (
        ("GET", f"/projects/{first['id']}", None, 404),
        ("PUT", f"/projects/{first['id']}", {"name": "x"}, 404),
        ("POST", "/projects", {"name": "x"}, 403),
        ("POST", f"/projects/{second['id']}/default", None, 403),
        ("PUT", f"/organizations/{shop.id}", {"name": "x"}, 403),
        ("DELETE", f"/organizations/{shop.id}?confirm={shop.slug}", None, 403),
    ):
        assert (await people.call(method, path, body, key=key)).status_code == status, (method, path)


async def test_a_key_acts_in_its_own_organization_alone(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    first, second = await people.organization(ana, "First"), await people.organization(ana, "Second")
    key = await key_of(people, first, "read", "write")
    seen = (await people.call("GET", "/projects", key=key)).json()["data"]
    assert [one["organizationId"] for one in seen] == [str(first.id)]
    seen = (await people.call("GET", "/organizations", key=key)).json()["data"]
    assert [(one["id"], one["role"]) for one in seen] == [(str(first.id), None)]
    assert (await people.call("GET", f"/organizations/{second.id}", key=key)).status_code == 404
    assert (await people.call("GET", f"/projects?organizationId={second.id}", key=key)).status_code == 404
    assert (await people.call("POST", "/projects", {"name": "By key"}, key=key)).status_code == 201
    reading = await key_of(people, first, "read")
    assert (await people.call("POST", "/projects", {"name": "By key"}, key=reading)).status_code == 403
    assert (await people.call("POST", "/organizations", {"name": "By key"}, key=key)).status_code == 403


async def test_a_list_over_several_organizations_is_counted_and_paged(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    for name in ("First", "Second", "Third"):
        await people.organization(ana, name)
    whole = [one["id"] for one in (await ana.get("/projects")).json()["data"]]
    first = (await ana.get("/projects?limit=1")).json()
    second = (await ana.get(f"/projects?limit=1&cursor={first['nextCursor']}")).json()
    third = (await ana.get("/projects?limit=1&page=3")).json()
    assert [one["id"] for page in (first, second, third) for one in page["data"]] == whole
    assert [page["pagination"]["total"] for page in (first, second, third)] == [3, 3, 3]
