"""Long lists: counted up to a limit, read by their own index under row-level security, and complete behind any cursor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from atende.core.audit.model import Filter
from atende.core.conversation.model import Attendance
from atende.core.kernel import COUNTED, TenantScope
from atende.outbound.postgres.audit import PostgresAuditTrail
from atende.outbound.postgres.conversation.conversations import PostgresConversations
from atende.outbound.postgres.transaction import PostgresTransaction
from atende.outbound.postgres.unit import Unit
from tests.world import Tenant, World

MANY = 3 * COUNTED
_CONVERSATIONS = """
WITH person AS (
  INSERT INTO contact (id, organization_id, tenant_id, created_at)
  SELECT gen_random_uuid(), $1, $2, now() FROM generate_series(1, $5::int) RETURNING id
)
INSERT INTO conversation (id, organization_id, project_id, tenant_id, channel_account_id, contact_id, contact_address, status,
  attendance, opted_out, last_seq, answered_seq, created_at, last_message_at, closure)
SELECT gen_random_uuid(), $1, $3, $2, $4, person.id, person.id::text, 'active', 'ai', false, 0, 0, now(),
  now() - make_interval(secs => row_number() OVER ()), '{}' FROM person
"""


async def _conversations(world: World, tenant: Tenant, many: int) -> None:
    owner = tenant.owner
    given = (owner.organization_id, owner.tenant_id, owner.project_id, tenant.account.id, many)
    await world.admin.execute(_CONVERSATIONS, *given)
    await world.admin.execute("ANALYZE conversation")


async def test_a_list_is_counted_exactly_up_to_the_limit(world: World, shop: Tenant) -> None:
    await _conversations(world, shop, COUNTED)
    async with world.begin(shop.whole) as at:
        found = await at.conversations.page(shop.whole, page=1, limit=30)
    assert (found.total, found.total_pages, found.total_is_minimum) == (COUNTED, 17, False)
    await _conversations(world, shop, 1)
    async with world.begin(shop.whole) as at:
        found = await at.conversations.page(shop.whole, page=1, limit=30)
        behind = await at.conversations.page(shop.whole, page=2, limit=30, after=found.next)
        last = await at.conversations.page(shop.whole, page=17, limit=30)
        beyond = await at.conversations.page(shop.whole, page=40, limit=30)
    for page in (found, behind, last, beyond):
        assert (page.total, page.total_pages, page.total_is_minimum) == (COUNTED, 17, True)
    assert (len(last.data), len(beyond.data)) == (21, 0)


async def test_rows_without_a_time_come_first_and_none_is_left_out(world: World, shop: Tenant) -> None:
    await _conversations(world, shop, 9)
    await world.admin.execute(
        "UPDATE conversation SET last_message_at = NULL WHERE id IN (SELECT id FROM conversation ORDER BY id LIMIT 4)"
    )
    expected = await world.admin.fetch("SELECT id FROM conversation ORDER BY last_message_at DESC NULLS FIRST, id DESC")
    for limit in range(1, 10):
        seen, after = [], None
        while True:
            async with world.begin(shop.scope) as at:
                found = await at.conversations.page(shop.scope, page=1, limit=limit, after=after)
            seen += [one.id for one in found.data]
            if (after := found.next) is None:
                break
        assert seen == [row["id"] for row in expected], limit


@pytest.mark.parametrize("whole", [False, True], ids=["project", "organization"])
async def test_no_page_reads_more_rows_than_it_counts(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant, whole: bool
) -> None:
    """Whatever is asked for: PostgreSQL says how many rows of the table it touched, under the app's own role."""
    for tenant in (stranger, shop, branch):
        await _conversations(world, tenant, MANY)
    await world.admin.execute(
        "UPDATE conversation SET attendance = 'human' WHERE id IN (SELECT id FROM conversation WHERE tenant_id = $1 LIMIT 5);",
        shop.owner.tenant_id,
    )
    await world.admin.execute("VACUUM ANALYZE conversation")
    scope = shop.whole if whole else shop.scope
    asked: list[dict[str, Any]] = [
        {},
        {"status": "active"},
        {"status": "blocked"},
        {"attendance": Attendance.HUMAN},
        {"attendance": Attendance.WAITING_HUMAN},
        {"attendance": Attendance.AI},
    ]
    for filters in asked:
        async with world.begin(scope) as at:
            first = await at.conversations.page(scope, page=1, limit=100, **filters)
        for page, after in ((1, None), (2, first.next)):
            async with _counting(world, scope, "conversation") as (unit, read):
                await PostgresConversations(unit).page(scope, page=page, limit=100, after=after, **filters)
            assert 0 < read["rows"] + (not first.data) <= COUNTED + 220, (filters, page)


@asynccontextmanager
async def _counting(world: World, scope: TenantScope, table: str) -> AsyncIterator[tuple[Unit, dict[str, int]]]:
    """A transaction of the scope, and how many rows of the table it read, once it has ended."""
    read: dict[str, int] = {}
    rows = text("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = :table")
    unit = Unit(world.engine)
    async with PostgresTransaction(unit)(scope):
        session = unit.session
        before = int(await session.scalar(rows, {"table": table}) or 0)  # PostgreSQL may count earlier transactions in
        yield unit, read
        read["rows"] = int(await session.scalar(rows, {"table": table}) or 0) - before


async def test_the_audit_log_is_read_from_where_the_period_ends(world: World, shop: Tenant) -> None:
    await world.admin.execute(
        """
        INSERT INTO audit_log (id, organization_id, tenant_id, actor_kind, action, resource_type, resource_id, created_at)
        SELECT gen_random_uuid(), $1, $2, 'system', 'a.b', 'a', n::text, now() - make_interval(secs => n)
        FROM generate_series(1, $3::int) n
        """,
        shop.owner.organization_id,
        shop.owner.tenant_id,
        MANY,
    )
    await world.admin.execute("VACUUM ANALYZE audit_log")
    long_ago = world.now() - timedelta(seconds=MANY - 40)
    async with _counting(world, shop.whole, "audit_log") as (unit, read):
        trail = PostgresAuditTrail(unit.session)
        found = await trail.page(shop.whole, Filter(until=long_ago), page=1, limit=100)
        other = await trail.page(shop.whole, Filter(until=long_ago, resource_id="7"), page=1, limit=100)
    assert 38 <= len(found.data) <= 42
    assert other.data == []
    assert read["rows"] < 100
