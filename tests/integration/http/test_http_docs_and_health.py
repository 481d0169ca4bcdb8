"""What the API says about itself: the OpenAPI, the pages over it, health and metrics."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest_asyncio

from atende.core.conversation.attend import GiveBack, TakeOver
from atende.core.knowledge.ask_documents import AskDocuments
from atende.core.knowledge.upload_document import UploadDocument
from atende.core.work.dead_letters import DiscardDeadLetter, ReplayDeadLetter
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.http import HttpWorld, make_world

Json = dict[str, Any]
WITH_CREDENTIALS = "/api/v1/"
FOR_STRANGERS = {
    *(("post", f"/api/v1/auth/{name}") for name in ("register", "login", "restore", "refresh", "verify-email")),
    *(("post", f"/api/v1/auth/{name}") for name in ("verify-email/send", "forgot-password", "reset-password")),
    ("post", "/api/v1/auth/invitations/accept"),
    *(("get", f"/api/v1/plans{rest}") for rest in ("", "/active", "/{slug}")),
}
TYPES = {"string", "number", "integer", "boolean", "object", "array", "null"}


@pytest_asyncio.fixture
async def world(database: Urls, tmp_path: Path) -> AsyncIterator[HttpWorld]:
    async with make_world(database, tmp_path, aliases=True) as made:
        yield made


async def openapi(world: HttpWorld) -> Json:
    async with world.caller() as caller:
        answer = await caller.get("/schema/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


def inside(value: Any) -> Iterator[Json]:
    """Every object in it."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inside(part)


def operations(spec: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


async def test_the_openapi_is_sound(world: HttpWorld) -> None:
    spec = await openapi(world)
    assert re.fullmatch(r"3\.1\.\d+", spec["openapi"])
    assert spec["info"]["title"] == "atende"
    assert spec["info"]["version"] == "1.2.3"
    for found in inside(spec):
        if isinstance(reference := found.get("$ref"), str):
            place: Any = spec
            for name in reference.removeprefix("#/").split("/"):
                place = place[name]
    for schema in inside(spec["components"]["schemas"]):
        if isinstance(kind := schema.get("type"), str) and not isinstance(schema.get("properties"), str):
            assert kind in TYPES
    named = [operation["operationId"] for _, _, operation in operations(spec)]
    assert len(named) == len(set(named))
    schemes = set(spec["components"]["securitySchemes"])
    assert all(set(need) <= schemes for need in spec["security"])
    for method, path, operation in operations(spec):
        assert method in {"get", "post", "put", "patch", "delete"}
        declared = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path))
        assert all(response["description"] for response in operation["responses"].values())


async def test_every_operation_says_what_it_does_and_how_it_fails(world: HttpWorld) -> None:
    spec = await openapi(world)
    tags = {tag["name"] for tag in spec["tags"]}
    for method, path, operation in operations(spec):
        assert operation["summary"], path
        assert operation["description"], path
        assert set(operation["tags"]) <= tags
        public = operation.get("security") == [{}]
        assert public is (not path.startswith(WITH_CREDENTIALS) or (method, path) in FOR_STRANGERS), path
        failing = {status: found for status, found in operation["responses"].items() if status >= "400"}
        assert failing.keys() >= ({"500", "503"} if public else {"400", "401", "403", "404", "500", "503"}), path
        unready = {"503"} if path.startswith("/health") and "live" not in path else set()
        for status, response in failing.items():
            if status not in unready:
                assert response["content"] == {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                }
        assert any(status < "300" for status in operation["responses"]), (method, path)


async def test_operations_are_described_by_the_policy_of_their_use_case(world: HttpWorld) -> None:
    described = {
        operation["operationId"]: operation["description"] for _, _, operation in operations(await openapi(world))
    }
    for name, use_case in {
        "uploadDocument": UploadDocument,
        "askDocuments": AskDocuments,
        "takeOverConversation": TakeOver,
        "returnConversationToAgent": GiveBack,
        "replayDeadLetter": ReplayDeadLetter,
        "discardDeadLetter": DiscardDeadLetter,
    }.items():
        assert (use_case.__doc__ or "").strip().split("\n")[0] in described[name]


async def test_changes_may_be_repeated_and_a_body_that_may_be_left_out_is_not_required(world: HttpWorld) -> None:
    optional = set()
    for method, path, operation in operations(await openapi(world)):
        headers = {one["name"] for one in operation.get("parameters") or [] if one["in"] == "header"}
        changes = path.startswith("/api/v1/") and method in {"post", "put", "delete"}
        assert ("Idempotency-Key" in headers) == changes, (method, path)
        if operation.get("requestBody", {}).get("required") is False:
            optional.add(operation["operationId"])
    assert optional == {"refreshTokens", "createApiKey", "deleteOrganization", "restoreOrganization"}


async def test_names_and_structs_speak_for_themselves(world: HttpWorld) -> None:
    spec = await openapi(world)
    schemas = spec["components"]["schemas"]
    assert schemas["ApiKeyUpdate"]["description"] == "Fields that are left out stay; null removes a limit or an expiry."
    assert schemas["Problem"]["description"].startswith("The body of every error.")
    assert schemas["Pagination"]["description"].startswith("Lists are counted up to")
    assert not [name for name in schemas if name.endswith("AccountOut") and name != "AccountOut"]
    for _, path, operation in operations(spec):
        assert "Raises" not in operation["description"], path
        assert not re.search(r"/organizations/{(?!organization_id)", path)


async def test_every_documented_operation_answers_as_documented(world: HttpWorld) -> None:
    spec = await openapi(world)
    shop = await world.tenant("loja-um")
    async with world.caller(shop.api_key) as caller:
        for method, path, operation in operations(spec):
            real = path.replace("{job_id}", "987654321")
            answer = await caller.request(method, re.sub(r"{\w+}", str(uuid4()), real))
            assert str(answer.status_code) in operation["responses"], (method, path, answer.text)
            assert answer.status_code not in {405, 500}
            content = operation["responses"][str(answer.status_code)].get("content")
            if content:
                assert answer.headers["content-type"].split(";")[0] in {kind.split(";")[0] for kind in content}


async def test_the_pages_need_nothing_from_elsewhere(world: HttpWorld) -> None:
    async with world.caller() as caller:
        pages = [await caller.get(path) for path in ("/docs", "/docs/", "/redoc", "/schema", "/schema/")]
        assert {page.status_code for page in pages} == {200}
        assert len({page.text for page in pages}) == 1
        assert all("default-src 'none'" in page.headers["content-security-policy"] for page in pages)
        wanted = set(re.findall(r'(?:src|href)="([^"]+)"', pages[0].text)) - {"data:,"}
        assert wanted == {"/docs/docs.css", "/docs/docs.js", "/schema/openapi.json"}
        for path in wanted:
            asset = await caller.get(path)
            assert asset.status_code == 200
            assert not re.search(r"""(?:https?:)?//[a-z]|url\(|innerHTML|eval\(""", asset.text) or path.endswith(
                ".json"
            )
        door = await caller.get("/")
        assert (door.status_code, door.headers["location"]) == (302, "/docs")


async def test_health_is_ok_and_answers_under_each_prefix(world: HttpWorld) -> None:
    async with world.caller() as caller:
        for prefix in ("", "/api", "/api/v1"):
            assert (await caller.get(f"{prefix}/health/live")).json() == {"status": "ok", "version": "1.2.3"}
            for path in ("/health", "/health/ready"):
                answer = await caller.get(prefix + path)
                found = answer.json()
                assert (answer.status_code, found["status"], found["degraded"]) == (200, "ok", [])
                assert found["services"] == {"database": "ok", "jobs": "ok"}


async def test_work_that_waits_too_long_is_named_and_measured(world: HttpWorld, database: Urls) -> None:
    shop = await world.tenant("loja-um")
    async with world.caller(shop.api_key) as caller:
        await caller.post("/documents/upload", files={"file": ("x.txt", b"x")})
        await world.bury_all()
        await caller.post("/documents/upload", files={"file": ("x.txt", b"x")})
        admin = await asyncpg.connect(database.admin)
        await admin.execute("UPDATE job SET run_at = now() - interval '2 minutes' WHERE status = 'queued'")
        await admin.close()
        late = await caller.get("/health/ready")
        assert (late.status_code, late.json()["status"], late.json()["degraded"]) == (200, "degraded", ["jobs"])
        text = await caller.get("/metrics")
        assert text.headers["content-type"].startswith("text/plain; version=0.0.4")
        metrics = dict(line.split(" ") for line in text.text.splitlines() if not line.startswith("#"))
        assert 120 <= float(metrics["atende_jobs_oldest_ready_seconds"]) < 180
        assert float(metrics["atende_jobs_expired_lease_seconds"]) == 0
        assert float(metrics["atende_jobs_dead"]) == 1


class Cable:
    """Between the product and its database; it can be cut."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ends: list[asyncio.StreamWriter] = []

    async def plug(self) -> int:
        """The port at this end."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def cut(self) -> None:
        self._server.close()
        for end in self._ends:
            end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        self._ends += [writer, back]
        with suppress(ConnectionError):
            await asyncio.gather(_pump(reader, back), _pump(there, writer))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        sink.write(data)
        await sink.drain()
    sink.close()


async def test_without_a_database_it_lives_and_is_not_ready(database: Urls, tmp_path: Path) -> None:
    port = urlsplit(database.app).port or 5432
    cable = Cable(port)
    through = database.app.replace(f":{port}/", f":{await cable.plug()}/")
    urls = Urls(app=through, owner=database.owner, admin=database.admin)
    async with make_world(urls, tmp_path, health_timeout=2.0) as world:
        shop = await world.tenant("loja-um")
        async with world.caller(shop.api_key) as caller:
            assert (await caller.get("/health/ready")).status_code == 200
            await cable.cut()
            assert (await caller.get("/health/live")).status_code == 200
            for path in ("/health", "/health/ready"):
                answer = await caller.get(path)
                assert (answer.status_code, answer.json()["status"]) == (503, "down")
                assert answer.json()["degraded"] == ["database", "jobs"]
            for path in ("/api/v1/documents", "/metrics"):
                refused = await caller.get(path)
                assert (refused.status_code, refused.json()["code"]) == (503, "UNAVAILABLE")
                assert refused.headers["retry-after"] == "5"
