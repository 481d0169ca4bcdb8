"""Guarantee 65: a refresh token is worth one successor, and whoever shows an old one ends the session."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from atende.core.limits.policy import RatePolicy
from atende.inbound.http.options import WebOptions
from tests.databases import Databases
from tests.world.browser import Browser, mails
from tests.world.people import PeopleWorld, make_people_world

UNCOUNTED = WebOptions(aliases=False, credential_cache_seconds=0, rates=RatePolicy(strangers=1_000_000))


@pytest_asyncio.fixture
async def world(databases: Databases, tmp_path: Path) -> AsyncIterator[PeopleWorld]:
    async with databases.one() as urls, make_people_world(urls, tmp_path, options=UNCOUNTED) as made:
        yield made


@pytest.mark.guarantee(65)
async def test_g65_a_hundred_at_once_get_one_successor(world: PeopleWorld) -> None:
    browser = Browser(world)
    await browser.register()
    first = browser.refresh
    answers = await asyncio.gather(*(Browser(world).renew(first) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {200}
    successors = {answer.json()["refreshToken"] for answer in answers}
    assert len(successors) == 1
    assert first not in successors
    assert (await Browser(world).renew(successors.pop())).status_code == 200


@pytest.mark.guarantee(65)
async def test_g65_a_lost_answer_is_given_again_within_ten_seconds(world: PeopleWorld) -> None:
    browser = Browser(world)
    await browser.register()
    first = browser.refresh
    second = (await browser.renew(first)).json()["refreshToken"]
    world.clock.ahead = timedelta(seconds=9)
    assert (await browser.renew(first)).json()["refreshToken"] == second
    assert (await browser.renew(second)).status_code == 200


@pytest.mark.guarantee(65)
@pytest.mark.parametrize("how", ["the parent after eleven seconds", "the grandparent at once", "another program"])
async def test_g65_an_old_token_ends_the_whole_session(world: PeopleWorld, how: str) -> None:
    browser, thief = Browser(world), Browser(world, agent="Browser/1")
    made = await browser.register("ana@example.com")
    elsewhere = Browser(world)
    await elsewhere.sign_in("ana@example.com")
    first = browser.refresh
    await browser.renew()
    if how == "the parent after eleven seconds":
        world.clock.ahead = timedelta(seconds=11)
    elif how == "the grandparent at once":
        await browser.renew()
    else:
        thief.agent = "curl/8"
    await mails(world)
    assert (await thief.renew(first)).status_code == 401
    assert await mails(world) == [("session_reused", UUID(made["user"]["id"]))]
    assert not await browser.is_in()  # at once: nothing here is remembered
    browser.access = ""
    assert (await browser.renew()).status_code == 401
    assert (await thief.renew(first)).status_code == 401
    assert await mails(world) == []  # told once
    assert await elsewhere.is_in()  # another sign-in is another family
    reused = [one for one in await world.records(UUID(int=0)) if one.action == "session.reuse"]
    assert [one.status for one in reused] == ["failure"]


@pytest.mark.guarantee(65)
async def test_g65_a_refresh_revives_no_session_that_ends_at_the_same_moment(world: PeopleWorld) -> None:
    for _ in range(20):
        browser = Browser(world)
        await browser.register()
        ending = Browser(world, access=browser.access)
        refreshing = [Browser(world, refresh=browser.refresh) for _ in range(3)]
        ended, *_ = await asyncio.gather(ending.post("/auth/logout"), *(one.renew() for one in refreshing))
        assert ended.status_code == 200
        for one in refreshing:
            one.access = ""
            assert (await one.renew()).status_code == 401


@pytest.mark.guarantee(65)
async def test_g65_nothing_in_the_database_opens_a_session(world: PeopleWorld) -> None:
    browser = Browser(world)
    await browser.register()
    session_id, generation, mac = browser.refresh.split("_")[1:4]
    for guess in (f"rt_{session_id}_{int(generation) + 1}_{mac}", f"rt_{session_id}_{generation}_{'A' * 43}"):
        assert (await Browser(world).renew(guess)).status_code == 401
    assert (await browser.renew()).status_code == 200  # and a guess ends nothing
