"""Access over HTTP: other tenants' ids, other projects, missing permissions, two keys at once."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest_asyncio

from atende.main.seeding import Tenant
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.http import QUESTION, HttpWorld, make_world

NO_SUCH_JOB = 987_654_321
METHODS = ("get", "post", "put", "patch", "delete")


@pytest_asyncio.fixture
async def world(database: Urls, tmp_path: Path) -> AsyncIterator[HttpWorld]:
    async with make_world(database, tmp_path) as made:
        yield made


async def things_of(world: HttpWorld, tenant: Tenant) -> dict[str, str]:
    """One id of everything that a tenant has, under the name of the path parameter."""
    document = await world.upload(tenant)
    await world.write(tenant, QUESTION)
    await world.work()
    async with world.caller(tenant.api_key) as caller:
        conversation = (await caller.get("/api/v1/conversations")).json()["data"][0]["id"]
        message = (await caller.get(f"/api/v1/conversations/{conversation}/messages")).json()["data"][1]
        await caller.post("/api/v1/documents/upload", files={"file": ("x.txt", b"x")})
    (job,) = await world.bury_all()
    return {
        "document_id": document,
        "conversation_id": conversation,
        "message_id": message["id"],
        "query_id": message["answerId"],
        "job_id": str(job),
    }


async def fingerprint(database: Urls, tenant: Tenant) -> str:
    """Of every row that belongs to the tenant."""
    connection = await asyncpg.connect(database.admin)
    try:
        tables = await connection.fetch(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'organization_id'"
            " AND table_schema = 'public' ORDER BY table_name"
        )
        found = hashlib.sha256()
        for table in tables:
            query = f"SELECT t::text FROM {table[0]} t WHERE organization_id = $1 ORDER BY 1"
            for row in await connection.fetch(query, tenant.owner.organization_id):
                found.update(f"{table[0]}:{row[0]}\n".encode())
        return found.hexdigest()
    finally:
        await connection.close()


def with_ids(path: str, ids: dict[str, str]) -> str:
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, f"the walk knows no id for {path}"
    return path


def operations(spec: dict[str, Any]) -> list[tuple[str, str]]:
    return [(method, path) for path, item in spec["paths"].items() for method in METHODS if method in item]


async def seen(caller: httpx.AsyncClient, method: str, path: str, **given: Any) -> tuple[int, str]:
    answer = await caller.request(method, path, **given)
    return answer.status_code, answer.text


async def test_g60_another_tenants_ids_in_bodies_and_filters_are_not_found(world: HttpWorld, database: Urls) -> None:
    ours, theirs = await world.tenant("nossa-loja"), await world.tenant("outra-loja")
    ids = await things_of(world, theirs)
    connection = await asyncpg.connect(database.admin)
    agent = await connection.fetchval("SELECT id FROM agent WHERE tenant_id = $1", theirs.tenant_id)
    await connection.close()
    before = await fingerprint(database, theirs)
    async with world.caller(ours.api_key) as caller:
        for name, foreign in (("conversationId", ids["conversation_id"]), ("agentId", str(agent))):
            asked = [
                await seen(caller, "post", "/api/v1/rag/query", json={"query": QUESTION, name: one})
                for one in (foreign, str(uuid4()))
            ]
            assert asked[0] == asked[1]
            assert asked[0][0] == 404
        uploads = [
            await seen(
                caller, "post", "/api/v1/documents/upload", files={"file": ("a.txt", b"x")}, data={"agentId": one}
            )
            for one in (str(agent), str(uuid4()))
        ]
        assert uploads[0] == uploads[1]
        assert uploads[0][0] == 404
        for field in ("tenantId", "organizationId", "role", "balance", "id", "createdAt"):
            injected = await caller.post("/api/v1/rag/query", json={"query": QUESTION, field: theirs.tenant_id})
            assert injected.status_code == 400
    assert await fingerprint(database, theirs) == before


async def test_reads_cover_the_organization_and_writes_go_to_the_default_project(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    second = await world.second_project(shop, "loja-um-filial")
    async with world.caller(shop.api_key) as caller:
        there = {"X-Project-Id": str(second.id)}
        file = {"file": ("x.txt", b"um texto")}
        here_id = (await caller.post("/api/v1/documents/upload", files=file)).json()
        there_id = (await caller.post("/api/v1/documents/upload", files=file, headers=there)).json()
        assert (here_id["projectId"], there_id["projectId"]) == (shop.project_id, str(second.id))

        async def listed(**headers: str) -> set[str]:
            found = await caller.get("/api/v1/documents", headers=headers)
            return {item["id"] for item in found.json()["data"]}

        assert await listed() == {here_id["id"], there_id["id"]}
        assert await listed(**there) == {there_id["id"]}
        assert (await caller.get(f"/api/v1/documents/{there_id['id']}")).status_code == 200
        assert (await caller.get("/api/v1/documents", headers={"X-Project-Id": "x"})).status_code == 400


async def test_a_key_of_one_project_stays_there(world: HttpWorld) -> None:
    shop = await world.tenant("loja-um")
    second = await world.second_project(shop, "loja-um-filial")
    async with world.caller(shop.api_key) as caller:
        made = await caller.post("/api/v1/documents/upload", files={"file": ("x.txt", b"um texto")})
    async with world.caller(await world.key(shop, "*", project_id=second.id)) as limited:
        assert (await limited.get("/api/v1/documents")).json()["data"] == []
        assert (await limited.get(f"/api/v1/documents/{made.json()['id']}")).status_code == 404
        outside = await limited.get("/api/v1/documents", headers={"X-Project-Id": shop.project_id})
        assert (outside.status_code, outside.json()["detail"]) == (404, "no such project")
        inside = await limited.post("/api/v1/documents/upload", files={"file": ("x.txt", b"um texto")})
        assert inside.json()["projectId"] == str(second.id)


async def test_keys_are_taken_from_either_header_but_not_two_different_ones(world: HttpWorld) -> None:
    shop, other = await world.tenant("loja-um"), await world.tenant("loja-dois")
    where = "/api/v1/documents"
    async with world.caller() as caller:
        for headers, status in (
            ({"X-API-Key": shop.api_key}, 200),
            ({"Authorization": f"Bearer {shop.api_key}"}, 200),
            ({"Authorization": f"bearer {shop.api_key}", "X-API-Key": shop.api_key}, 200),
            ({"Authorization": f"Bearer {other.api_key}", "X-API-Key": shop.api_key}, 400),
            ({"Authorization": "Bearer eyJ.eyJ.sig", "X-API-Key": shop.api_key}, 401),
            ({"X-API-Key": shop.api_key[:-1] + "!"}, 401),
            ({"X-API-Key": ""}, 401),
            ({"X-API-Key": "\xff"}, 401),
            ({"Authorization": "Basic eDp5"}, 401),
            ({}, 401),
        ):
            answer = await caller.get(where, headers=[(k.encode(), v.encode("latin-1")) for k, v in headers.items()])
            assert answer.status_code == status, headers
            if status == 401:
                assert answer.headers["www-authenticate"] == "Bearer"
