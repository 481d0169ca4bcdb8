"""What lies outside of the database: each thing under its tenant's name or a number that says nothing, and no content in names."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from dishka import Provider, Scope, provide
from redis.asyncio import Redis

from atende.core.kernel import Clock
from atende.core.work.ports import JobQueue
from atende.inbound.jobs.arq_wakeup import arq_line
from atende.inbound.jobs.handlers import make_handlers
from atende.inbound.jobs.worker import Worker, WorkerOptions
from atende.main.providers.rate_limits import Store
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.redis_limits import RedisRateLimits
from tests.bench.redis_process import find_redis, redis_server
from tests.integration.mutations.mutation_world import MutationWorld, make_mutation_world
from tests.integration.mutations.test_g89_canaries import CONTENT, EMAIL, TRIED_KEY, live

REDIS = find_redis()
COUNTER = re.compile(r"t/platform/limits/[a-z_]+/[A-Za-z0-9._:/-]+/\d+/\d+")
WAKE_UP = re.compile(r"atende:wake(:[a-z-]+)?|arq:(job|in-progress|retry|result|abort):?[0-9a-f]*|arq:[a-z-]+")


class CountedIn(Provider):
    """Calls are counted in this Redis."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    @provide(scope=Scope.APP, override=True)
    async def store(self, clock: Clock) -> AsyncIterator[Store]:
        made = RedisRateLimits(self._url, clock, patience=30.0)
        yield Store(made)
        await made.close()


async def wake(mutations: MutationWorld, url: str) -> int:
    """A document that the line between workers is told of; the number of jobs that were announced."""
    shop = await mutations.shop()
    async with mutations.world.caller(shop.api_key) as caller:
        answer = await caller.post("/api/v1/documents/upload", files={"file": ("guia.md", b"# Trocas\n\nTrinta dias.")})
    assert answer.status_code == 201, answer.text
    queue = await mutations.world.container.get(JobQueue)
    worker = Worker(queue, make_handlers(mutations.world.container), WorkerOptions(name="test"))
    due = "SELECT id FROM job WHERE tenant_id = $1 AND status IN ('queued', 'running')"
    tenant = shop.owner.tenant_id
    announced: set[int] = set()
    async with arq_line(url, worker) as line, asyncio.timeout(30):
        while rows := await mutations.admin.fetch(due, tenant):  # it is read, and then embedded
            new = {row["id"] for row in rows} - announced
            await line(sorted(new))
            announced |= new
            await asyncio.sleep(0.02)
        await worker.stop()
    return len(announced)


@pytest.mark.skipif(not REDIS, reason="there is no redis-server here")
async def test_g64_g89_redis_holds_counters_and_job_numbers_and_nothing_that_people_wrote(
    database: Urls, tmp_path: Path
) -> None:
    assert REDIS is not None
    async with redis_server(REDIS) as url, Redis.from_url(url) as redis:
        await redis.config_set("slowlog-max-len", 1_000_000)
        await redis.config_set("slowlog-log-slower-than", 0)
        async with make_mutation_world(database, tmp_path, providers=[CountedIn(url)]) as mutations:
            secrets = await live(mutations)
            assert await wake(mutations, url) > 0
        commands: list[Any] = await redis.execute_command("SLOWLOG", "GET", "-1")
        kept = [key.decode() async for key in redis.scan_iter()]
    whole = "\n".join(b" ".join(parts).decode() for _, _, _, parts, *_ in commands)
    for canary in (*CONTENT, *secrets, EMAIL, TRIED_KEY):
        assert canary not in whole, canary
    assert "t/platform/limits/" in whole
    assert "atende:wake" in whole
    assert [key for key in kept if not (COUNTER.fullmatch(key) or WAKE_UP.fullmatch(key))] == []


async def test_g64_every_file_lies_under_its_own_tenant(mutations: MutationWorld, tmp_path: Path) -> None:
    shops = [await mutations.shop() for _ in range(3)]
    for shop in shops:
        await mutations.world.upload(shop)
        await mutations.world.upload(shop, filename="../../outro/guia.md")
    rows = await mutations.admin.fetch("SELECT id, tenant_id, blob_key FROM document")
    assert {row["tenant_id"] for row in rows} == {shop.owner.tenant_id for shop in shops}
    for row in rows:
        assert row["blob_key"].startswith(f"t/{row['tenant_id']}/documents/{row['id']}/")
    files = {str(one.relative_to(tmp_path / "files")) for one in (tmp_path / "files").rglob("*") if one.is_file()}
    assert files == {row["blob_key"] for row in rows}
