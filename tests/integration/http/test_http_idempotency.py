"""Mutating calls that are sent again: many at once, after a crash, with another body, by somebody else."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from dishka import Provider, Scope, provide

from atende.core.kernel import Unavailable
from atende.core.knowledge.ports import Blobs
from atende.outbound.files import FileBlobs
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.http import QUESTION, HttpWorld, make_world

UPLOAD, QUERY = "/api/v1/documents/upload", "/api/v1/rag/query"
KEY = "Idempotency-Key"


class FullDisk(FileBlobs, Provider):
    """Takes no file while it is full."""

    def __init__(self, folder: Path) -> None:
        Provider.__init__(self)
        FileBlobs.__init__(self, folder / "files")
        self.is_full = True

    async def put(self, key: str, data: bytes | AsyncIterable[bytes], **about: Any) -> None:
        if self.is_full:
            raise Unavailable("the disk is full")
        await super().put(key, data, **about)

    @provide(scope=Scope.APP, override=True)
    def itself(self) -> Blobs:
        return self


@pytest_asyncio.fixture
async def world(database: Urls, tmp_path: Path) -> AsyncIterator[HttpWorld]:
    async with make_world(database, tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def admin(database: Urls) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(database.admin)
    yield connection
    await connection.close()


async def lease_over(admin: "asyncpg.Connection[asyncpg.Record]") -> None:
    await admin.execute("UPDATE idempotency_key SET leased_until = leased_until - $1::interval", timedelta(minutes=2))


def file(text: str = "um texto") -> dict[str, Any]:
    return {"files": {"file": ("guia.md", text.encode())}, "data": {"metadata": '{"a": 1}'}}


async def test_g30_of_fifty_at_once_one_takes_effect_and_all_get_its_answer(
    world: HttpWorld, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    shop = await world.tenant("loja")
    await world.upload(shop)
    before = await admin.fetchval("SELECT count(*) FROM audit_log")

    async def until_answered(caller: httpx.AsyncClient) -> httpx.Response:
        while True:
            answer = await caller.post(QUERY, json={"query": QUESTION}, headers={KEY: "one-question"})
            if answer.status_code != 409:
                return answer
            assert answer.json()["code"] == "IDEMPOTENCY_KEY_IN_USE"
            assert answer.headers["retry-after"] == "1"
            await asyncio.sleep(0.05)

    async with world.caller(shop.api_key) as caller:
        answers = await asyncio.gather(*(until_answered(caller) for _ in range(50)))
    assert {(a.status_code, a.content, a.headers["content-type"]) for a in answers} == {
        (200, answers[0].content, "application/json")
    }
    assert sum(a.headers.get("idempotent-replayed") == "true" for a in answers) == 49
    assert await admin.fetchval("SELECT count(*) FROM audit_log") == before + 1
    assert await admin.fetchval("SELECT count(*) FROM answer") == 1
    assert await admin.fetchval("SELECT count(*) FROM credit_entry WHERE kind = 'capture'") <= 1


async def test_g30_an_upload_is_the_same_whatever_its_boundary(world: HttpWorld) -> None:
    shop = await world.tenant("loja")
    async with world.caller(shop.api_key, Idempotency_Key="upload-1") as caller:
        first = await caller.post(UPLOAD, **file())
        again = await caller.post(UPLOAD, **file())
        assert first.request.headers["content-type"] != again.request.headers["content-type"]
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.content == again.content
        assert "idempotent-replayed" not in first.headers
        other = await caller.post(UPLOAD, **file("another text"))
        assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
        assert (await caller.get("/api/v1/documents")).json()["pagination"]["total"] == 1


async def test_g30_a_key_stands_for_one_request_of_one_caller(world: HttpWorld) -> None:
    shop, stranger = await world.tenant("loja"), await world.tenant("outra")
    colleague = await world.key(shop, "*")
    headers = {KEY: "the-same"}
    async with world.caller(shop.api_key) as caller:
        first = await caller.post(UPLOAD, **file(), headers=headers)
        assert first.status_code == 201
        for method, path in (("post", QUERY), ("delete", "/api/v1/admin/dead-letters/7")):
            changed = await caller.request(method, path, headers=headers)
            assert (changed.status_code, changed.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
        moved = await caller.post(UPLOAD, **file(), headers=headers | {"X-Project-Id": shop.project_id})
        assert moved.status_code == 422
    for key in (colleague, stranger.api_key):
        async with world.caller(key) as other:
            theirs = await other.post(UPLOAD, **file(), headers=headers)
            assert theirs.status_code == 201
            assert theirs.json()["id"] != first.json()["id"]


async def test_g30_two_that_run_at_once_take_effect_once(
    world: HttpWorld, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Each is so slow that its lease runs out: the audit record is what keeps the second from an effect."""
    shop = await world.tenant("loja")
    stop = asyncio.Event()

    async def stealing() -> None:
        while not stop.is_set():
            await lease_over(admin)
            await asyncio.sleep(0)

    thief = asyncio.create_task(stealing())
    async with world.caller(shop.api_key, Idempotency_Key="k") as caller:
        answers = await asyncio.gather(*(caller.post(UPLOAD, **file()) for _ in range(12)))
    stop.set()
    await thief
    assert {a.status_code for a in answers} <= {201, 409}
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {"ALREADY_APPLIED", "IDEMPOTENCY_KEY_IN_USE"}
    assert len({a.content for a in answers if a.status_code == 201}) == 1
    assert await admin.fetchval("SELECT count(*) FROM document") == 1
    assert await admin.fetchval("SELECT count(*) FROM job") == 1


async def test_g30_what_failed_on_our_side_may_be_repeated_and_nothing_else(database: Urls, tmp_path: Path) -> None:
    """Nobody knows whether it took effect: the same request begins again at once, and no other one does."""
    full = FullDisk(tmp_path)
    async with make_world(database, tmp_path, providers=[full]) as world:
        shop = await world.tenant("loja")
        async with world.caller(shop.api_key, Idempotency_Key="k") as caller:
            assert (await caller.post(UPLOAD, **file())).status_code == 503
            assert (await caller.post(UPLOAD, **file("other"))).status_code == 422
            full.is_full = False
            again = await caller.post(UPLOAD, **file())
            assert (again.status_code, "idempotent-replayed" in again.headers) == (201, False)


async def test_g30_a_refused_request_may_be_corrected_under_its_key(world: HttpWorld) -> None:
    shop = await world.tenant("loja")
    async with world.caller(shop.api_key, Idempotency_Key="k") as caller:
        assert (await caller.post(UPLOAD, files={"file": ("x.exe", b"x")})).status_code == 422
        assert (await caller.post(UPLOAD)).status_code == 400
        assert (await caller.post(UPLOAD, **file())).status_code == 201


@pytest.mark.parametrize("value", ["", "x" * 256, "a b", "chave-é"])
async def test_a_key_is_short_and_visible(world: HttpWorld, value: str) -> None:
    shop = await world.tenant("loja")
    async with world.caller(shop.api_key) as caller:
        headers = [(KEY.encode(), value.encode("latin-1"))]
        answer = await caller.post(QUERY, json={"query": "?"}, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, KEY), value
        twice = await caller.post(QUERY, json={"query": "?"}, headers=[(KEY, "a"), (KEY, "b")])
        assert twice.status_code == 400


async def test_reads_do_not_look_at_the_key(world: HttpWorld) -> None:
    shop = await world.tenant("loja")
    async with world.caller(shop.api_key, Idempotency_Key=" ") as caller:
        assert (await caller.get("/api/v1/documents")).status_code == 200


async def test_a_stranger_s_key_is_not_looked_at(world: HttpWorld, admin: "asyncpg.Connection[asyncpg.Record]") -> None:
    async with world.caller(Idempotency_Key="k") as caller:
        assert (await caller.post(QUERY, json={"query": "?"})).status_code == 401
    assert await admin.fetchval("SELECT count(*) FROM idempotency_key") == 0


async def test_every_mutating_operation_documents_the_key(world: HttpWorld) -> None:
    async with world.caller() as caller:
        spec = (await caller.get("/schema/openapi.json")).json()
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            named = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"]
            assert (KEY in named) is (method in {"post", "put", "patch", "delete"}), (method, path)
            if KEY in named:
                assert {"400", "409", "422"} <= set(operation["responses"]), (method, path)
