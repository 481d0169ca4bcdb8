"""Hostile input ends as a 4xx that says what is wrong, never as a 5xx, and changes nothing."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.http import HttpWorld, make_world

JSON = {"Content-Type": "application/json"}
BAD_JSON: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "text": b"hello",
    "cut off": b'{"query": "a',
    "NaN": b'{"query": "a", "temperature": NaN}',
    "Infinity": b'{"query": "a", "temperature": Infinity}',
    "not a number as text": b'{"query": "a", "temperature": "nan"}',
    "an infinite float": b'{"query": "a", "temperature": 1e400}',
    "a huge number": b'{"query": "a", "topK": ' + b"9" * 400 + b"}",
    "a gigantic number": b'{"query": "a", "topK": ' + b"9" * 5_000 + b"}",
    "a key twice": b'{"query": "a", "query": "b"}',
    "a hidden key twice": b'{"query": "a", "model": {"x": 1, "x": 2}}',
    "100 levels": b'{"query": ' + b"[" * 100 + b"]" * 100 + b"}",
    "100,000 levels": b"[" * 100_000,
    "NUL": b'{"query": "a\\u0000b"}',
    "a raw NUL": b'{"query": "a\0b"}',
    "half a character": b'{"query": "\\ud800"}',
    "the other half": b'{"query": "\\udc00 a"}',
    "not UTF-8": b'{"query": "\xff"}',
    "UTF-16": '{"query": "a"}'.encode("utf-16"),
    "a long list": b'{"query": [' + b",".join([b"1"] * 10_001) + b"]}",
    "a long text": b'{"query": "' + b"a" * 70_000 + b'"}',
    "an unknown field": b'{"query": "a", "admin": true}',
    "a wrong type": b'{"query": 1}',
    "out of range": b'{"query": "a", "topK": 21}',
    "a bad id": b'{"query": "a", "agentId": "1"}',
}


@pytest_asyncio.fixture
async def world(database: Urls, tmp_path: Path) -> AsyncIterator[HttpWorld]:
    async with make_world(database, tmp_path, max_body=200_000) as made:
        yield made


async def test_bad_json_is_the_callers_mistake(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    async with world.caller(shop.api_key) as caller:
        for what, body in BAD_JSON.items():
            answer = await caller.post("/api/v1/rag/query", content=body, headers=JSON)
            problem = answer.json()
            assert (answer.status_code, problem["code"]) == (400, "VALIDATION_ERROR"), what
            assert problem["errors"], what
            assert "Traceback" not in answer.text
        good = await caller.post("/api/v1/rag/query", content=b'{"query": "qual o prazo?"}', headers=JSON)
        assert good.status_code == 200


async def test_bad_json_that_is_too_large_is_not_even_read(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    async with world.caller(shop.api_key) as caller:
        body = json.dumps({"query": "a" * 300_000}).encode()
        answer = await caller.post("/api/v1/rag/query", content=body, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(1_000):
                yield b"[" * 1_000

        answer = await caller.post("/api/v1/rag/query", content=endless(), headers=JSON)
        assert answer.status_code == 413


async def test_bad_json_of_a_stranger_is_not_looked_at(world: HttpWorld) -> None:
    async with world.caller() as caller:
        assert (await caller.post("/api/v1/rag/query", content=b"{", headers=JSON)).status_code == 401


async def test_bad_forms_are_the_callers_mistake(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    where, form = "/api/v1/documents/upload", "multipart/form-data"
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\nhello\r\n--x--\r\n'
    odd = b'--x\r\nContent-Disposition: form-data; name="metadata"\r\nContent-Type: text/plain; charset=nope\r\n\r\na\r\n--x--\r\n'
    async with world.caller(shop.api_key) as caller:
        for body, kind, status in (
            (b"", form, 400),
            (b"abc", form, 400),
            (b"abc", f"{form}; boundary=x", 400),
            (b"", f"{form}; boundary=x", 400),
            (part % b"a.txt", f"{form}; boundary=y", 400),
            (part[:40], f"{form}; boundary=x", 400),
            (odd, f"{form}; boundary=x", 400),
            (b"{}", "application/json", 400),
            (part % b"a\0.txt", f"{form}; boundary=x", 400),
            (part % ("a" * 600 + ".txt").encode(), f"{form}; boundary=x", 422),
            (part % b"../../etc/passwd.exe", f"{form}; boundary=x", 422),
            (part % b"../../etc/a.txt", f"{form}; boundary=x", 201),
        ):
            answer = await caller.post(where, content=body, headers={"Content-Type": kind})
            assert answer.status_code == status, (body, answer.text)
        for kind, body in (
            ("application/json", b'{"file": "x"}'),
            ("text/plain", b"x"),
            ("application/x-www-form-urlencoded", b"file=x"),
        ):
            refused = await caller.post(where, content=body, headers={"Content-Type": kind})
            assert (refused.status_code, refused.json()["code"]) == (400, "VALIDATION_ERROR")
            assert "send multipart/form-data, with the file in the field `file`" in refused.json()["detail"]
        stored = (await caller.get("/api/v1/documents")).json()["data"]
    assert [document["filename"] for document in stored] == ["a.txt"]


async def test_bad_addresses_and_filters_are_the_callers_mistake(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    nobody = "00000000-0000-0000-0000-000000000000"
    async with world.caller(shop.api_key) as caller:
        for path in (
            "/documents/x",
            "/documents/%00",
            "/documents/%ff",
            f"/documents/{nobody}%00",
            "/documents?page=0",
            "/documents?page=x",
            "/documents?page=99999999999999999999",
            "/documents?limit=101",
            "/documents?limit=-1",
            "/documents?status=%00",
            "/documents?status=' OR 1=1 --",
            "/conversations?attendance=%ff",
            "/billing/credits/transactions?offset=-1",
            "/billing/credits/transactions?offset=9999999999999999",
            "/billing/credits/transactions?type=robbery",
        ):
            answer = await caller.get(f"/api/v1{path}")
            assert answer.status_code in {400, 404}, (path, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
        for job in ("-1", "0", "x", "9" * 30, "9" * 5_000, "%00"):
            answer = await caller.delete(f"/api/v1/admin/dead-letters/{job}")
            assert answer.status_code in {400, 404}, (job, answer.text)
        for far in (
            "documents?page=6&limit=100",
            "documents?page=1000000",
            "billing/credits/transactions?offset=500",
        ):
            answer = await caller.get(f"/api/v1/{far}")
            assert (answer.status_code, answer.json()["errors"][0]["path"]) == (
                400,
                "offset" if "offset" in far else "page",
            )
            assert "follow nextCursor" in answer.json()["detail"]
        for near in ("documents?page=5&limit=100", "billing/credits/transactions?offset=499"):
            answer = await caller.get(f"/api/v1/{near}")
            assert (answer.status_code, answer.json()["data"]) == (200, [])
