"""Names of people are told whole or in parts, and read alike wherever somebody tells one."""

from typing import Any

import pytest

from tests.world.people import PeopleWorld, Person

PASSWORD = "correct horse battery"
TOLD: list[tuple[dict[str, str], tuple[str, str]]] = [
    ({"name": "Ana Maria Lima"}, ("Ana", "Maria Lima")),
    ({"name": " Ana   Lima "}, ("Ana", "Lima")),
    ({"name": "Ana Lima", "firstName": "Bia"}, ("Bia", "Lima")),
    ({"name": "Ana Lima", "lastName": "Souza"}, ("Ana", "Souza")),
    ({"name": "Ana Lima", "firstName": "Bia", "lastName": "Souza"}, ("Bia", "Souza")),
    ({"name": "Ana Lima", "firstName": "", "lastName": " "}, ("Ana", "Lima")),
    ({"firstName": " Bia ", "lastName": "Souza"}, ("Bia", "Souza")),
]


@pytest.mark.parametrize("way", ["register", "me", "user", "create", "invite", "accept"])
async def test_parts_that_are_given_win(people: PeopleWorld, way: str) -> None:
    for number, (told, parts) in enumerate(TOLD):
        found = await _told(people, await people.person("ana"), way, told, email=f"new-{number}@example.com")
        assert (found["firstName"], found["lastName"]) == parts, (told, found)
        assert found["name"] == " ".join(parts)


async def _told(people: PeopleWorld, ana: Person, way: str, told: dict[str, str], *, email: str) -> dict[str, Any]:
    """The person as the answer shows them."""
    account = {"email": email, "password": PASSWORD}
    if way == "register":
        answer = await people.call("POST", "/auth/register", account | told)
    elif way == "me":
        answer = await ana.put("/users/me", told)
    elif way == "user":
        answer = await ana.put(f"/users/{ana.id}", told)
    else:
        shop = await people.organization(ana)
        wanted = {"email": email} | (told if way != "accept" else {"firstName": "Old", "lastName": "Name"})
        path = "/users" if way == "create" else f"/organizations/{shop.id}/invitations"
        answer = await ana.post(path, wanted)
        if way == "accept":
            accepting = {"token": await people.link(answer.json()["id"]), "password": PASSWORD} | told
            answer = await people.call("POST", "/auth/invitations/accept", accepting)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    person: dict[str, Any] = found.get("user", found)
    return person


async def test_a_newcomer_keeps_the_parts_of_the_invitation(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    wanted = {"email": "bia@example.com", "name": "Bia Souza"}
    made = (await ana.post(f"/organizations/{shop.id}/invitations", wanted)).json()
    accepting = {"token": await people.link(made["id"]), "password": PASSWORD, "firstName": "Beatriz"}
    answer = await people.call("POST", "/auth/invitations/accept", accepting)
    assert answer.json()["user"]["name"] == "Beatriz Souza"
