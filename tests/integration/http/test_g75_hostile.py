"""Hostile encodings, sent to every operation that takes a body: a 4xx that says what is wrong, never a 5xx."""

import asyncio
import re
import resource
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from atende.core.limits.policy import RatePolicy
from atende.inbound.http.app import WebOptions, make_app
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.people import PeopleWorld, make_people_world

JSON, FORM = "application/json", "multipart/form-data; boundary=x"
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "NUL": b'{"name": "a\\u0000b", "email": "a\\u0000@b.example"}',
    "a raw NUL": b'{"name": "a\0b"}',
    "half a character": b'{"name": "\\ud800", "\\udfff": 1}',
    "10^400": b'{"name": 1' + b"0" * 400 + b"}",
    "1e400": b'{"name": 1e400}',
    "Infinity": b'{"name": -Infinity}',
    "a key twice": b'{"name": "a", "name": "b"}',
    "100 levels": b'{"name": ' + b"[" * 100 + b"]" * 100 + b"}",
    "100,000 levels": b'{"name":' * 100_000,
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "a"}'.encode("utf-16"),
    "UTF-8 with a mark": b'\xef\xbb\xbf{"name": "a"}',
    "a long list": b'{"name": [' + b",".join([b"1"] * 10_001) + b"]}",
    "a long text": b'{"name": "' + b"a" * 70_000 + b'"}',
    "an unknown field": b'{"__proto__": {"admin": true}}',
    "a list": b"[]",
    "a text": b'"a"',
    "cut off": b'{"name": "a',
    "two values": b"{} {}",
}
Operation = tuple[str, str, str]


@pytest_asyncio.fixture
async def world(database: Urls, tmp_path: Path) -> AsyncIterator[PeopleWorld]:
    async with make_people_world(database, tmp_path) as made:
        plenty = RatePolicy(strangers=1_000_000, people=1_000_000)
        made.app = make_app(made.container, WebOptions(credential_cache_seconds=0, aliases=False, rates=plenty))
        yield made


def operations(world: PeopleWorld) -> Iterator[Operation]:
    """Method, path with ids of nothing, and the kind of body."""
    spec: Any = world.app.openapi_schema.to_schema()
    for path, item in spec["paths"].items():
        real = re.sub(r"{(\w+)}", lambda found: "5" if found[1] == "job_id" else str(uuid4()), path)
        for method, operation in item.items():
            for kind in operation.get("requestBody", {}).get("content", {}):
                yield method.upper(), real, kind


async def ask(world: PeopleWorld, operation: Operation, body: bytes, kind: str, token: str) -> httpx.Response:
    method, path, _ = operation
    headers = {"Content-Type": kind, "Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(world.app)  # type: ignore[arg-type]  # the two spell ASGI differently
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        return await client.request(method, path, content=body, headers=headers)


def expect_refusal(answer: httpx.Response, what: object) -> None:
    assert 400 <= answer.status_code < 500, (what, answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/problem+json", what
    assert "Traceback" not in answer.text


async def test_g75_every_operation_refuses_hostile_json(world: PeopleWorld) -> None:
    boss = await world.person("ana", operator=True)
    await world.organization(boss)
    asked = [operation for operation in operations(world) if operation[2] == JSON]
    assert len(asked) >= 20
    statuses: list[int] = []
    for operation in asked:
        for what, body in BODIES.items():
            answer = await ask(world, operation, body, JSON, boss.token)
            if what != "nothing" or answer.status_code >= 300:  # a body may be optional
                expect_refusal(answer, (operation, what))
                statuses.append(answer.status_code)
    assert statuses.count(400) > 0.7 * len(statuses), "most are refused for their body and nothing else"


async def test_g75_every_operation_refuses_a_body_of_another_kind(world: PeopleWorld) -> None:
    boss = await world.person("ana", operator=True)
    await world.organization(boss)
    part = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\na\r\n--x--\r\n'
    kinds = [(FORM, part), ("text/plain", b"a"), ("application/x-msgpack", b"\x81\xa4name\xa1a"), ("", b"{")]
    for operation in operations(world):
        for kind, body in kinds:
            if operation[2].startswith("multipart/") and kind == FORM:
                continue
            answer = await ask(world, operation, body, kind, boss.token)
            expect_refusal(answer, (operation, kind))


async def test_g75_a_body_beyond_the_limit_is_not_read(world: PeopleWorld) -> None:
    boss = await world.person("ana", operator=True)
    await world.organization(boss)
    body = b'{"name": "' + b"a" * (1024 * 1024) + b'"}'
    for operation in operations(world):
        if operation[2] == JSON:
            answer = await ask(world, operation, body, JSON, boss.token)
            expect_refusal(answer, operation)
            assert answer.status_code in {403, 404, 413}, (operation, answer.text)


@pytest.mark.parametrize("parts", [17, 100_000])
async def test_g75_a_form_of_very_many_parts_is_refused_without_being_kept(world: PeopleWorld, parts: int) -> None:
    boss = await world.person("ana", operator=True)
    await world.organization(boss)
    (upload, *_) = (operation for operation in operations(world) if operation[2].startswith("multipart/"))
    part = b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\nb\r\n'
    body = b"".join(part % number for number in range(parts)) + b"--x--\r\n"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answers = await asyncio.gather(*(ask(world, upload, body, FORM, boss.token) for _ in range(4)))
    for answer in answers:
        expect_refusal(answer, parts)
        assert (answer.status_code, answer.json()["detail"]) == (400, "Request Entity Too Large")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024, "KB"


async def test_g75_hostile_headers_and_addresses_are_refused(world: PeopleWorld) -> None:
    boss = await world.person("ana", operator=True)
    await world.organization(boss)
    for name, value in (
        (b"x-project-id", b"\xff"),
        (b"x-project-id", b"\0"),
        (b"x-project-id", b"1" * 60_000),
        (b"idempotency-key", b"\xff" * 300),
        (b"idempotency-key", b"a" * 60_000),
    ):
        transport = httpx.ASGITransport(world.app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://x/api/v1") as client:
            headers = [(b"authorization", f"Bearer {boss.token}".encode()), (name, value)]
            answer = await client.post("/organizations", json={"name": "Ana"}, headers=headers)
            assert answer.status_code < 500, (name, answer.text)
            listed = await client.get("/projects?page=%00", headers=headers)
            expect_refusal(listed, name)
    for odd in (b"\xff.x.y", b"a" * 60_000, b"..", b".\0."):
        transport = httpx.ASGITransport(world.app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://x/api/v1") as client:
            answer = await client.get("/users/me", headers=[(b"authorization", b"Bearer " + odd)])
            assert answer.status_code == 401
