"""Changes that several people make at the same moment, on connections of their own."""

import asyncio

import httpx

from atende.core.identity.permissions import Role
from tests.integration.people.test_invitations import GOOD, accept, invite, set_limits
from tests.world.people import PeopleWorld, Person


def codes(answers: list[httpx.Response]) -> list[int]:
    return sorted(one.status_code for one in answers)


async def test_g71_two_owners_who_leave_at_once_leave_one(people: PeopleWorld) -> None:
    for _ in range(5):
        ana = await people.person("ana")
        shop = await people.organization(ana)
        bia = await people.member(shop, Role.OWNER)
        place = f"/organizations/{shop.id}/members"
        answers = await asyncio.gather(*(one.delete(f"{place}/{one.id}") for one in (ana, bia)))
        assert codes(list(answers)) == [204, 409]


async def test_g71_owners_who_demote_each_other_leave_one(people: PeopleWorld) -> None:
    for _ in range(5):
        ana = await people.person("ana")
        shop = await people.organization(ana)
        others = [await people.member(shop, Role.OWNER) for _ in range(3)]
        everybody = [ana, *others]
        place = f"/organizations/{shop.id}/members"
        answers = await asyncio.gather(
            *(by.put(f"{place}/{everybody[at - 1].id}", {"role": "viewer"}) for at, by in enumerate(everybody)),
            *(one.delete(f"{place}/{one.id}") for one in everybody),
        )
        assert {one.status_code for one in answers} <= {200, 204, 403, 404, 409}
        left = [one for one in everybody if (await one.get(f"/organizations/{shop.id}")).status_code == 200]
        roles = [(await one.get(f"/organizations/{shop.id}")).json()["role"] for one in left]
        assert "owner" in roles


async def test_seats_are_given_once(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    await set_limits(people, shop, max_team_members=3)
    place = f"/organizations/{shop.id}/invitations"
    answers = await asyncio.gather(*(ana.post(place, {"email": f"p{number}@example.com"}) for number in range(8)))
    assert codes(list(answers)) == [201, 201, *[403] * 6]


async def test_projects_are_made_up_to_the_cap(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    await people.organization(ana)
    answers = await asyncio.gather(*(ana.post("/projects", {"name": f"p{number}"}) for number in range(8)))
    assert codes(list(answers)) == [201, *[403] * 7]
    assert (await ana.get("/projects")).json()["pagination"]["total"] == 2


async def test_a_project_that_is_restored_while_others_are_made_takes_a_place(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    await people.organization(ana)
    made = (await ana.post("/projects", {"name": "Second"})).json()
    await ana.delete(f"/projects/{made['id']}")
    answers = await asyncio.gather(
        *(ana.post(f"/projects/{made['id']}/restore") for _ in range(2)),
        *(ana.post("/projects", {"name": f"p{number}"}) for number in range(4)),
    )
    assert (await ana.get("/projects")).json()["pagination"]["total"] == 2
    assert set(codes(list(answers))) <= {200, 201, 403}


async def test_an_invitation_is_accepted_once(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    made = await invite(ana, shop)
    token = await people.link(made["id"])
    answers = await asyncio.gather(*(accept(people, token, password=GOOD) for _ in range(6)))
    assert [one.status_code for one in answers].count(200) == 1, [one.text for one in answers]
    assert {one.status_code for one in answers} <= {200, 401, 409, 422}
    assert len((await ana.get("/users")).json()["data"]) == 2


async def test_the_same_name_at_once_gives_different_slugs(people: PeopleWorld) -> None:
    owners: list[Person] = [await people.person("ana") for _ in range(6)]
    answers = await asyncio.gather(*(one.post("/organizations", {"name": "Same"}) for one in owners))
    assert codes(list(answers)) == [201] * 6
    assert len({one.json()["slug"] for one in answers}) == 6
    answers = await asyncio.gather(*(one.post("/organizations", {"name": "x", "slug": "wanted"}) for one in owners))
    assert codes(list(answers)) == [201, *[409] * 5]


async def test_a_project_that_is_deleted_meanwhile_is_not_the_default(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    await set_limits(people, shop, max_projects=12)
    for number in range(10):
        made = (await ana.post("/projects", {"name": f"p{number}"})).json()
        place = f"/projects/{made['id']}"
        answers = await asyncio.gather(ana.delete(place), ana.post(f"{place}/default"))
        assert [one.status_code for one in answers] in ([204, 404], [409, 200]), [one.text for one in answers]
        seen = (await ana.get("/projects")).json()["data"]
        assert sum(one["isDefault"] for one in seen) == 1, "one that is there"


async def test_there_is_one_default_project_however_many_are_named(people: PeopleWorld) -> None:
    ana = await people.person("ana")
    shop = await people.organization(ana)
    await set_limits(people, shop, max_projects=6)
    made = [(await ana.post("/projects", {"name": f"p{number}"})).json() for number in range(4)]
    answers = await asyncio.gather(*(ana.post(f"/projects/{one['id']}/default") for one in made))
    assert codes(list(answers)) == [200] * 4
    seen = (await ana.get("/projects")).json()["data"]
    assert sum(one["isDefault"] for one in seen) == 1
