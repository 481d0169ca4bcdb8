"""What the same call costs when little and when much lies in the tables. The reference is the database that holds little.

BENCH_SHORT=1 takes tiny sizes, which only show that the benchmark runs.
"""

import hmac
import json
import os
import time
from collections.abc import Awaitable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from statistics import median
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.bench.growth_fill import FIRST_ADDRESS, Size, fill
from tests.bench.load import drive, post
from tests.bench.measure import Figures, Rounds, Row
from tests.bench.product import Told, product
from tests.bench.setting import Place, databases, place

API = "/api/v1"
SHORT = bool(os.environ.get("BENCH_SHORT"))
SIZES: Mapping[str, Size] = {
    "10^3 messages": Size(messages=1_000),
    "10^5 messages": Size(messages=100_000),
    "10^6 messages": Size(messages=1_000_000),
    "10^3 tenants": Size(messages=100_000, tenants=1_000),
    "10^4 documents": Size(messages=1_000, documents=10_000),
}
TINY: Mapping[str, Size] = {
    "few": Size(messages=1_000, documents=20),
    "more": Size(messages=2_000, tenants=10, documents=50),
}
REQUESTS = 5 if SHORT else 40
DEEP = 5_000
"""Items before a deep page, or nearly all where there are fewer."""
_LONG_AGO = {"since": "2020-01-01T00:00:00Z", "until": "2020-02-01T00:00:00Z"}

LISTS: Mapping[str, tuple[str, dict[str, str]]] = {
    "conversations": ("/conversations", {}),
    "conversations status=active": ("/conversations", {"status": "active"}),
    "conversations status=blocked": ("/conversations", {"status": "blocked"}),
    "conversations waiting_human": ("/conversations", {"attendance": "waiting_human"}),
    "messages of a conversation": ("/conversations/{conversation}/messages", {}),
    "documents": ("/documents", {}),
    "documents status=failed": ("/documents", {"status": "failed"}),
    "credit transactions": ("/billing/credits/transactions", {}),
    "credit transactions type=grant": ("/billing/credits/transactions", {"type": "grant"}),
    "dead letters": ("/admin/dead-letters", {}),
    "audit log": ("/audit-logs", {}),
    "audit log action": ("/audit-logs", {"action": "project.update"}),
    "audit log of long ago": ("/audit-logs", _LONG_AGO),
    "projects": ("/projects", {"limit": "1"}),
    "api keys": ("/auth/api-keys", {}),
    "members": ("/organizations/{organization}/members", {}),
    "invitations": ("/organizations/{organization}/invitations", {}),
    "users": ("/users", {}),
}
SINGLE: Mapping[str, tuple[str, dict[str, str]]] = {
    "a conversation": ("/conversations/{conversation}", {}),
    "usage of the month": ("/organizations/{organization}/usage", {}),
}
_DEEP_TOO = (
    "conversations",
    "conversations status=active",
    "documents",
    "credit transactions",
    "dead letters",
    "audit log",
)


@dataclass(slots=True)
class Site:
    """A filled database with a web process over it, and the requests that are sent to it."""

    where: Place
    port: int
    gets: dict[str, bytes] = field(default_factory=dict)
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    known: int = 1

    async def ask(self, name: str) -> Figures:
        return await self._timed([self.gets[name]] * REQUESTS)

    async def receive(self, *, new: bool) -> Figures:
        """Callbacks of contacts, each with one message."""
        return await self._timed([self.callback(new=new) for _ in range(REQUESTS)])

    async def _timed(self, requests: list[bytes]) -> Figures:
        _, load = await drive(self.port, requests, connections=1)
        return {"ms": median(load.seconds) * 1e3}

    def callback(self, *, new: bool) -> bytes:
        line, number = self.where.line, next(self.numbers)
        sender = str(FIRST_ADDRESS + (10**9 + number if new else 1 + number % self.known))
        message = {
            "from": sender,
            "id": f"growth.{number}.{time.time_ns()}",
            "timestamp": str(int(time.time())),
            "type": "text",
        }
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "551140028922", "phone_number_id": line.external_id},
            "contacts": [{"profile": {"name": "Cliente"}, "wa_id": sender}],
            "messages": [message | {"text": {"body": "Bom dia! Como faço para trocar? " * 5}}],
        }
        entry = {"id": line.provider_account, "changes": [{"value": value, "field": "messages"}]}
        raw = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
        signature = "sha256=" + hmac.digest(line.signing.encode(), raw, "sha256").hex()
        return post("/whatsapp/webhook", raw, {"X-Hub-Signature-256": signature})


async def measure(rounds: int) -> list[Row]:
    """Every call in turns at every size; the median milliseconds of one request after the other, over one connection."""
    sizes = TINY if SHORT else SIZES
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(databases())
        sites: dict[str, Site] = {}
        for name, size in sizes.items():
            began = time.perf_counter()
            where = await stack.enter_async_context(place(made))
            await fill(where, size)
            _, port = await stack.enter_async_context(product(Told(where.urls.app)))
            sites[name] = site = Site(where, port, known=min(100, size.messages // 10))
            await _prepare(site)
            print(f"  {name} are there after {time.perf_counter() - began:.1f} s", flush=True)
        rows: list[Row] = []
        for call in [*next(iter(sites.values())).gets, "callback of a known contact", "callback of a new contact"]:
            rows += await _compared(call, sites, rounds)
    return rows


async def _compared(call: str, sites: Mapping[str, Site], rounds: int) -> list[Row]:
    seen: dict[str, list[Figures]] = {name: [] for name in sites}
    for number in range(rounds + 1):
        for name, site in sites.items():
            if call.startswith("callback"):
                figures = await site.receive(new="new" in call)
            else:
                figures = await site.ask(call)
            if number:  # the first one warms up
                seen[name].append(figures)
    small, *others = sites
    found = Rounds(seen)
    return [found.compare(f"growth: {call}, {other}", other, small, figure="ms", unit="ms") for other in others]


async def _prepare(site: Site) -> None:
    """Signs the owner in, and writes down every request: first pages, and behind a cursor or a number where the list is long."""
    tenant = site.where.tenant
    assert tenant.login is not None, "a first tenant has an owner"
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{site.port}{API}", timeout=60) as client:
        login = {"email": tenant.login.email, "password": tenant.login.password}
        token = (await _answer(client.post("/auth/login", json=login)))["accessToken"]
        client.headers["Authorization"] = f"Bearer {token}"
        first = (await _answer(client.get("/conversations", params={"limit": 1})))["data"][0]
        known = {"conversation": first["id"], "organization": tenant.organization_id}
        for name, (path, filters) in {**LISTS, **SINGLE}.items():
            at = path.format(**known)
            await _answer(client.get(at, params=filters))
            site.gets[name] = _get(at, filters, token)
            if name in _DEEP_TOO:
                cursor = await _deep_cursor(client, at, filters)
                site.gets[f"{name}, deep"] = _get(at, {**filters, "cursor": cursor}, token)
        listed = (await _answer(client.get("/conversations")))["pagination"]
        site.gets["conversations, last numbered page"] = _get("/conversations", {"page": listed["totalPages"]}, token)


async def _deep_cursor(client: httpx.AsyncClient, path: str, filters: Mapping[str, str]) -> str:
    """Of the last full page within DEEP items."""
    cursor: str | None = None
    passed = 0
    limit = 5 if SHORT else 20
    while passed < DEEP:
        asked = {**filters, "limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        found = await _answer(client.get(path, params=asked))
        if found["nextCursor"] is None:
            break
        passed += limit
        cursor, limit = found["nextCursor"], limit if passed < 60 else 100
    if cursor is None:
        raise RuntimeError(f"{path} is too short for a second page")
    return cursor


async def _answer(call: Awaitable[httpx.Response]) -> dict[str, Any]:
    response = await call
    if response.is_error:
        raise RuntimeError(f"{response.request.url}: {response.status_code} {response.text}")
    found: dict[str, Any] = response.json()
    return found


def _get(path: str, query: Mapping[str, object], token: str) -> bytes:
    target = f"{API}{path}" + (f"?{urlencode(query)}" if query else "")
    lines = [f"GET {target} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}", "", ""]
    return "\r\n".join(lines).encode("latin-1")
