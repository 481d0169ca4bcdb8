"""Signing in, refreshing, switching organizations, and signing out."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from atende.inbound.http.options import WebOptions
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.browser import PASSWORD, Browser
from tests.world.people import PeopleWorld, make_people_world


async def test_signing_in_gives_what_registering_gave(people: PeopleWorld) -> None:
    first, second = Browser(people), Browser(people)
    made = await first.register("ana@example.com", name="Ana Lima")
    answer = await second.sign_in(" ANA@Example.com ")
    assert answer.status_code == 200
    found = answer.json()
    assert set(found) == set(made)
    assert (found["user"], found["organization"]) == (made["user"], made["organization"])
    assert answer.headers["cache-control"] == "no-store"
    assert await first.is_in()
    assert await second.is_in()


@pytest.mark.parametrize("email", ["ana@example.com", "nobody@example.com", "no address", "x" * 255, ""])
async def test_whoever_cannot_sign_in_is_told_one_thing(people: PeopleWorld, email: str) -> None:
    browser = Browser(people)
    await browser.register("ana@example.com")
    answer = await browser.sign_in(email, "another horse battery")
    assert answer.status_code == 401
    assert answer.json()["code"] == "WRONG_CREDENTIALS"
    assert answer.content == (await browser.sign_in("somebody@example.com", PASSWORD)).content


async def test_the_cookie_is_for_the_routes_of_signing_in_alone(people: PeopleWorld) -> None:
    browser = Browser(people)
    made = await browser.post("/auth/register", {"email": "ana@example.com", "password": PASSWORD})
    [line] = [one for one in made.headers.get_list("set-cookie") if one.startswith("atende_refresh=")]
    for part in ("HttpOnly", "SameSite=strict", "Path=/api/v1/auth", "Max-Age=604800"):
        assert part in line
    assert "Secure" not in line
    anybody = Browser(people, cookies=browser.cookies)  # no credential for anything else
    assert (await anybody.get("/users/me")).status_code == 401
    refreshed = await anybody.post("/auth/refresh")
    assert refreshed.status_code == 200
    assert refreshed.json()["refreshToken"] in refreshed.headers["set-cookie"]


@pytest.mark.parametrize("prefix", ["/api", ""])
async def test_the_cookie_works_where_it_was_given(database: Urls, tmp_path: Path, prefix: str) -> None:
    async with make_people_world(database, tmp_path, options=WebOptions(credential_cache_seconds=0)) as people:
        browser, at = Browser(people), f"http://atende.test{prefix}"
        made = await browser.post(f"{at}/auth/register", {"email": "ana@example.com", "password": PASSWORD})
        assert made.status_code == 201
        assert f"Path={prefix}/auth" in made.headers["set-cookie"]
        assert (await browser.post(f"{at}/auth/refresh")).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://atende.test.evil.example", "http://atende.test:81"]
)
async def test_pages_of_other_origins_neither_get_nor_use_cookies(people: PeopleWorld, origin: str) -> None:
    """A form there could else sign its visitors in to somebody else's account."""
    ana, visitor = Browser(people), Browser(people)
    await ana.register("ana@example.com")
    answer = await visitor.post("/auth/login", {"email": "ana@example.com", "password": PASSWORD}, Origin=origin)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert not visitor.cookies
    assert (await ana.post("/auth/refresh", Origin=origin)).status_code == 401
    refreshed = await ana.post("/auth/refresh", {"refreshToken": ana.refresh}, Origin=origin)
    assert refreshed.status_code == 200, "a token in the body is nothing that a browser adds by itself"
    assert "set-cookie" not in refreshed.headers


async def test_our_own_pages_and_listed_ones_get_cookies(database: Urls, tmp_path: Path) -> None:
    options = WebOptions(aliases=False, credential_cache_seconds=0, cors_origins=("https://app.example", "*"))
    async with make_people_world(database, tmp_path, options=options) as people:
        for number, origin in enumerate(("http://atende.test", "https://app.example")):
            browser = Browser(people)
            body = {"email": f"ana-{number}@example.com", "password": PASSWORD}
            assert "set-cookie" in (await browser.post("/auth/register", body, Origin=origin)).headers
            assert (await browser.post("/auth/refresh", Origin=origin)).status_code == 200
        body = {"email": "bia@example.com", "password": PASSWORD}
        anybody = await Browser(people).post("/auth/register", body, Origin="https://elsewhere.example")
        assert (anybody.status_code, "set-cookie" in anybody.headers) == (201, False)


async def test_over_https_cookies_are_secure(people: PeopleWorld) -> None:
    answer = await Browser(people).post(
        "https://atende.test/api/v1/auth/register", {"email": "ana@example.com", "password": PASSWORD}
    )
    lines = answer.headers.get_list("set-cookie")
    assert len(lines) == 2
    assert all("Secure" in line and "HttpOnly" in line for line in lines)


@pytest.mark.parametrize("body", [None, {}, {"refreshToken": None}, {"refreshToken": ""}])
async def test_a_body_without_a_token_leaves_it_to_the_cookie(
    people: PeopleWorld, body: dict[str, str | None] | None
) -> None:
    browser = Browser(people)
    await browser.register("ana@example.com")
    anybody = Browser(people, cookies=browser.cookies)
    refreshed = await anybody.post("/auth/refresh", body)
    assert refreshed.status_code == 200, refreshed.text
    wrong = await Browser(people, cookies=anybody.cookies).post("/auth/refresh", {"refreshToken": "rt_x"})
    assert wrong.status_code == 401, "a token in the body is the one that counts"


@pytest.mark.parametrize(
    "body", [None, {}, {"refreshToken": None}, {"refreshToken": "rt_x"}, {"refreshToken": ""}, {"refreshToken": "é"}]
)
async def test_no_token_no_session(people: PeopleWorld, body: dict[str, str | None] | None) -> None:
    answer = await Browser(people).post("/auth/refresh", body)
    assert answer.status_code == 401


async def test_signing_out_ends_this_session(people: PeopleWorld) -> None:
    here, there = Browser(people), Browser(people)
    await here.register("ana@example.com")
    await there.sign_in("ana@example.com")
    answer = await here.post("/auth/logout")
    assert answer.status_code == 200
    assert "atende_refresh=" in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert not await here.is_in()
    assert (await here.renew()).status_code == 401
    assert await there.is_in()


async def test_signing_out_everywhere_ends_all(people: PeopleWorld) -> None:
    here, there = Browser(people), Browser(people)
    await here.register("ana@example.com")
    await there.sign_in("ana@example.com")
    assert (await here.post("/auth/logout-all")).status_code == 200
    for browser in (here, there):
        assert not await browser.is_in()
        browser.access = ""
        assert (await browser.renew()).status_code == 401
    assert (await here.sign_in("ana@example.com")).status_code == 200


async def test_another_session_of_ones_own_can_be_ended(people: PeopleWorld) -> None:
    here, there, stranger = Browser(people), Browser(people, agent="Phone/2"), Browser(people)
    await here.register("ana@example.com")
    await there.sign_in("ana@example.com")
    await stranger.register()
    listed = (await here.get("/auth/sessions")).json()
    assert listed["pagination"]["total"] == 2
    assert [(one["userAgent"], one["current"]) for one in listed["data"]] == [("Phone/2", False), ("Browser/1", True)]
    other = listed["data"][0]["id"]
    assert (await stranger.call("DELETE", f"/auth/sessions/{other}")).status_code == 404
    assert (await here.call("DELETE", f"/auth/sessions/{uuid4()}")).status_code == 404
    assert (await here.call("DELETE", f"/auth/sessions/{other}")).status_code == 204
    assert not await there.is_in()
    assert await here.is_in()


async def test_a_session_unused_for_a_week_ends(people: PeopleWorld) -> None:
    browser = Browser(people)
    await browser.register()
    people.clock.ahead = timedelta(days=6, hours=23)
    assert (await browser.renew()).status_code == 200
    people.clock.ahead += timedelta(days=7, seconds=1)
    browser.access = ""
    assert (await browser.renew()).status_code == 401


async def test_a_session_ends_after_a_month(people: PeopleWorld) -> None:
    browser = Browser(people)
    await browser.register()
    for day in range(6, 30, 6):
        people.clock.ahead = timedelta(days=day)
        browser.access = ""
        assert (await browser.renew()).status_code == 200
    people.clock.ahead = timedelta(days=30, seconds=1)
    browser.access = ""
    assert (await browser.renew()).status_code == 401


async def test_switching_leads_to_where_one_belongs(people: PeopleWorld) -> None:
    browser, stranger = Browser(people), Browser(people)
    home = (await browser.register())["organization"]
    foreign = (await stranger.register())["organization"]
    made = await browser.post("/organizations", {"name": "Second"})
    assert made.status_code == 201
    second = made.json()
    gone = await browser.post("/auth/switch", {"organizationId": second["id"]})
    assert gone.status_code == 200
    assert "refreshToken" not in gone.json()  # an access token must not buy a longer life
    browser.access = gone.json()["accessToken"]
    assert (await browser.get("/users/me")).json()["organizationId"] == second["id"]
    assert (await browser.renew()).json()["organization"]["id"] == second["id"]  # and there it stays

    [project] = [one for one in (await browser.get("/projects")).json()["data"] if one["organizationId"] == home["id"]]
    back = (await browser.post("/auth/switch", {"projectId": project["id"]})).json()
    assert (back["organization"]["id"], back["projectId"]) == (home["id"], project["id"])
    browser.access = back["accessToken"]
    me = (await browser.get("/users/me")).json()
    assert (me["organizationId"], me["projectId"]) == (home["id"], project["id"])

    [theirs] = (await stranger.get("/projects")).json()["data"]
    for wanted in (
        {"organizationId": foreign["id"]},
        {"projectId": theirs["id"]},
        {"organizationId": str(uuid4())},
        {"organizationId": second["id"], "projectId": project["id"]},
    ):
        assert (await browser.post("/auth/switch", wanted)).status_code == 404


async def test_nothing_of_before_a_suspension_comes_back_with_its_end(people: PeopleWorld) -> None:
    browser, root = Browser(people), await people.person("root", operator=True)
    made = await browser.register("ana@example.com")
    place = f"/admin/users/{made['user']['id']}"
    assert (await root.post(f"{place}/suspend", {"reason": "stolen laptop"})).status_code == 200
    assert (await root.post(f"{place}/lift")).status_code == 200
    assert (await browser.renew()).status_code == 401
    assert (await browser.sign_in("ana@example.com")).status_code == 200


async def test_a_key_has_no_account(people: PeopleWorld) -> None:
    browser = Browser(people)
    await browser.register()
    key = (await browser.post("/auth/api-keys", {"scopes": ["*"]})).json()["apiKey"]
    for method, path in (("GET", "/users/me"), ("POST", "/auth/logout"), ("GET", "/auth/sessions")):
        assert (await people.call(method, path, key=key)).status_code == 403


async def test_two_identities_are_one_too_many(people: PeopleWorld) -> None:
    browser = Browser(people)
    await browser.register()
    key = (await browser.post("/auth/api-keys", {})).json()["apiKey"]
    both = await browser.get("/documents", X_API_Key=key)
    assert (both.status_code, both.json()["code"]) == (400, "VALIDATION_ERROR")
    bearer = await people.call("GET", "/documents", token=key)
    assert bearer.status_code == 200
