"""Conversations over HTTP: the lists, the proof of a reply, and a person who takes over."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest_asyncio

from atende.core.conversation.model import Message
from atende.core.conversation.ports import Messages
from atende.core.kernel import Transaction
from atende.main.seeding import Tenant
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.http import QUESTION, HttpWorld, make_world


@pytest_asyncio.fixture
async def world(database: Urls, tmp_path: Path) -> AsyncIterator[HttpWorld]:
    async with make_world(database, tmp_path, takeover_timeout=5.0, takeover_retry_interval=0.01) as made:
        yield made


async def only_conversation(caller: httpx.AsyncClient) -> dict[str, Any]:
    (one,) = (await caller.get("/api/v1/conversations")).json()["data"]
    return dict(one)


async def test_a_conversation_is_read_with_its_messages_and_the_proof_of_its_reply(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    document = await world.upload(shop)
    await world.write(shop, QUESTION)
    await world.work()
    async with world.caller(shop.api_key) as caller:
        one = await only_conversation(caller)
        assert one == (await caller.get(f"/api/v1/conversations/{one['id']}")).json()
        assert (one["status"], one["attendance"], one["messageCount"], one["closeReason"]) == ("active", "ai", 2, None)
        said = (await caller.get(f"/api/v1/conversations/{one['id']}/messages")).json()
        asked, reply = said["data"]
        assert (asked["sender"], asked["text"], asked["delivery"], asked["answerId"]) == (
            *("contact", QUESTION, "received"),
            None,
        )
        assert (reply["sender"], reply["delivery"], reply["direction"]) == ("ai", "sent", "outbound")
        assert reply == (await caller.get(f"/api/v1/messages/{reply['id']}")).json()
        proof = (await caller.get(f"/api/v1/messages/{reply['id']}/proof")).json()
        assert (proof["answer"], proof["cost"], proof["outcome"]) == (reply["text"], 1, "answered")
        assert [quote["documentId"] for quote in proof["citations"]] == [document]
        moved = (await caller.get("/api/v1/billing/credits/transactions", params={"type": "capture"})).json()
        assert [(item["reference"], item["holdId"], item["amount"]) for item in moved["data"]][:1] == [
            (proof["ledgerReference"], proof["holdId"], 1)
        ]
        unproven = await caller.get(f"/api/v1/messages/{asked['id']}/proof")
        assert (unproven.status_code, unproven.json()["code"]) == (404, "NO_PROOF")


async def test_messages_are_paged_in_the_order_of_the_conversation(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    for number in range(5):
        await world.write(shop, f"linha {number}")
    async with world.caller(shop.api_key) as caller:
        where = f"/api/v1/conversations/{(await only_conversation(caller))['id']}/messages"
        pages = [(await caller.get(where, params={"page": page, "limit": 2})).json() for page in (1, 2, 3, 4)]
    assert [[item["text"] for item in page["data"]] for page in pages] == [
        *(["linha 0", "linha 1"], ["linha 2", "linha 3"], ["linha 4"]),
        [],
    ]
    assert pages[2]["pagination"] == {"page": 3, "limit": 2, "total": 5, "totalPages": 3, "totalIsMinimum": False}


async def test_the_human_queue_and_the_words_of_all_vocabularies_filter_the_list(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    await world.write(shop, "Quero falar com um atendente humano", number="+5511900000001")
    await world.write(shop, "Bom dia", number="+5511900000002")
    await world.work()
    async with world.caller(shop.api_key) as caller:

        async def numbers(**filters: str) -> set[str]:
            found = await caller.get("/api/v1/conversations", params=filters)
            return {item["contactAddress"] for item in found.json()["data"]}

        both = {"+5511900000001", "+5511900000002"}
        assert await numbers(attendance="waiting_human") == {"+5511900000001"}
        assert [await numbers(status=word) for word in ("active", "progress")] == [both, both]
        assert [await numbers(status=word) for word in ("closed", "completed", "pending")] == [set()] * 3
        assert (await caller.get("/api/v1/conversations", params={"status": "gone"})).status_code == 400


async def test_taking_over_twice_and_giving_back_are_one_each(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    await world.write(shop, "Quero falar com um atendente humano")
    await world.work()
    async with world.caller(shop.api_key) as caller:
        where = f"/api/v1/conversations/{(await only_conversation(caller))['id']}"
        for _ in range(2):
            taken = await caller.post(f"{where}/takeover")
            assert (taken.status_code, taken.json()["attendance"]) == (200, "human")
        assert (await caller.get("/api/v1/conversations?attendance=waiting_human")).json()["data"] == []
        back = await caller.post(f"{where}/give-back")
        assert (back.status_code, back.json()["attendance"]) == (200, "ai")


async def reply_in_flight(world: HttpWorld, shop: Tenant, caller: httpx.AsyncClient) -> tuple[str, Message]:
    """A conversation whose reply is being sent; where it is, and the reply."""
    await world.write(shop, "Bom dia")
    await world.work()
    one = await only_conversation(caller)
    async with world.container() as scope:
        messages: Messages = await scope.get(Messages)
        transaction: Transaction = await scope.get(Transaction)
        async with transaction(shop.owner.scope):
            (reply,) = await messages.of(shop.owner.scope, one["id"], last=1)
    return f"/api/v1/conversations/{one['id']}/takeover", reply


async def set_delivery(database: Urls, reply: Message, delivery: str) -> None:
    owner = await asyncpg.connect(database.admin)
    try:
        await owner.execute("UPDATE message SET delivery = $2 WHERE id = $1", reply.id, delivery)
    finally:
        await owner.close()


async def test_a_takeover_waits_for_the_reply_that_is_on_its_way(world: HttpWorld, database: Urls) -> None:
    shop = await world.tenant("loja-um")
    async with world.caller(shop.api_key) as caller:
        where, reply = await reply_in_flight(world, shop, caller)
        await set_delivery(database, reply, "sending")
        waiting = asyncio.create_task(caller.post(where))
        await asked_twice(database)
        assert not waiting.done()
        await set_delivery(database, reply, "sent")
        taken = await waiting
    assert (taken.status_code, taken.json()["attendance"]) == (200, "human")


async def asked_twice(database: Urls) -> None:
    """Returns when two more transactions have been rolled back: the attempts that found the reply on its way."""
    watcher = await asyncpg.connect(database.admin)
    count = "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()"
    until = datetime.now().astimezone() + timedelta(seconds=60)
    try:
        before = await watcher.fetchval(count)
        while await watcher.fetchval(count) < before + 2:
            assert datetime.now().astimezone() < until, "nobody tries"
            await watcher.execute("SELECT pg_stat_clear_snapshot()")
            await asyncio.sleep(0.02)
    finally:
        await watcher.close()


async def test_a_takeover_gives_up_in_time_and_says_when_to_come_back(database: Urls, tmp_path: Path) -> None:
    async with make_world(database, tmp_path, takeover_timeout=0.05, takeover_retry_interval=0.01) as world:
        shop = await world.tenant("loja-um")
        async with world.caller(shop.api_key) as caller:
            where, reply = await reply_in_flight(world, shop, caller)
            await set_delivery(database, reply, "sending")
            refused = await caller.post(where)
            assert (refused.status_code, refused.json()["code"]) == (409, "REPLY_IN_FLIGHT")
            assert (refused.headers["retry-after"], refused.json()["retryAfter"]) == ("1", 1)
            assert (await only_conversation(caller))["attendance"] == "ai"


async def test_what_has_ended_cannot_be_taken_over(world: HttpWorld, database: Urls) -> None:
    shop = await world.tenant("loja-um")
    async with world.caller(shop.api_key) as caller:
        where, _ = await reply_in_flight(world, shop, caller)
        owner = await asyncpg.connect(database.admin)
        await owner.execute("UPDATE conversation SET status = 'closed', closed_at = now(), close_reason = 'completed'")
        await owner.close()
        refused = await caller.post(where)
        assert (refused.status_code, refused.json()["code"]) == (409, "INVALID_STATE")
        closed = (await caller.get("/api/v1/conversations", params={"status": "completed"})).json()["data"]
        assert [(item["status"], item["closeReason"]) for item in closed] == [("closed", "completed")]


async def test_a_question_within_a_conversation_is_read_with_what_was_said(world: HttpWorld) -> None:
    shop, other = await world.tenant("loja-um"), await world.tenant("loja-dois")
    await world.upload(shop)
    await world.write(shop, QUESTION)
    async with world.caller(shop.api_key) as caller, world.caller(other.api_key) as stranger:
        alone = {"query": "E então?", "minScore": 0.3}
        within = alone | {"conversationId": (await only_conversation(caller))["id"]}
        assert (await caller.post("/api/v1/rag/query", json=alone)).json()["sources"] == []
        assert (await caller.post("/api/v1/rag/query", json=within)).json()["sources"]
        assert (await stranger.post("/api/v1/rag/query", json=within)).status_code == 404
