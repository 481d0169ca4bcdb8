"""The audit log over HTTP: who may read it, how it is narrowed, what a look leaves behind, and the request's id."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from atende.core.identity.api_key import api_key_text
from atende.core.identity.permissions import Role
from atende.core.kernel import PLATFORM
from atende.core.tenancy.model import Organization
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.http import HttpWorld, make_world
from tests.world.people import MovedClock, PeopleWorld, Person


@pytest_asyncio.fixture
async def people(database: Urls, tmp_path: Path) -> AsyncIterator[PeopleWorld]:
    async with make_world(database, tmp_path, credential_cache_seconds=0) as world:
        yield PeopleWorld(world.container, world.app, MovedClock())


@pytest_asyncio.fixture
async def watched(database: Urls, tmp_path: Path) -> AsyncIterator[HttpWorld]:
    """Where reads are recorded."""
    async with make_world(database, tmp_path, credential_cache_seconds=0, audit_reads=True) as world:
        yield world


async def shop_of(people: PeopleWorld) -> tuple[Person, Organization]:
    ana = await people.person("ana")
    return ana, await people.organization(ana)


async def listed(person: Person, query: str = "", path: str = "/audit-logs") -> list[dict[str, Any]]:
    answer = await person.get(f"{path}{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def test_g90_a_change_is_listed_with_who_what_and_where_from(people: PeopleWorld) -> None:
    ana, _ = await shop_of(people)
    sent = {"User-Agent": "till/1", "X-Request-Id": "req-77"}
    made = (await ana.post("/projects", {"name": "Filial"}, headers=sent)).json()
    (record,) = await listed(ana, f"?resourceId={made['id']}")
    assert record["actor"] == {"kind": "user", "id": str(ana.id)}
    assert (record["action"], record["resourceType"], record["status"]) == ("project.create", "project", "success")
    assert (record["requestId"], record["userAgent"], record["ipAddress"]) == ("req-77", "till/1", "127.0.0.1")
    assert record["newValues"]["name"] == "Filial"


async def test_g90_a_credential_that_stands_in_a_wrong_place_is_not_kept(people: PeopleWorld) -> None:
    """Neither in the records, nor with the session."""
    key, agent = api_key_text(UUID(int=7), 1 << 155), "till/1 {}"
    asked = {"email": "bia@example.com", "password": "correct horse battery"}
    headers = {"User-Agent": agent.format(key), "X-Request-Id": key}
    made = await people.call("POST", "/auth/register", asked | {"name": "Bia"}, headers=headers)
    token = made.json()["accessToken"]
    sessions = await people.call("GET", "/auth/sessions", token=token, headers=headers)
    records = await people.call("GET", "/audit-logs", token=token)
    assert (sessions.status_code, records.status_code) == (200, 200)
    assert key not in sessions.text + records.text + str(made.headers)
    assert sessions.json()["data"][0]["userAgent"] == agent.format("[redacted]")
    assert {one["userAgent"] for one in records.json()["data"]} == {agent.format("[redacted]")}


async def test_the_list_is_narrowed(people: PeopleWorld) -> None:
    ana, shop = await shop_of(people)
    bia = await people.member(shop, Role.ADMIN)
    first = (await ana.post("/projects", {"name": "Filial"})).json()
    await bia.put(f"/projects/{first['id']}", {"name": "Loja"})
    (changed,) = await listed(ana, f"?actorId={bia.id}")
    for query, expected in (
        ("?action=project.update", [changed["id"]]),
        (f"?resourceType=project&resourceId={first['id']}&actorId={bia.id}", [changed["id"]]),
        ("?status=failure", []),
        ("?since=2999-01-01T00:00:00Z", []),
        ("?until=1999-01-01T00:00:00", []),
        (f"?since={changed['createdAt'].replace('+', '%2B')}&action=project.update", [changed["id"]]),
        (f"?until={changed['createdAt'].replace('+', '%2B')}&action=project.update", []),
    ):
        answer = await ana.get(f"/audit-logs{query}")
        assert [one["id"] for one in answer.json()["data"]] == expected, (query, answer.text)
    for query in ("?status=odd", "?actorId=x", "?since=yesterday", "?since=0001-01-01T00:00:00%2B23:59", "?action=%00"):
        assert (await ana.get(f"/audit-logs{query}")).status_code == 400, query


async def test_the_list_goes_on_where_it_stopped(people: PeopleWorld) -> None:
    ana, _ = await shop_of(people)
    for number in range(3):
        await ana.put("/provider-keys/openai", {"apiKey": f"sk-0123456789abcdefghij{number}"})
    page = (await ana.get("/audit-logs?limit=2")).json()
    seen = [one["id"] for one in page["data"]]
    await ana.post("/auth/api-keys", {})
    while page["nextCursor"]:
        page = (await ana.get("/audit-logs", params={"limit": 2, "cursor": page["nextCursor"]})).json()
        seen += [one["id"] for one in page["data"]]
    total = page["pagination"]["total"]
    assert len(seen) == len(set(seen)) == total - 1


@pytest.mark.parametrize("role", list(Role))
async def test_owners_and_admins_read_it(people: PeopleWorld, role: Role) -> None:
    _, shop = await shop_of(people)
    person = await people.member(shop, role)
    expected = 200 if role in {Role.OWNER, Role.ADMIN} else 403
    assert (await person.get("/audit-logs")).status_code == expected
    assert (await person.get("/admin/audit-logs")).status_code == 403


async def test_each_organization_reads_its_own(people: PeopleWorld) -> None:
    (ana, _), (eve, _) = await shop_of(people), await shop_of(people)
    made = (await ana.post("/projects", {"name": "Filial"})).json()
    assert await listed(ana, f"?resourceId={made['id']}")
    assert await listed(eve, f"?resourceId={made['id']}") == []
    assert not {one["id"] for one in await listed(ana)} & {one["id"] for one in await listed(eve)}


async def test_g90_what_operators_look_at_is_recorded_and_listed(people: PeopleWorld) -> None:
    operator, (_, shop) = await people.person("op", operator=True), await shop_of(people)
    assert (await operator.get("/admin/organizations?page=1")).status_code == 200
    (look,) = [one for one in await listed(operator, path="/admin/audit-logs") if "audit" not in one["description"]]
    assert (look["action"], look["description"]) == ("platform.read", "GET /api/v1/admin/organizations")
    assert look["actor"]["id"] == str(operator.id)
    assert look["id"] in {str(record.id) for record in await people.records(PLATFORM.organization_id)}
    assert str(look["id"]) not in {str(record.id) for record in await people.records(shop.id)}


async def test_reads_leave_a_record_where_it_is_asked_for(watched: HttpWorld) -> None:
    shop = await watched.tenant("loja")
    people = PeopleWorld(watched.container, watched.app, MovedClock())
    async with watched.caller(shop.api_key) as caller:
        before = len(await people.records(UUID(shop.organization_id)))
        assert (await caller.get("/api/v1/documents?status=failed")).status_code == 200
        assert (await caller.get(f"/api/v1/documents/{shop.project_id}")).status_code == 404
        assert (await caller.get("/api/v1/nothing-here")).status_code == 404
    async with watched.caller() as stranger:
        assert (await stranger.get("/api/v1/documents")).status_code == 401
        assert (await stranger.get("/health/live")).status_code == 200
    records = await people.records(UUID(shop.organization_id))
    told = [(one.action, one.resource_id, one.description) for one in reversed(records[: len(records) - before])]
    assert told == [
        ("documents.read", "", "GET /api/v1/documents"),
        ("documents.read", shop.project_id, f"GET /api/v1/documents/{shop.project_id}"),
    ]


async def test_reads_leave_none_otherwise(people: PeopleWorld) -> None:
    ana, shop = await shop_of(people)
    before = len(await people.records(shop.id))
    await ana.get("/projects")
    assert len(await people.records(shop.id)) == before


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (["abc-123"], True),
        (["x" * 100], True),
        (["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"], True),
        ([], False),
        ([""], False),
        (["x" * 101], False),
        (["a b"], False),
        (['"; drop'], False),
        (["a", "b"], False),
        (["é"], False),
        ([api_key_text(UUID(int=7), 1 << 155)], False),
        (["a=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTkwIn0.VbA4sPVlxm3NQW7ZDhTeBnBW"], False),
    ],
)
async def test_a_request_keeps_its_id_or_gets_one(people: PeopleWorld, sent: list[str], *, kept: bool) -> None:
    headers = [(b"x-request-id", one.encode("latin-1")) for one in sent]
    for path in ("/plans", "/nothing", "/documents", "/health/live"):
        answer = await people.call("GET", path, headers=headers)
        (shown,) = answer.headers.get_list("x-request-id")
        assert (shown in sent) is kept, (path, shown)
        assert shown
