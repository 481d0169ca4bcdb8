"""The life of a document over HTTP: replaced, read again, listed in chunks, deleted; and what the plan allows."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest_asyncio

from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.http import HttpWorld, make_world

DOCUMENTS = "/api/v1/documents"
QUESTION = "Qual o prazo de entrega?"
OLD, NEW = "O prazo de entrega é de nove dias úteis.", "O prazo de entrega é de dois dias úteis."


@pytest_asyncio.fixture
async def world(database: Urls, tmp_path: Path) -> AsyncIterator[HttpWorld]:
    async with make_world(database, tmp_path) as made:
        yield made


async def _work(world: HttpWorld) -> None:
    while await world.work():
        pass


def _files(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in folder.rglob("*") if file.is_file()]


async def _ask(caller: httpx.AsyncClient) -> Any:
    answer = await caller.post("/api/v1/rag/query", json={"query": QUESTION, "minScore": 0.1})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _replace(caller: httpx.AsyncClient, document: str, text: bytes) -> httpx.Response:
    return await caller.put(f"{DOCUMENTS}/{document}/file", files={"file": ("entrega.txt", text)})


async def test_answers_quote_the_old_version_until_the_new_one_is_complete(world: HttpWorld, tmp_path: Path) -> None:
    shop = await world.tenant("loja-um")
    document = await world.upload(shop, OLD, filename="entrega.txt")
    async with world.caller(shop.api_key) as caller:
        replaced = await _replace(caller, document, NEW.encode())
        assert (replaced.status_code, replaced.json()["version"], replaced.json()["searchable"]) == (200, 2, True)
        for _ in range(2):
            assert "nove dias" in (await _ask(caller))["answer"]
            assert await world.work() == 1
        found = await _ask(caller)
        assert "dois dias" in found["answer"]
        assert (await caller.get(f"{DOCUMENTS}/{document}")).json()["status"] == "processed"
        chunks = (await caller.get(f"{DOCUMENTS}/{document}/chunks")).json()
        assert [(chunk["version"], chunk["content"]) for chunk in chunks["data"]] == [(2, NEW)]
        assert chunks["data"][0]["id"] == found["citations"][0]["chunkId"]
    kept = _files(tmp_path)
    assert NEW.encode() in kept
    assert OLD.encode() not in kept, "the file of a version that nothing quotes any more is removed"


async def test_a_new_version_that_cannot_be_read_leaves_the_old_one_in_use(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    document = await world.upload(shop, OLD, filename="entrega.txt")
    async with world.caller(shop.api_key) as caller:
        assert (await _replace(caller, document, b"%PDF-1.4 broken")).status_code == 200
        await _work(world)
        failed = (await caller.get(f"{DOCUMENTS}/{document}")).json()
        assert (failed["status"], failed["version"], failed["searchable"]) == ("failed", 2, True)
        assert failed["processingError"]
        assert "nove dias" in (await _ask(caller))["answer"]


async def test_a_document_is_read_again_in_one_go(world: HttpWorld, database: Urls) -> None:
    shop = await world.tenant("loja-um")
    document = await world.upload(shop, OLD, filename="entrega.txt")
    async with world.caller(shop.api_key) as caller:
        before = (await caller.get(f"{DOCUMENTS}/{document}/chunks")).json()["data"]
        for _ in range(2):  # while it is underway, nothing is queued twice
            queued = await caller.post(f"{DOCUMENTS}/{document}/process")
            assert (queued.status_code, queued.json()["version"]) == (202, 1)
        while await world.work():
            assert "nove dias" in (await _ask(caller))["answer"]
        after = (await caller.get(f"{DOCUMENTS}/{document}/chunks")).json()["data"]
    assert [chunk["content"] for chunk in after] == [chunk["content"] for chunk in before]
    assert after[0]["id"] != before[0]["id"]
    admin = await asyncpg.connect(database.admin)
    assert await admin.fetchval("SELECT count(*) FROM passage") == len(after)
    await admin.close()


async def test_all_documents_are_read_again_and_whoever_asked_is_told(world: HttpWorld, database: Urls) -> None:
    shop = await world.tenant("loja-um")
    for number in range(5):
        await world.upload(shop, f"{OLD} {number}", filename=f"{number}.txt")
    admin = await asyncpg.connect(database.admin)
    before = {row["id"] for row in await admin.fetch("SELECT id FROM chunk")}
    async with world.caller(shop.api_key) as caller:
        assert (await caller.post(f"{DOCUMENTS}/reindex")).status_code == 202
    for _ in range(40):
        underway = await admin.fetchval("SELECT count(*) FROM document WHERE status IN ('uploaded', 'processing')")
        assert underway <= 2, "others are read in between"
        await admin.execute("UPDATE job SET run_at = now() WHERE status = 'queued'")
        if not await world.work():
            break
    after = {row["id"] for row in await admin.fetch("SELECT id FROM chunk")}
    assert len(after) == 5
    assert not before & after
    mails = await admin.fetch("SELECT payload FROM job WHERE kind = 'mail.send'")
    assert ["reindexed" in mail["payload"] for mail in mails] == [True]
    await admin.close()


async def test_a_deleted_document_is_not_quoted_from_then_on_and_leaves_nothing(
    world: HttpWorld, database: Urls, tmp_path: Path
) -> None:
    shop = await world.tenant("loja-um")
    document = await world.upload(shop, OLD, filename="entrega.txt")
    async with world.caller(shop.api_key) as caller:
        assert (await caller.delete(f"{DOCUMENTS}/{document}")).status_code == 204
        assert (await _ask(caller))["outcome"] == "unknown"
        for path in ("", "/chunks"):
            assert (await caller.get(f"{DOCUMENTS}/{document}{path}")).status_code == 404
        assert (await caller.post(f"{DOCUMENTS}/{document}/process")).status_code == 404
        assert (await _replace(caller, document, NEW.encode())).status_code == 404
        assert (await caller.delete(f"{DOCUMENTS}/{document}")).status_code == 404
    await _work(world)
    admin = await asyncpg.connect(database.admin)
    for table in ("chunk", "passage"):
        assert await admin.fetchval(f"SELECT count(*) FROM {table}") == 0
    await admin.close()
    assert not {OLD.encode(), NEW.encode()} & set(_files(tmp_path))


async def test_the_plan_says_how_many_and_how_large(world: HttpWorld, database: Urls) -> None:
    shop = await world.tenant("loja-um")
    admin = await asyncpg.connect(database.admin)
    limits = '{"max_documents": 2, "max_upload_mb": 0.001}'
    await admin.execute("UPDATE organization SET custom_limits = $1 WHERE id = $2", limits, shop.organization_id)
    await admin.close()
    async with world.caller(shop.api_key) as caller:
        seen = []
        for text in (b"um", b"x" * 2_000, b"dois", b"tres"):
            answer = await caller.post(f"{DOCUMENTS}/upload", files={"file": ("a.txt", text)})
            seen.append((answer.status_code, answer.json().get("limit")))
        assert seen == [(201, None), (403, "max_upload_mb"), (201, None), (403, "max_documents")]
        first = (await caller.get(DOCUMENTS)).json()["data"][0]["id"]
        assert (await caller.delete(f"{DOCUMENTS}/{first}")).status_code == 204
        assert (await caller.post(f"{DOCUMENTS}/upload", files={"file": ("a.txt", b"tres")})).status_code == 201
