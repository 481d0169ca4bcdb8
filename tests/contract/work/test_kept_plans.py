"""The functions on the hot path keep the plans of their first call. Made on empty tables, these must suit full ones."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg

from atende.core.conversation.channel import DeliveryReport
from atende.core.conversation.model import Delivery
from atende.core.work.model import NewJob
from atende.outbound.postgres.conversation.inbox import PostgresInbox
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.jobs import PostgresJobQueue
from atende.outbound.postgres.pool import make_pool
from tests.world import LEASE, Tenant, World
from tests.world.jobs import new_job, put

TABLES = ("inbox", "contact", "contact_address", "conversation", "message", "job", "channel_account")
_READ_WHOLE = "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY($1)"


async def _read_whole(world: World) -> dict[str, int]:
    return {row["relname"]: row["seq_scan"] for row in await world.admin.fetch(_READ_WHOLE, TABLES)}


async def _tell_statistics(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    await pool.execute("SELECT pg_stat_force_next_flush()")
    await pool.execute("SELECT 1")


async def test_no_table_is_ever_read_as_a_whole(world: World, shop: Tenant, database: Urls) -> None:
    jobs: list[NewJob] = [replace(new_job(f"{n}"), order_key=f"key {n % 3}") for n in range(20)]
    await put(world, shop, *jobs)
    async with make_pool(database.app, size=1) as pool:
        await _tell_statistics(pool)
        before = await _read_whole(world)
        inbox, queue = PostgresInbox(pool, world.ids, window=timedelta(0)), PostgresJobQueue(pool)
        for n in range(12):
            said = [world.said(shop, "STOP" if n % 5 == 4 else "oi", address=f"+55119{m:08}") for m in range(n)]
            assert all(await inbox.receive([replace(item, opt="out" if n % 5 == 4 else None) for item in said]))
            report = DeliveryReport(
                account_id=shop.account.id,
                provider_message_id=f"p{n}",
                delivery=Delivery.READ,
                at=datetime(2026, 1, 1, tzinfo=UTC),
            )
            await inbox.report([report])
            claims = await queue.claim("worker", limit=5, lease=LEASE)
            await queue.finish(claims)
            await queue.extend(claims, lease=LEASE)
        await _tell_statistics(pool)
        assert await _read_whole(world) == before
