"""Names are one line that people can read: nothing in them breaks a line, hides, or turns what stands beside it."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from atende.core.identity.names import split_name
from atende.core.identity.permissions import Role
from atende.core.kernel import Invalid, checked_name, is_plain
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.browser import PASSWORD, Browser
from tests.world.people import PeopleWorld, Person, make_people_world

BAD = [
    *("Shop\nBcc: eve@example.com", "Shop\r\n", "\nShop", "\x1b[31mShop"),
    *("Sh\x07op", "Sh\x7fop", "Sh\x85op", "Sh\x9bop"),
    *("\u202eSp", "Sh\u2066op", "Shop\u200f", "Shop\u200e", "Sh\u061cop", "Sh\u200bop", "Sh\u2060op", "Sh\ufeffop"),
    *("Sh\u2028op", "Sh\u2029op", "Sh\xadop", "Sh\ud83d"),
]
GOOD = [
    *("José D'Ávila & Cia", "日本", "فروش\u200cگاه", "محل", "दुकान", "👩\u200d🚀 Foguetes", "Shop 2 (a/b) <c> #1"),
]


@pytest.mark.parametrize("text", BAD)
def test_what_cannot_be_seen_is_no_name(text: str) -> None:
    with pytest.raises(Invalid, match=r"^the name of a shop must be one line: remove"):
        checked_name(text, what="the name of a shop", longest=100)


@pytest.mark.parametrize("text", GOOD)
def test_every_script_is_a_name(text: str) -> None:
    assert checked_name(f" {text} ", what="a name", longest=100) == text


@pytest.mark.parametrize("text", ["", "  ", "\u3000", "\u200d", "\u200c\u200d", "x" * 101])
def test_a_name_has_a_length(text: str) -> None:
    with pytest.raises(Invalid, match=r"^a name must have 1 to 100 characters$"):
        checked_name(text, what="a name", longest=100)


def test_where_none_is_needed_it_may_be_empty() -> None:
    assert [checked_name(text, what="a name", longest=9, needed=False) for text in ("", " ", "\u200d")] == ["", "", ""]


def test_a_line_break_is_not_lost_when_a_name_is_split() -> None:
    for text in ("Ana\n", "\rAna Lima", "Ana Lima\r\n"):
        assert not all(map(is_plain, split_name(text)))


def _refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID"), answer.text
    assert "remove line breaks" in answer.json()["detail"], answer.text


async def _doors(people: PeopleWorld) -> tuple[Person, list[tuple[str, str, dict[str, Any]]]]:
    """Every call by which a person in an organization of their own names something, without that name."""
    ana = await people.person("ana")
    shop = await people.organization(ana)
    key = (await ana.post("/api-keys", {"name": "desk"})).json()
    project = (await ana.get("/projects")).json()["data"][0]
    invited, added = {"email": "bia@example.com"}, {"email": "carla@example.com"}
    return ana, [
        ("POST", "/organizations", {"name": None}),
        ("PUT", f"/organizations/{shop.id}", {"name": None}),
        ("POST", "/projects", {"name": None}),
        ("PUT", f"/projects/{project['id']}", {"name": None}),
        ("POST", "/api-keys", {"name": None}),
        ("PUT", f"/api-keys/{key['id']}", {"name": None}),
        *[
            ("POST", f"/organizations/{shop.id}/invitations", invited | {one: None})
            for one in ("firstName", "lastName", "name")
        ],
        *[("POST", "/users", added | {one: None}) for one in ("firstName", "lastName", "name")],
        *[("PUT", f"/users/{ana.id}", {one: None}) for one in ("firstName", "lastName", "name")],
        *[("PUT", "/users/me", {one: None}) for one in ("firstName", "lastName", "name")],
    ]


async def test_no_operation_takes_a_name_that_cannot_be_seen(people: PeopleWorld) -> None:
    ana, doors = await _doors(people)
    for method, path, body in doors:
        for bad in ("Shop\r\nBcc: eve@example.com", "\u202eSp"):
            answer = await ana.call(method, path, {name: bad if text is None else text for name, text in body.items()})
            _refused(answer)
    shown = (
        (await ana.get("/users/me")).text + (await ana.get("/projects")).text + (await ana.get("/organizations")).text
    )
    assert not any(hidden in shown for hidden in ("Bcc", "\u202e"))
    for method, path, body in doors:
        good = {name: "👩\u200d🚀 Foguetes" if text is None else text for name, text in body.items()}
        if "email" in good:
            good["email"] = f"p-{id(body)}@example.com"
        answer = await ana.call(method, path, good)
        assert answer.is_success, answer.text


async def test_the_description_of_a_project_has_lines(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    await people.organization(ana)
    made = await ana.post("/projects", {"name": "Shop", "description": "One\n\ttwo"})
    assert (made.status_code, made.json()["description"]) == (201, "One\n\ttwo")


async def test_a_reason_is_one_line(people: PeopleWorld) -> None:
    root, ana = await people.person("root", operator=True), await people.person("ana")
    await people.organization(ana)
    account = (await ana.get("/projects")).json()["data"][0]["billingAccountId"]
    for path in (f"/admin/users/{ana.id}/suspend", f"/admin/billing-accounts/{account}/suspend"):
        _refused(await root.post(path, {"reason": "unpaid\x1b[2J"}))
        blank = await root.post(path, {"reason": "  "})
        assert (blank.status_code, blank.json()["code"]) == (422, "INVALID")
        assert (await root.post(path, {"reason": " unpaid "})).status_code == 200


async def test_whoever_comes_in_has_such_a_name_too(people: PeopleWorld) -> None:
    browser = Browser(people)
    said = {"email": "zoe@example.com", "password": PASSWORD}
    for field in ("firstName", "lastName", "name", "organizationName"):
        _refused(await browser.post("/auth/register", said | {field: "Zoe\u202e"}))
    assert (await browser.post("/auth/register", said | {"email": "z\u202eoe@example.com"})).status_code == 422
    assert (await browser.post("/auth/register", said)).status_code == 201
    ana = await people.person("ana")
    shop = await people.organization(ana)
    made = (
        await ana.post(f"/organizations/{shop.id}/invitations", {"email": "bia@example.com", "role": Role.AGENT})
    ).json()
    answer = {"token": await people.link(made["id"]), "password": PASSWORD}
    for field in ("firstName", "lastName", "name"):
        _refused(await people.call("POST", "/auth/invitations/accept", answer | {field: "Bia\nSilva"}))
    assert (await people.call("POST", "/auth/invitations/accept", answer)).status_code == 200


async def test_a_name_does_not_tell_whether_an_address_is_registered(database: Urls, tmp_path: Path) -> None:
    async with make_people_world(database, tmp_path, email_verification="required") as people:
        ana = await people.person("ana")
        for email in (ana.email, "nobody@example.com"):
            said = {"email": email, "password": PASSWORD, "organizationName": "Shop\u202e"}
            _refused(await Browser(people).post("/auth/register", said))
