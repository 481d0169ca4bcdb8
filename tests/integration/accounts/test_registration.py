"""Registration: in the first minute a new account has an organization, a project, credits and a key."""

from pathlib import Path
from uuid import UUID

import pytest

from atende.core.identity.signed_tokens import Purpose
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.browser import PASSWORD, Browser, link_for, mails
from tests.world.people import PeopleWorld, make_people_world


async def test_whoever_registers_can_begin_at_once(people: PeopleWorld) -> None:
    browser = Browser(people)
    made = await browser.register(
        "Ana.Lima@Example.com", firstName="Ana", lastName="Lima", organizationName="Padaria São José"
    )
    assert set(made) == {"user", "organization", "accessToken", "refreshToken", "tokenType", "expiresIn"}
    assert made["user"] == {
        "id": made["user"]["id"],
        "email": "ana.lima@example.com",
        "firstName": "Ana",
        "lastName": "Lima",
        "name": "Ana Lima",
    }
    assert made["organization"] == {
        "id": made["organization"]["id"],
        "name": "Padaria São José",
        "slug": "padaria-sao-jose",
    }
    assert (made["tokenType"], made["expiresIn"]) == ("Bearer", 900)

    me = (await browser.get("/users/me")).json()
    assert (me["role"], me["organizationId"], me["status"]) == (
        "owner",
        made["organization"]["id"],
        "pending_verification",
    )
    [project] = (await browser.get("/projects")).json()["data"]
    assert (project["tenantId"], project["isDefault"]) == ("padaria-sao-jose", True)
    assert (await browser.get("/billing/credits")).json()["available"] == 50

    key = await browser.post("/auth/api-keys", {"name": "first"})
    assert key.status_code == 201
    assert (await people.call("GET", "/documents", key=key.json()["apiKey"])).status_code == 200

    user_id = UUID(made["user"]["id"])
    assert await mails(people) == [("verify", user_id)]
    records = await people.records(UUID(made["organization"]["id"]))
    registered = [record for record in records if record.action == "user.register"]
    assert [(str(record.actor), record.resource_id) for record in registered] == [(f"user:{user_id}", str(user_id))]


async def test_a_name_is_split_and_an_organization_needs_none(people: PeopleWorld) -> None:
    first = await Browser(people).register(name="Ana Maria Lima")
    assert (first["user"]["firstName"], first["user"]["lastName"]) == ("Ana", "Maria Lima")
    assert (first["organization"]["name"], first["organization"]["slug"]) == ("Ana Maria Lima", "ana-maria-lima")
    second = await Browser(people).register(name="Ana Maria Lima")
    assert second["organization"]["slug"] == "ana-maria-lima-2"
    third = await Browser(people).register("zoe@example.com")
    assert third["organization"]["name"] == "zoe"


@pytest.mark.parametrize("again", ["ana@example.com", " ANA@example.com "])
async def test_an_address_is_registered_once(people: PeopleWorld, again: str) -> None:
    browser = Browser(people)
    await browser.register("ana@example.com")
    answer = await Browser(people).post("/auth/register", {"email": again, "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "EMAIL_TAKEN")
    [project] = (await browser.get("/projects")).json()["data"]
    assert project["isDefault"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"email": "ana@example.com", "password": "too short"}, 422),
        ({"email": "ana@example.com", "password": "é" * 40}, 422),
        ({"email": "long.address@example.com", "password": "long.address@example.com"}, 422),
        ({"email": "no address", "password": PASSWORD}, 400),
        ({"email": "ana@example.com"}, 400),
        ({"email": "ana@example.com", "password": PASSWORD, "platformRole": "operator"}, 400),
        ({"email": "ana@example.com", "password": PASSWORD, "role": "owner"}, 400),
        ({"email": ["ana@example.com"], "password": PASSWORD}, 400),
        ({"email": "ana@example.com", "password": "nul\0nul nul nul"}, 400),
    ],
)
async def test_what_registration_refuses(database: Urls, tmp_path: Path, body: dict[str, object], status: int) -> None:
    async with make_people_world(database, tmp_path) as world:
        answer = await Browser(world).post("/auth/register", body)
        assert answer.status_code == status, answer.text
        assert PASSWORD not in answer.text
        assert await mails(world) == []


async def test_where_addresses_are_confirmed_first_nothing_tells_who_is_there(database: Urls, tmp_path: Path) -> None:
    async with make_people_world(database, tmp_path, email_verification="required") as world:
        browser, body = Browser(world), {"email": "ana@example.com", "password": PASSWORD}
        first = await browser.post("/auth/register", body)
        [(kind, user_id)] = await mails(world)
        again = await browser.post("/auth/register", body | {"password": "another horse battery"})
        assert (first.status_code, first.content) == (again.status_code, again.content)
        assert first.status_code == 202
        assert set(first.headers) == set(again.headers)
        assert kind == "verify"
        assert await mails(world) == [("registered_again", user_id)]

        assert (await browser.sign_in("ana@example.com", "another horse battery")).status_code == 401
        early = await browser.sign_in("ana@example.com")
        assert (early.status_code, early.json()["code"]) == (403, "NOT_VERIFIED")
        token = await link_for(world, Purpose.VERIFY_EMAIL, "ana@example.com")
        assert (await browser.post("/auth/verify-email", {"token": token})).status_code == 200
        assert (await browser.sign_in("ana@example.com")).status_code == 200
        assert (await browser.get("/users/me")).json()["status"] == "active"


async def test_an_unconfirmed_person_may_do_all_but_invite(people: PeopleWorld) -> None:
    browser = Browser(people)
    made = await browser.register("ana@example.com")
    address = f"/organizations/{made['organization']['id']}/invitations"
    refused = await browser.post(address, {"email": "bia@example.com"})
    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_VERIFIED")
    token = await link_for(people, Purpose.VERIFY_EMAIL, "ana@example.com")
    assert (await browser.post("/auth/verify-email", {"token": token})).status_code == 200
    assert (await browser.post(address, {"email": "bia@example.com"})).status_code == 201
