"""What the same call costs when little and when much lies in the tables. The reference is the database that holds little.

BENCH_SHORT=1 takes tiny sizes, which only show that the benchmark runs.
"""

import asyncio
import hmac
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.bench import growth_turns
from tests.bench.growth_fill import FIRST_ADDRESS, Size, fill
from tests.bench.load import post
from tests.bench.measure import Figures, Rounds, Row, percentile
from tests.bench.product import Told, product
from tests.bench.setting import Place, databases, place

API = "/api/v1"
Ask = Callable[[bytes], Awaitable[float]]
SHORT = bool(os.environ.get("BENCH_SHORT"))
SIZES: Mapping[str, Size] = {
    "10^3 messages": Size(messages=1_000),
    "10^5 messages": Size(messages=100_000),
    "10^6 messages": Size(messages=1_000_000),
    "10^3 tenants": Size(messages=100_000, tenants=1_000),
    "10^4 documents": Size(messages=1_000, documents=10_000),
}
TINY: Mapping[str, Size] = {
    "few": Size(messages=1_000, documents=30),
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

    @property
    def calls(self) -> dict[str, Callable[[], bytes]]:
        """What makes the next request of each call. Callbacks are of contacts, each with one message."""
        return {
            **{name: lambda request=request: request for name, request in self.gets.items()},  # type: ignore[misc]
            "callback of a known contact": lambda: self.callback(new=False),
            "callback of a new contact": lambda: self.callback(new=True),
        }

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
    """Every call at every size: the milliseconds of one request at a time, each over a connection that is kept."""
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
        lines = {name: await stack.enter_async_context(line(site.port)) for name, site in sites.items()}
        rows: list[Row] = []
        for call in next(iter(sites.values())).calls:
            rows += await _compared(call, sites, lines, rounds)
        rows += await growth_turns.measure({name: site.where for name, site in sites.items()}, rounds, REQUESTS)
    return rows


async def _compared(call: str, sites: Mapping[str, Site], lines: Mapping[str, Ask], rounds: int) -> list[Row]:
    """The sizes take turns with every request, so that whatever else the machine does meets all of them alike. The lower quartile
    is what a request takes when nothing disturbs it.
    """
    seen: dict[str, list[Figures]] = {name: [] for name in sites}
    for number in range(rounds + 1):
        seconds: dict[str, list[float]] = {name: [] for name in sites}
        for _ in range(REQUESTS):
            for name, site in sites.items():
                seconds[name].append(await lines[name](site.calls[call]()))
        if number:  # the first round warms up
            for name, taken in seconds.items():
                seen[name].append({"ms": percentile(taken, 0.25) * 1e3})
    small, *others = sites
    found = Rounds(seen)
    return [found.compare(f"growth: {call}, {other}", other, small, figure="ms", unit="ms") for other in others]


@asynccontextmanager
async def line(port: int) -> AsyncIterator[Ask]:
    """A kept connection: sends a request, and says how many seconds the whole answer took."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def ask(request: bytes) -> float:
        began = time.perf_counter()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        body = await reader.readexactly(int(length or 0))
        took = time.perf_counter() - began
        if not head.startswith(b"http/1.1 2"):
            raise RuntimeError(f"{request!r}: {head!r} {body!r}")
        return took

    try:
        yield ask
    finally:
        writer.close()


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
    """Of the last page within DEEP items that has as many items as the first one: a shorter one would cost less."""
    full = len((await _answer(client.get(path, params=filters)))["data"])
    cursor, deep, passed = None, None, 0
    while passed < DEEP:
        limit = 5 if passed < 60 else 100
        asked = {**filters, "limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        cursor = (await _answer(client.get(path, params=asked)))["nextCursor"]
        if cursor is None:
            break
        if len((await _answer(client.get(path, params={**filters, "cursor": cursor})))["data"]) == full:
            deep = cursor
        passed += limit
    if deep is None:
        raise RuntimeError(f"{path} is too short for a second page")
    return str(deep)


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
