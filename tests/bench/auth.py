"""Telling who holds an API key: remembered, asked anew each time, and how long a revoked key still opens."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg

from atende.core.identity.api_key import api_key_hash, api_key_text
from atende.core.kernel import Unauthenticated
from atende.inbound.http.options import WebOptions
from atende.inbound.http.security.credentials import CredentialCache
from atende.main.providers.container import Pool
from atende.outbound.system import Uuid7Ids
from tests.bench.measure import Figures, Row, in_turns, percentile
from tests.bench.reference_auth import LOOK, SCRIPT
from tests.bench.setting import Place, databases, place

CALLERS = 16
KEYS = 1_000
SECONDS = 1.0
REVOCATIONS = 3
"""Rounds of the measurement that waits for a revocation: each takes as long as keys are remembered."""
Opens = Callable[[str], Awaitable[object]]


async def measure(rounds: int) -> list[Row]:
    """The rows of authentication. `cold` remembers nothing; `warm` has one busy key."""
    async with databases() as made, place(made, pool=CALLERS) as where, _pool(where) as pool:
        texts = await _keys(where)
        gate = Gate(where, pool)
        await gate.count_queries()
        warm = {"warm": gate.side(gate.warm, texts[:1]), "reference": gate.side(gate.reference, texts[:1])}
        seen = await in_turns(warm, rounds=rounds)
        rows = [
            seen.compare(
                f"auth.{figure} warm, one key, {CALLERS} callers", "warm", "reference", figure=figure, unit=unit
            )
            for figure, unit in (("rate", "requests/s"), ("p99", "ms"), ("queries", "per 1,000 requests"))
        ]
        cold = {"cold": gate.side(gate.cold, texts), "reference": gate.side(gate.reference, texts)}
        seen = await in_turns(cold, rounds=rounds)
        rows += [
            seen.compare(
                f"auth.{figure} cold, {KEYS:,} keys, {CALLERS} callers", "cold", "reference", figure=figure, unit=unit
            )
            for figure, unit in (("rate", "requests/s"), ("p99", "ms"), ("queries", "per 1,000 requests"))
        ]
        ends = {
            "ours": lambda: gate.revoked(gate.warm, texts.pop()),
            "reference": lambda: gate.revoked(gate.reference, texts.pop()),
        }
        seen = await in_turns(ends, rounds=min(rounds, REVOCATIONS))
        rows.append(seen.compare("auth.revocation seen after", "ours", "reference", figure="seconds", unit="s"))
    return rows


class Gate:
    """Every way to tell who holds a key."""

    def __init__(self, where: Place, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._where, self._pool, self.queries = where, pool, 0
        self.book = CredentialCache(where.container, seconds=WebOptions().credential_cache_seconds)
        self._forgetful = CredentialCache(where.container, seconds=0)

    async def count_queries(self) -> None:
        """On all connections of both pools; none of them is opened later."""
        ours = await self._where.container.get(Pool)
        for pool in (ours, self._pool):
            held = [await pool.acquire() for _ in range(CALLERS)]
            for connection in held:
                connection.add_query_logger(self._count)
            for connection in held:
                await pool.release(connection)

    def _count(self, record: Any) -> None:
        self.queries += "secret_hash" in record.query or "find_api_key" in record.query

    async def warm(self, text: str) -> None:
        await self._by(self.book, text)

    async def cold(self, text: str) -> None:
        await self._by(self._forgetful, text)

    async def _by(self, book: CredentialCache, text: str) -> None:
        """With a unit of its own, as every request has one."""
        async with self._where.container() as unit:
            await book.of_key(text, unit)

    async def reference(self, text: str) -> None:
        if await self._pool.fetchrow(LOOK, hashlib.sha256(text.encode()).digest()) is None:
            raise Unauthenticated("the reference does not know this key")

    def side(self, opens: Opens, texts: Sequence[str]) -> Callable[[], Awaitable[Figures]]:
        return lambda: self._round(opens, texts)

    async def _round(self, opens: Opens, texts: Sequence[str]) -> Figures:
        """About SECONDS of requests, each caller one after the other, spread evenly over the keys."""
        took: list[float] = []
        numbers, before, began = count(), self.queries, time.perf_counter()

        async def caller() -> None:
            while time.perf_counter() - began < SECONDS:
                start = time.perf_counter()
                await opens(texts[next(numbers) % len(texts)])
                took.append(time.perf_counter() - start)

        async with asyncio.TaskGroup() as group:
            for _ in range(CALLERS):
                group.create_task(caller())
        lasted = time.perf_counter() - began
        return {
            "rate": len(took) / lasted,
            "p99": percentile(took, 0.99) * 1e3,
            "queries": (self.queries - before) / len(took) * 1_000,
        }

    async def revoked(self, opens: Opens, text: str) -> Figures:
        """How long a key still opens that was used right before it was revoked."""
        await opens(text)
        digest = api_key_hash(text)
        admin = await asyncpg.connect(self._where.urls.admin)
        try:
            for table in ("api_key", "bench_key"):
                await admin.execute(f"UPDATE {table} SET revoked_at = now() WHERE secret_hash = $1", digest)
        finally:
            await admin.close()
        began = time.perf_counter()
        try:
            while True:
                await opens(text)
                await asyncio.sleep(0.005)
        except Unauthenticated:
            return {"seconds": time.perf_counter() - began}


@asynccontextmanager
async def _pool(where: Place) -> "AsyncIterator[asyncpg.Pool[asyncpg.Record]]":
    async with asyncpg.create_pool(where.urls.app, min_size=CALLERS, max_size=CALLERS) as pool:
        yield pool


async def _keys(where: Place) -> list[str]:
    """Keys of the tenant, and the same ones in the table of the reference."""
    ids, organization = Uuid7Ids(), UUID(where.tenant.organization_id)
    texts = [api_key_text(organization, secrets.randbits(160)) for _ in range(KEYS)]
    rows = [(ids.new(), organization, api_key_hash(text)) for text in texts]
    owner, admin = await asyncpg.connect(where.urls.owner), await asyncpg.connect(where.urls.admin)
    try:
        await owner.execute(SCRIPT)
        await admin.executemany(
            "INSERT INTO api_key (id, organization_id, name, prefix, secret_hash, scopes, created_at)"
            " VALUES ($1, $2, 'bench', 'org_', $3, '{read,write}', now())",
            rows,
        )
        await admin.execute("INSERT INTO bench_key SELECT id, organization_id, scopes, secret_hash FROM api_key")
        await admin.execute("ANALYZE")
    finally:
        await owner.close()
        await admin.close()
    return texts
