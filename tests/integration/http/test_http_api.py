"""The HTTP API over the real database: what each route answers, and under which addresses."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest_asyncio

from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.http import GUIDE, QUESTION, HttpWorld, make_world

Files = dict[str, tuple[str | None, bytes]]


@pytest_asyncio.fixture
async def world(database: Urls, tmp_path: Path) -> AsyncIterator[HttpWorld]:
    async with make_world(database, tmp_path) as made:
        yield made


async def test_a_document_is_uploaded_read_and_listed(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    async with world.caller(shop.api_key) as caller:
        form = {"metadata": '{"title": "Guia", "category": "ajuda"}'}
        made = await caller.post("/api/v1/documents/upload", files={"file": ("pasta/guia.md", GUIDE)}, data=form)
        assert made.status_code == 201, made.text
        assert made.json() | {"id": 0, "createdAt": 0} == {
            "id": 0,
            "projectId": shop.project_id,
            "agentId": None,
            "filename": "guia.md",
            "fileType": "md",
            "mimeType": "text/markdown",
            "notes": [],
            "fileSize": len(GUIDE.encode()),
            "status": "uploaded",
            "version": 1,
            "searchable": False,
            "progress": {"stage": "waiting", "done": 0, "total": 0},
            "chunkCount": 0,
            "language": "pt",
            "processingError": None,
            "metadata": {"title": "Guia", "category": "ajuda"},
            "createdAt": 0,
            "processedAt": None,
        }
        await world.work()
        read = (await caller.get(f"/api/v1/documents/{made.json()['id']}")).json()
        assert (read["status"], read["progress"]["stage"], read["progress"]["done"]) == ("processing", "embedding", 0)
        await world.work()
        one = (await caller.get(f"/api/v1/documents/{made.json()['id']}")).json()
        assert (one["searchable"], one["progress"]) == (True, None)
        assert (one["status"], one["metadata"]["category"]) == ("processed", "ajuda")
        assert one["chunkCount"] > 0
        listed = (await caller.get("/api/v1/documents", params={"status": "processed"})).json()
        assert listed == {
            "data": [one],
            "pagination": {"page": 1, "limit": 20, "total": 1, "totalPages": 1, "totalIsMinimum": False},
            "nextCursor": None,
        }
        assert (await caller.get("/api/v1/documents", params={"status": "failed"})).json()["data"] == []


async def test_a_document_may_belong_to_an_agent(world: HttpWorld, database: Urls) -> None:
    shop = await world.tenant("loja-um")
    connection = await asyncpg.connect(database.admin)
    agent = str(await connection.fetchval("SELECT id FROM agent"))
    await connection.close()
    async with world.caller(shop.api_key) as caller:
        file = {"file": ("a.txt", b"um texto")}
        made = await caller.post("/api/v1/documents/upload", files=file, data={"agentId": agent})
        assert (made.status_code, made.json()["agentId"]) == (201, agent)
        await caller.post("/api/v1/documents/upload", files=file)
        listed = (await caller.get("/api/v1/documents", params={"agentId": agent})).json()["data"]
        assert [item["id"] for item in listed] == [made.json()["id"]]
        assert (await caller.get("/api/v1/documents", params={"agentId": str(uuid4())})).json()["data"] == []
        for wrong, status in ((str(uuid4()), 404), ("x", 400)):
            refused = await caller.post("/api/v1/documents/upload", files=file, data={"agentId": wrong})
            assert refused.status_code == status


async def test_lists_are_cut_into_pages_newest_first(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    async with world.caller(shop.api_key) as caller:
        for number in range(3):
            await caller.post("/api/v1/documents/upload", files={"file": (f"{number}.txt", b"um texto")})
        second = (await caller.get("/api/v1/documents", params={"page": 2, "limit": 2})).json()
    assert [item["filename"] for item in second["data"]] == ["0.txt"]
    assert second["pagination"] == {"page": 2, "limit": 2, "total": 3, "totalPages": 2, "totalIsMinimum": False}


async def test_what_cannot_be_uploaded_is_refused_and_leaves_nothing(database: Urls, tmp_path: Path) -> None:
    file: Files = {"file": ("a.txt", b"x")}
    refused: list[tuple[Files, dict[str, str], int, str | None]] = [
        ({"file": ("a.exe", b"MZ")}, {}, 422, None),
        ({"file": ("a.txt", b"")}, {}, 422, None),
        ({"file": ("a.txt", b"x" * 2_000)}, {}, 422, None),
        ({"file": ("a.txt", b"x" * 300_000)}, {}, 413, None),
        (file, {"metadata": "[1]"}, 400, "metadata"),
        (file, {"metadata": '{"a": 1, "a": 2}'}, 400, "metadata"),
        (file, {"owner": "me"}, 400, "body"),
        ({"other": ("a.txt", b"x")}, {}, 400, "body"),
        ({"metadata": (None, b"\xff")} | file, {}, 400, "body"),
        ({"nothing": (None, b"x")}, {"file": "not a file"}, 400, "file"),
        ({str(number): (None, b"x") for number in range(100)}, {}, 400, None),
    ]
    async with make_world(database, tmp_path, max_upload=1000) as world:
        shop = await world.tenant("loja-um")
        async with world.caller(shop.api_key) as caller:
            for files, form, status, path in refused:
                answer = await caller.post("/api/v1/documents/upload", files=files, data=form)
                assert (answer.status_code, answer.json()["status"]) == (status, status), answer.text
                assert [error["path"] for error in answer.json().get("errors", [])] == ([path] if path else [])
            assert (await caller.get("/api/v1/documents")).json()["pagination"]["total"] == 0


async def test_a_question_is_answered_with_checked_quotes_and_its_cost(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    document = await world.upload(shop)
    async with world.caller(shop.api_key) as caller:
        answer = await caller.post("/api/v1/rag/query", json={"query": QUESTION, "minScore": 0.3})
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert (found["outcome"], found["cost"], found["model"]) == ("answered", 1, "extractive")
        assert "três dias úteis" in found["answer"]
        (quote, *_) = found["citations"]
        assert (quote["documentId"], quote["documentName"]) == (document, "guia.md")
        assert quote["end"] - quote["start"] == len(quote["quote"])
        assert set(found["sources"][0]) == {
            *("documentId", "documentName", "chunkId", "chunkIndex", "pageNumber", "score", "excerpt")
        }
        again = (await caller.get(f"/api/v1/rag/sources/{found['queryId']}")).json()
        assert again == {key: found[key] for key in ("queryId", "sources", "citations")}
        bare = await caller.post(
            "/api/v1/rag/query", json={"query": QUESTION, "minScore": 0.3, "includeSources": False}
        )
        assert (bare.json()["sources"], bool(bare.json()["citations"])) == ([], True)


async def test_an_answer_that_declines_shows_no_sources(world: HttpWorld, database: Urls) -> None:
    shop = await world.tenant("loja-um")
    await world.upload(shop)
    async with world.caller(shop.api_key) as caller:
        asked = {"query": "Quem é o diretor da transportadora que faz a entrega?", "minScore": 0}
        found = (await caller.post("/api/v1/rag/query", json=asked)).json()
        again = (await caller.get(f"/api/v1/rag/sources/{found['queryId']}")).json()
    connection = await asyncpg.connect(database.admin)
    considered = await connection.fetchval("SELECT jsonb_array_length(passages) FROM answer")
    await connection.close()
    assert considered > 0
    assert (found["outcome"], found["sources"], again["sources"]) == ("unknown", [], [])


async def test_what_no_document_says_is_not_answered(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    async with world.caller(shop.api_key) as caller:
        found = (await caller.post("/api/v1/rag/query", json={"query": QUESTION})).json()
    assert (found["answer"], found["outcome"], found["tokensUsed"], found["cost"], found["citations"]) == (
        "Não encontrei informações relevantes nos documentos disponíveis.",
        "unknown",
        0,
        0,
        [],
    )


async def test_without_credits_a_question_is_402_with_what_is_needed(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    await world.upload(shop)
    async with world.caller(shop.api_key) as caller:
        ask = {"query": QUESTION, "minScore": 0.3}
        while (answer := await caller.post("/api/v1/rag/query", json=ask)).status_code == 200:
            pass
        balance = (await caller.get("/api/v1/billing/credits")).json()
        refused = answer.json()
    assert (answer.status_code, refused["code"], refused["balance"]) == (402, "INSUFFICIENT_CREDITS", 0)
    assert refused["required"] > 0
    assert balance == {"balance": 0, "available": 0, "held": 0, "spent": 50, "granted": 50}


async def test_movements_of_credits_are_listed_by_page_and_by_offset(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    await world.upload(shop)
    async with world.caller(shop.api_key) as caller:
        for _ in range(2):
            await caller.post("/api/v1/rag/query", json={"query": QUESTION, "minScore": 0.3})
        where = "/api/v1/billing/credits/transactions"
        whole = (await caller.get(where)).json()
        kinds = [item["type"] for item in whole["data"]]
        assert (kinds[0], kinds[-1], whole["pagination"]["limit"]) == ("capture", "grant", 20)
        assert whole["data"][-1]["amount"] == 50
        second = (await caller.get(where, params={"page": 2, "limit": 2})).json()
        assert second["data"] == whole["data"][2:4]
        shifted = (await caller.get(where, params={"offset": 1, "limit": 2})).json()
        assert shifted["data"] == whole["data"][1:3]
        assert (await caller.get(where, params={"offset": 0})).json()["pagination"]["limit"] == 50
        captures = (await caller.get(where, params={"type": "capture"})).json()
        assert {item["type"] for item in captures["data"]} == {"capture"}
        assert captures["data"][0]["amount"] == 1


async def test_dead_letters_are_listed_replayed_and_discarded(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    async with world.caller(shop.api_key) as caller:
        for name in ("a.txt", "b.txt"):
            await caller.post("/api/v1/documents/upload", files={"file": (name, GUIDE)})
        first, second = await world.bury_all()
        listed = (await caller.get("/api/v1/admin/dead-letters")).json()
        assert {(item["id"], item["kind"], item["error"]) for item in listed["data"]} == {
            (first, "document.process", "it never worked"),
            (second, "document.process", "it never worked"),
        }
        replayed = await caller.post(f"/api/v1/admin/dead-letters/{first}/replay")
        assert (replayed.status_code, replayed.json()["jobId"] > second) == (202, True)
        assert (await caller.delete(f"/api/v1/admin/dead-letters/{second}")).status_code == 204
        assert (await caller.get("/api/v1/admin/dead-letters")).json()["data"] == []
        assert (await caller.post(f"/api/v1/admin/dead-letters/{first}/replay")).status_code == 404
        assert await world.work() == 1


async def test_the_aliases_answer_as_the_canonical_path_does_with_or_without_a_slash(
    database: Urls, tmp_path: Path
) -> None:
    async with make_world(database, tmp_path, aliases=True) as world:
        shop = await world.tenant("loja-um")
        await world.upload(shop)
        async with world.caller(shop.api_key) as caller:
            answers = [
                await caller.get(f"{prefix}/documents{slash}")
                for prefix in ("/api/v1", "/api", "")
                for slash in ("", "/")
            ]
            spec = (await caller.get("/schema/openapi.json")).json()
        assert [answer.status_code for answer in answers] == [200] * 6
        assert len({answer.text for answer in answers}) == 1
        assert all(path.startswith(("/api/v1/", "/health", "/metrics")) for path in spec["paths"])


async def test_aliases_can_be_switched_off(database: Urls, tmp_path: Path) -> None:
    async with make_world(database, tmp_path) as world, world.caller() as caller:
        assert (await caller.get("/api/v1/documents")).status_code == 401
        for path in ("/api/documents", "/documents"):
            assert (await caller.get(path)).status_code == 404
        for path in ("/health", "/api/health"):
            assert (await caller.get(path)).status_code == 200


async def test_nothing_found_and_wrong_methods_are_problems_too(world: HttpWorld) -> None:
    async with world.caller() as caller:
        for method, path, status in (("GET", "/api/v1/nothing", 404), ("DELETE", "/api/v1/rag/query", 405)):
            answer = await caller.request(method, path)
            assert (answer.status_code, answer.json()["status"]) == (status, status)
            assert answer.headers["content-type"] == "application/problem+json"
        assert (await caller.get(f"/api/v1/documents/{uuid4()}")).status_code == 401
