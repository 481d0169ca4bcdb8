"""Connecting a number over HTTP, and what becomes of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest_asyncio

from atende.core.conversation.channel import ChannelCheck, Connection, InboundMessage
from atende.core.conversation.ports import ChannelDirectory
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.http import QUESTION, HttpWorld, make_world

NUMBER = {
    "kind": "whatsapp",
    "externalId": "106540352242922",
    "providerAccount": "102290129340398",
    "signingSecret": "the-app-secret-of-meta",
    "accessSecret": "EAAG-the-token",
}
API = "/api/v1/channels"


@pytest_asyncio.fixture
async def world(database: Urls, tmp_path: Path) -> AsyncIterator[HttpWorld]:
    async with make_world(database, tmp_path) as made:
        yield made


async def _connected(caller: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await caller.post(API, json=NUMBER | changes)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def _receives(world: HttpWorld, number: str, text: str) -> bool:
    """Whether a customer's message to this number is taken."""
    directory = await world.container.get(ChannelDirectory)
    accounts = await directory.named(["whatsapp"], [number])
    receive = await world.container.get(ReceiveMessages)
    for account in accounts:
        await receive(
            [InboundMessage(account_id=account.id, external_id=uuid4().hex, address="+5511988887777", text=text)]
        )
    return bool(accounts)


async def test_a_number_that_its_provider_vouches_for_is_connected_and_answers(world: HttpWorld) -> None:
    shop = await world.tenant("loja")
    await world.upload(shop)
    world.phones.checks[NUMBER["externalId"]] = ChannelCheck(
        connection=Connection.CONNECTED, address="+551140028922", name="Loja da Ana", quality="GREEN"
    )
    async with world.caller(shop.api_key) as caller:
        made = await _connected(caller)
        assert (made["connection"], made["address"], made["name"]) == ("connected", "+551140028922", "Loja da Ana")
        assert "secret" not in str(made).lower()
        assert NUMBER["accessSecret"] not in (await caller.get(API)).text
        assert await _receives(world, NUMBER["externalId"], QUESTION)
        await world.work()
        read = (await caller.get(f"{API}/{made['id']}")).json()
    assert read["lastInboundAt"] is not None
    assert [one.message.to for one in world.phones.sent] == ["+5511988887777"]


async def test_a_number_that_its_provider_does_not_vouch_for_is_refused_in_its_words(world: HttpWorld) -> None:
    shop = await world.tenant("loja")
    said = ChannelCheck(connection=Connection.REFUSED, error="Invalid appsecret_proof provided in the API argument")
    world.phones.checks[NUMBER["externalId"]] = said
    async with world.caller(shop.api_key) as caller:
        answer = await caller.post(API, json=NUMBER)
        assert answer.status_code == 422
        assert "Invalid appsecret_proof" in answer.json()["detail"]
        assert len((await caller.get(API)).json()["data"]) == 2  # those of the seed


async def test_g12_a_number_is_connected_once_and_free_again_once_it_is_disconnected(world: HttpWorld) -> None:
    shop, other = await world.tenant("loja"), await world.tenant("outra")
    async with world.caller(shop.api_key) as mine, world.caller(other.api_key) as theirs:
        made = await _connected(mine)
        assert (await theirs.post(API, json=NUMBER)).status_code == 409
        assert (await theirs.get(f"{API}/{made['id']}")).status_code == 404
        assert (await mine.delete(f"{API}/{made['id']}")).status_code == 204
        assert (await mine.get(f"{API}/{made['id']}")).status_code == 404
        assert (await mine.put(f"{API}/{made['id']}", json={"isActive": True})).status_code == 404
        assert (await mine.post(f"{API}/{made['id']}/check")).status_code == 404
        await _connected(theirs)


async def test_a_paused_number_takes_nothing_and_a_turn_under_way_goes_to_a_person(world: HttpWorld) -> None:
    shop = await world.tenant("loja")
    await world.upload(shop)
    async with world.caller(shop.api_key) as caller:
        made = await _connected(caller)
        await _receives(world, NUMBER["externalId"], QUESTION)
        assert (await caller.put(f"{API}/{made['id']}", json={"isActive": False})).json()["isActive"] is False
        await world.work()
        (one,) = (await caller.get("/api/v1/conversations")).json()["data"]
    assert one["attendance"] == "waiting_human"
    assert world.phones.sent == []
    assert not await _receives(world, NUMBER["externalId"], "Oi?")


async def test_new_secrets_are_checked_before_they_replace_the_old_ones(world: HttpWorld) -> None:
    shop = await world.tenant("loja")
    async with world.caller(shop.api_key) as caller:
        made = await _connected(caller)
        world.phones.checks[NUMBER["externalId"]] = ChannelCheck(connection=Connection.REFUSED, error="(#100) no")
        refused = await caller.put(f"{API}/{made['id']}", json={"accessSecret": "EAAG-another"})
        assert refused.status_code == 422
        del world.phones.checks[NUMBER["externalId"]]
        assert (await caller.put(f"{API}/{made['id']}", json={"accessSecret": "EAAG-another"})).status_code == 200
    directory = await world.container.get(ChannelDirectory)
    (account,) = await directory.named(["whatsapp"], [NUMBER["externalId"]])
    assert (account.secrets.signing, account.secrets.access) == (NUMBER["signingSecret"], "EAAG-another")


async def test_a_check_shows_an_expired_token_and_leaves_the_number_on(world: HttpWorld) -> None:
    shop = await world.tenant("loja")
    async with world.caller(shop.api_key) as caller:
        made = await _connected(caller)
        world.phones.checks[NUMBER["externalId"]] = ChannelCheck(
            connection=Connection.EXPIRED, error="Error validating access token: Session has expired"
        )
        found = (await caller.post(f"{API}/{made['id']}/check")).json()
        listed = (await caller.get(API)).json()["data"][0]
    assert (found["connection"], found["isActive"]) == ("expired", True)
    assert listed["connectionError"] == "Error validating access token: Session has expired"


async def test_a_number_gets_an_agent_of_its_project_and_loses_it_again(world: HttpWorld) -> None:
    shop = await world.tenant("loja")
    async with world.caller(shop.api_key) as caller:
        made = await _connected(caller)
        assert (await caller.put(f"{API}/{made['id']}", json={"agentId": str(uuid4())})).status_code == 404
        assert (await caller.post(API, json=NUMBER | {"externalId": "777", "agentId": str(uuid4())})).status_code in {
            404,
            422,
        }
        assert (await caller.put(f"{API}/{made['id']}", json={"agentId": None})).json()["agentId"] is None


async def test_an_unknown_kind_is_refused_and_the_known_ones_are_named(world: HttpWorld) -> None:
    shop = await world.tenant("loja")
    async with world.caller(shop.api_key) as caller:
        answer = await caller.post(API, json=NUMBER | {"kind": "fax"})
    assert answer.status_code == 422
    assert "whatsapp" in answer.json()["detail"]
