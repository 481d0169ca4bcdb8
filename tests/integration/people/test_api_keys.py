"""API keys over HTTP: made without a word, shown once, used, changed, rotated, revoked."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from atende.core.identity.permissions import FOR_KEYS, FOR_PEOPLE, MATRIX, Role
from atende.core.tenancy.model import Organization
from tests.world.people import PeopleWorld, Person


async def _owner(people: PeopleWorld, name: str = "ana") -> Person:
    return (await _owned(people, name))[0]


async def _owned(people: PeopleWorld, name: str = "ana") -> tuple[Person, Organization]:
    owner = await people.person(name, verified=False)
    return owner, await people.organization(owner)


async def _make(person: Person, body: Any = None) -> dict[str, Any]:
    answer = await person.post("/auth/api-keys", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _opens(people: PeopleWorld, text: str, path: str = "/documents") -> int:
    return (await people.call("GET", path, key=text)).status_code


async def test_an_empty_body_makes_a_key_that_works_for_somebody_unverified(people: PeopleWorld) -> None:
    ana = await _owner(people)
    nothing: tuple[Any, ...] = (None, {})
    for body in nothing:
        made = await _make(ana, body)
        assert (made["name"], made["scopes"], made["isActive"]) == ("API key", ["read", "write"], True)
        assert made["hint"] == f"****{made['apiKey'][-4:]}"
        assert made["apiKey"].startswith(f"org_{UUID(made['organizationId']).hex}_")
        assert (made["createdBy"], made["lastUsedAt"], made["expiresAt"]) == (str(ana.id), None, None)
        assert await _opens(people, made["apiKey"]) == 200
        answer = await people.call("GET", "/documents", token=made["apiKey"])
        assert answer.status_code == 200


async def test_what_a_key_makes_is_made_by_whoever_made_the_key(people: PeopleWorld) -> None:
    ana, shop = await _owned(people)
    bia = await people.member(shop, Role.ADMIN)
    text = (await _make(bia))["apiKey"]
    made = await people.call("POST", "/projects", {"name": "By key"}, key=text)
    assert (made.status_code, made.json()["createdByUserId"]) == (201, str(bia.id))
    seen = await ana.get(f"/projects/{made.json()['id']}")
    assert seen.json()["createdByUserId"] == str(bia.id)
    record = (await people.records(shop.id))[0]
    assert (record.action, record.actor.kind) == ("project.create", "key"), "it was not the person who did it"


async def test_the_key_is_in_no_other_answer(people: PeopleWorld) -> None:
    ana = await _owner(people)
    made = await _make(ana, {"name": "till"})
    listed = await ana.get("/auth/api-keys")
    read = await ana.get(f"/auth/api-keys/{made['id']}")
    assert read.json() == {name: value for name, value in made.items() if name != "apiKey"}
    assert listed.json()["data"] == [read.json()]
    assert listed.json()["pagination"]["total"] == 1
    changed = await ana.put(f"/auth/api-keys/{made['id']}", {"name": "desk"})
    assert changed.json() == read.json() | {"name": "desk"}
    for answer in (listed, read, changed):
        assert made["apiKey"][-32:] not in answer.text


async def test_keys_are_listed_newest_first_in_pages_the_dead_ones_too(people: PeopleWorld) -> None:
    ana = await _owner(people)
    made = [await _make(ana, {"name": f"key {number}"}) for number in range(3)]
    await ana.delete(f"/auth/api-keys/{made[2]['id']}")
    first = (await ana.get("/auth/api-keys?limit=2")).json()
    second = (await ana.get("/auth/api-keys?limit=2&page=2")).json()
    assert [(key["name"], key["isActive"]) for key in first["data"]] == [("key 2", False), ("key 1", True)]
    assert [key["name"] for key in second["data"]] == ["key 0"]


async def test_an_end_that_no_calendar_has_is_refused(people: PeopleWorld) -> None:
    ana = await _owner(people)
    made = await _make(ana, {"expiresAt": "2999-12-31T22:00:00-05:00"})
    assert made["expiresAt"] == "3000-01-01T03:00:00Z"
    for end in ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"):
        for answer in (
            await ana.post("/auth/api-keys", {"expiresAt": end}),
            await ana.put(f"/auth/api-keys/{made['id']}", {"expiresAt": end}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (422, "INVALID"), answer.text
            assert "out of range" in answer.json()["detail"]


async def test_rotation_answers_a_new_secret_of_the_same_key(people: PeopleWorld) -> None:
    ana = await _owner(people)
    made = await _make(ana, {"scopes": ["documents:read"]})
    answer = await ana.post(f"/auth/api-keys/{made['id']}/rotate")
    assert answer.status_code == 200
    rotated = answer.json()
    assert rotated["apiKey"] != made["apiKey"]
    kept = {"apiKey", "hint"}
    assert {k: v for k, v in rotated.items() if k not in kept} == {k: v for k, v in made.items() if k not in kept}
    assert (await _opens(people, made["apiKey"]), await _opens(people, rotated["apiKey"])) == (401, 200)


async def test_a_revoked_key_opens_nothing_and_cannot_be_changed(people: PeopleWorld) -> None:
    ana = await _owner(people)
    made = await _make(ana)
    place = f"/auth/api-keys/{made['id']}"
    for _ in range(2):
        assert (await ana.delete(place)).status_code == 204
    assert await _opens(people, made["apiKey"]) == 401
    assert (await ana.get(place)).json()["isActive"] is False
    assert (await ana.post(f"{place}/rotate")).status_code == 409
    assert (await ana.put(place, {"name": "again"})).status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"scopes": ["root"]}, 422),
        ({"scopes": ["read", "keys:create"]}, 422),
        ({"scopes": []}, 400),
        ({"name": ""}, 400),
        ({"rateLimitPerMinute": 1_001}, 400),
        ({"rateLimitPerMinute": 0}, 400),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, 422),
        ({"expiresAt": "2999-01-01T00:00:00"}, 400),
        ({"projectId": str(uuid4())}, 404),
        ({"apiKey": "org_mine"}, 400),
        ([], 400),
        ("read", 400),
    ],
)
async def test_what_cannot_be_made_is_refused_and_leaves_nothing(people: PeopleWorld, body: Any, status: int) -> None:
    ana = await _owner(people)
    answer = await ana.post("/auth/api-keys", body)
    assert answer.status_code == status, answer.text
    assert (await ana.get("/auth/api-keys")).json()["data"] == []


async def test_terms_hold(people: PeopleWorld) -> None:
    ana = await _owner(people)
    project = (await ana.get("/projects")).json()["data"][0]
    end = (people.clock.now() + timedelta(hours=1)).isoformat()
    terms = {"name": "till", "scopes": ["documents:read"], "projectId": project["id"], "expiresAt": end}
    made = await _make(ana, terms | {"rateLimitPerMinute": 7, "rateLimitPerDay": 70})
    assert (made["projectId"], made["rateLimitPerMinute"], made["rateLimitPerDay"]) == (project["id"], 7, 70)
    assert [await _opens(people, made["apiKey"], path) for path in ("/documents", "/conversations")] == [200, 403]
    place = f"/auth/api-keys/{made['id']}"
    changed = (await ana.put(place, {"scopes": ["conversations:read"], "rateLimitPerDay": None})).json()
    assert (changed["rateLimitPerMinute"], changed["rateLimitPerDay"]) == (7, None)
    assert [await _opens(people, made["apiKey"], path) for path in ("/documents", "/conversations")] == [403, 200]


async def test_a_key_dies_at_its_end(people: PeopleWorld) -> None:
    ana = await _owner(people)
    made = await _make(ana, {"expiresAt": (people.clock.now() + timedelta(hours=1)).isoformat()})
    assert await _opens(people, made["apiKey"]) == 200
    people.clock.ahead += timedelta(hours=1)
    assert await _opens(people, made["apiKey"]) == 401


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
async def test_each_role_does_with_keys_what_the_matrix_says(people: PeopleWorld, role: Role) -> None:
    ana, organization = await _owned(people)
    made = await _make(ana, {"scopes": ["documents:read"]})
    bia = await people.member(organization, role)
    place = f"/auth/api-keys/{made['id']}"
    may = {one.action for one in MATRIX[role] if one.resource == "keys"}
    for action, method, path, body in (
        ("read", "GET", "/auth/api-keys", None),
        ("read", "GET", place, None),
        ("create", "POST", "/auth/api-keys", None),
        ("update", "PUT", place, {"name": "x"}),
        ("update", "POST", f"{place}/rotate", None),
        ("delete", "DELETE", place, None),
    ):
        answer = await bia.call(method, path, body)
        assert answer.is_success == (action in may), (role, method, path, answer.text)
        assert answer.is_success or answer.status_code == 403


async def test_a_key_never_holds_more_than_its_maker(people: PeopleWorld) -> None:
    ana, organization = await _owned(people)
    admin = await people.member(organization, Role.ADMIN)
    made = await _make(admin, {"scopes": ["*"]})
    assert set(made["scopes"]) == {str(one) for one in MATRIX[Role.ADMIN] & FOR_KEYS}
    answer = await admin.post("/auth/api-keys", {"scopes": ["billing:run"]})
    assert (answer.status_code, answer.json()["permission"]) == (403, "billing:run")
    strong = await _make(ana, {"scopes": ["billing:run"]})
    assert (await admin.post(f"/auth/api-keys/{strong['id']}/rotate")).status_code == 403


async def test_no_key_makes_keys(people: PeopleWorld) -> None:
    ana = await _owner(people)
    made = await _make(ana, {"scopes": ["*"]})
    place = f"/auth/api-keys/{made['id']}"
    assert (await people.call("GET", "/auth/api-keys", key=made["apiKey"])).status_code == 200
    for method, path, body in (
        ("POST", "/auth/api-keys", None),
        ("PUT", place, {"name": "x"}),
        ("POST", f"{place}/rotate", None),
        ("DELETE", place, None),
    ):
        assert (await people.call(method, path, body, key=made["apiKey"])).status_code == 403
    for permission in FOR_PEOPLE:
        assert (await ana.post("/auth/api-keys", {"scopes": [str(permission)]})).status_code == 422


async def test_another_organizations_keys_are_not_there(people: PeopleWorld) -> None:
    ana, eve = await _owner(people), await _owner(people, "eve")
    made = await _make(ana)
    place = f"/auth/api-keys/{made['id']}"
    for method, path, body in (
        ("GET", place, None),
        ("PUT", place, {"name": "mine"}),
        ("POST", f"{place}/rotate", None),
        ("DELETE", place, None),
    ):
        assert (await eve.call(method, path, body)).status_code == 404
    project = (await ana.get("/projects")).json()["data"][0]
    assert (await eve.post("/auth/api-keys", {"projectId": project["id"]})).status_code == 404
    assert (await eve.get("/auth/api-keys")).json()["data"] == []
    assert await _opens(people, made["apiKey"]) == 200


async def test_every_change_leaves_one_record_without_the_key(people: PeopleWorld) -> None:
    ana = await _owner(people)
    made = await _make(ana)
    place = f"/auth/api-keys/{made['id']}"
    await ana.put(place, {"name": "till"})
    rotated = (await ana.post(f"{place}/rotate")).json()
    await ana.delete(place)
    records = [one for one in await people.records(UUID(made["organizationId"])) if one.resource_type == "api_key"]
    verbs = [one.action.partition(".")[2] for one in reversed(records)]
    assert verbs == ["create", "update", "rotate", "revoke"]
    assert {(one.resource_id, one.actor.id) for one in records} == {(made["id"], ana.id)}
    for text in (made["apiKey"], rotated["apiKey"]):
        assert text[-32:] not in repr(records)


async def test_the_plain_path_answers_too(people: PeopleWorld) -> None:
    ana = await _owner(people)
    answer = await ana.post("/api-keys")
    assert answer.status_code == 201
    assert (await ana.get(f"/api-keys/{answer.json()['id']}")).status_code == 200


async def test_g30_a_repeated_call_makes_one_key_and_does_not_show_it_again(people: PeopleWorld) -> None:
    ana = await _owner(people)
    again = {"Idempotency-Key": "make-one"}
    first = await ana.post("/auth/api-keys", {"name": "till"}, headers=again)
    second = await ana.post("/auth/api-keys", {"name": "till"}, headers=again)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json()["id"] == first.json()["id"]
    assert first.json()["apiKey"][-32:] not in second.text
    assert (await ana.get("/auth/api-keys")).json()["pagination"]["total"] == 1
