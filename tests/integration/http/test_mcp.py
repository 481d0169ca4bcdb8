"""The tools of the Model Context Protocol, driven by its official client over both transports."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
import pytest_asyncio
from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

from atende.inbound.http.app import WebOptions, make_app
from atende.inbound.mcp.door import McpDoor
from atende.main.processes.lifecycle import bind, serving
from atende.main.seeding import Tenant
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.command_line import environment
from tests.world.http import QUESTION, HttpWorld, make_world

DAYS = "O prazo de entrega para capitais é de três dias úteis."


@pytest_asyncio.fixture
async def world(database: Urls, tmp_path: Path) -> AsyncIterator[HttpWorld]:
    async with make_world(database, tmp_path) as made:
        yield made


@asynccontextmanager
async def _served(world: HttpWorld) -> AsyncIterator[tuple[Tenant, str]]:
    """As `make_web` puts the door in front of the API."""
    shop = await world.tenant("loja")
    await world.upload(shop)
    door = McpDoor(version="1")
    options = WebOptions(aliases=False, allowed_hosts=("127.0.0.1",))
    app = make_app(world.container, options, extra_handlers=[door.handler], lifespan=[door.lifespan])
    door.over(app)
    port = bind("127.0.0.1", 0)
    async with serving(app, port):
        yield shop, f"http://127.0.0.1:{port.getsockname()[1]}"


@asynccontextmanager
async def _over_http(url: str, key: str) -> AsyncIterator[Client]:
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, trust_env=False) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
    ):
        yield client


@asynccontextmanager
async def _over_stdio(url: str, key: str) -> AsyncIterator[Client]:
    import sys

    started = StdioServerParameters(
        command=sys.executable, args=["-m", "atende", "mcp", "--url", url], env=environment(ATENDE_API_KEY=key)
    )
    async with Client(started) as client:
        yield client


TRANSPORTS = {"http": _over_http, "stdio": _over_stdio}


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_an_assistant_asks_and_searches(world: HttpWorld, transport: str) -> None:
    async with _served(world) as (shop, url), TRANSPORTS[transport](url, shop.api_key) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"ask_documents", "search_documents"}
        assert tools["ask_documents"].output_schema
        answered = await client.call_tool("ask_documents", {"question": QUESTION})
        found = await client.call_tool("search_documents", {"query": QUESTION, "limit": 1})
        unknown = await client.call_tool("ask_documents", {"question": "Vocês vendem guarda-chuvas vermelhos?"})
    said = _structured(answered)
    assert DAYS in said["answer"]
    assert said["outcome"] == "answered"
    assert said["citations"][0]["quote"] == DAYS
    assert DAYS in _structured(found)["passages"][0]["content"]
    assert (_structured(unknown)["outcome"], _structured(unknown)["citations"]) == ("unknown", [])


async def test_each_call_is_charged_and_recorded_as_of_its_key(world: HttpWorld) -> None:
    async with _served(world) as (shop, url):
        async with _over_http(url, shop.api_key) as client:
            await client.call_tool("ask_documents", {"question": QUESTION})
        async with world.caller(shop.api_key) as caller:
            (log,) = (await caller.get("/api/v1/audit-logs", params={"action": "rag.query"})).json()["data"]
    assert "key" in str(log["actor"]).lower()


@pytest.mark.parametrize("key", ["", "org_wrong"])
async def test_nobody_gets_in_without_a_key(world: HttpWorld, key: str) -> None:
    async with _served(world) as (_, url), httpx.AsyncClient(trust_env=False) as http:
        headers = {"X-API-Key": key} if key else {}
        answer = await http.post(
            f"{url}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, headers=headers
        )
    assert answer.status_code == 401


async def test_g60_a_key_that_may_not_ask_may_not_use_the_tools(world: HttpWorld) -> None:
    async with _served(world) as (shop, url), httpx.AsyncClient(trust_env=False) as http:
        narrow = await world.key(shop, "documents:read")
        answer = await http.post(f"{url}/mcp", json={}, headers={"X-API-Key": narrow})
    assert answer.status_code == 403


async def test_what_the_api_refuses_is_an_error_of_the_tool(world: HttpWorld) -> None:
    async with _served(world) as (shop, url), _over_http(url, shop.api_key) as client:
        refused = await client.call_tool("ask_documents", {"question": "   "})
    assert refused.is_error
    assert "1 to 4000 characters" in refused.content[0].text.replace(",", "")  # type: ignore[union-attr]


def _structured(result: Any) -> dict[str, Any]:
    assert not result.is_error, result.content
    found: dict[str, Any] = result.structured_content or json.loads(result.content[0].text)
    return found
