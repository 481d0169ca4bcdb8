"""The first operator, and the owner of the first organization: made once, ready to sign in."""

import asyncio

from atende.core.identity.accounts.enrol import Enrol
from atende.core.identity.ports import People
from atende.main.first_people import first_operator
from atende.main.seeding import seed_tenant
from tests.world.browser import Browser
from tests.world.people import PeopleWorld


async def test_there_is_one_first_operator(people: PeopleWorld) -> None:
    made = await asyncio.gather(*(first_operator(people.container) for _ in range(3)))
    [login] = [one for one in made if one is not None]
    assert login.password not in repr(login)
    assert await first_operator(people.container) is None
    assert await (await people.container.get(People)).operators() == 1
    async with people.use(Enrol) as enrol:
        assert await enrol.operator(email="other@example.com", password="correct horse", name="Other") is None
    browser = Browser(people)
    answer = await browser.sign_in(login.email, login.password)
    assert answer.status_code == 200
    assert answer.json()["organization"] is None
    me = (await browser.get("/users/me")).json()
    assert (me["platformRole"], me["organizationId"], me["role"]) == ("operator", None, None)
    assert set(me["permissions"]) == {"self:any", "platform:read", "platform:manage"}
    assert (await browser.get("/documents")).status_code == 403  # counters and plans, never a tenant's content
    assert (await browser.get("/projects")).json()["data"] == []


async def test_the_owner_of_a_seeded_tenant_can_sign_in(people: PeopleWorld) -> None:
    tenant = await seed_tenant(people.container, name="Loja Azul", slug="loja-azul", agent="Ana")
    assert tenant.login is not None
    browser = Browser(people)
    answer = await browser.sign_in(tenant.login.email, tenant.login.password)
    assert answer.json()["organization"]["slug"] == "loja-azul"
    me = (await browser.get("/users/me")).json()
    assert (me["role"], me["status"]) == ("owner", "active")
    assert (await browser.get("/documents")).status_code == 200
    assert (await browser.post("/auth/api-keys", {})).status_code == 201
    assert (
        await browser.post(f"/organizations/{me['organizationId']}/invitations", {"email": "bia@example.com"})
    ).status_code == 201


async def test_the_first_key_is_the_owner_s(people: PeopleWorld) -> None:
    tenant = await seed_tenant(people.container, name="Loja Azul", slug="loja-azul", agent="Ana")
    assert tenant.login is not None
    browser = Browser(people)
    owner = (await browser.sign_in(tenant.login.email, tenant.login.password)).json()["user"]["id"]
    [key] = (await browser.get("/auth/api-keys")).json()["data"]
    assert (key["name"], key["createdBy"]) == ("first key", owner)
    made = await people.call("POST", "/projects", {"name": "By key"}, key=tenant.api_key)
    assert (made.status_code, made.json()["createdByUserId"]) == (201, owner)
