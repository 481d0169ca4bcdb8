"""Searching the documents without an answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest_asyncio

from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.http import QUESTION, HttpWorld, make_world

API = "/api/v1/rag/search"


@pytest_asyncio.fixture
async def world(database: Urls, tmp_path: Path) -> AsyncIterator[HttpWorld]:
    async with make_world(database, tmp_path) as made:
        yield made


async def test_passages_are_found_with_their_places_and_recorded(world: HttpWorld, database: Urls) -> None:
    shop = await world.tenant("loja")
    document = await world.upload(shop)
    await world.upload(shop, "# Cuidados\n\nLave a cafeteira com água morna.", filename="cuidados.md")
    async with world.caller(shop.api_key) as caller:
        found = (await caller.post(API, json={"query": QUESTION, "topK": 1})).json()
        logs = (await caller.get("/api/v1/audit-logs", params={"action": "rag.search"})).json()["data"]
    (passage,) = found["passages"]
    assert (passage["documentId"], passage["documentName"]) == (document, "guia.md")
    assert passage["content"].startswith("Entregas")
    assert "três dias úteis" in passage["content"]
    assert 0 < passage["score"] <= 1
    assert QUESTION not in str(logs)
    assert len(logs) == 1
    admin = await asyncpg.connect(database.admin)
    assert await admin.fetchval("SELECT count(*) FROM credit_hold WHERE state = 'held'") == 0
    assert await admin.fetchval("SELECT count(*) FROM model_call WHERE state = 'intent'") == 0
    await admin.close()


async def test_g52_nothing_of_another_tenant_is_found(world: HttpWorld) -> None:
    shop, other = await world.tenant("loja"), await world.tenant("outra")
    await world.upload(shop)
    async with world.caller(other.api_key) as caller:
        assert (await caller.post(API, json={"query": QUESTION})).json()["passages"] == []


async def test_a_search_for_nothing_is_refused(world: HttpWorld) -> None:
    shop = await world.tenant("loja")
    async with world.caller(shop.api_key) as caller:
        assert (await caller.post(API, json={"query": "  "})).status_code == 422
