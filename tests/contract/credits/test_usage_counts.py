"""Usage that triggers count is, at every moment, what counting all rows would say: whoever writes, fails or rolls up meanwhile."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from atende.core.conversation.channel import InboundMessage
from atende.core.conversation.usage import Period, RollUpUsage
from atende.core.kernel import Credits
from atende.core.knowledge.document import DocumentStatus
from atende.core.knowledge.model import Answer, Outcome
from atende.outbound.postgres.conversation.usage import PostgresUsageSums
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.migrate import downgrade, migrate, revisions
from atende.outbound.postgres.transaction import scoped
from tests.contract.credits.test_usage import _spend, _talk, _work
from tests.contract.knowledge.test_documents import make_document
from tests.databases import MIGRATIONS
from tests.world import Tenant, World

Operation = Callable[[World, Tenant, random.Random], Awaitable[None]]
OTHERS = "+551180000000"
"""Contacts whose conversations `_converse` does not look for while `_change_times` may close them."""
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)

# One statement, so that both sides are of the same moment. No row: they agree.
_DIFFERENCES = """
WITH counted AS (
  SELECT organization_id, hour, conversations, conversation_seconds, messages_in, messages_out, rag_queries, credits_spent
    FROM usage_hour
  UNION ALL SELECT organization_id, hour, conversations, conversation_seconds, messages_in, messages_out, rag_queries, credits_spent
    FROM usage_change
  UNION ALL SELECT organization_id, date_trunc('hour', created_at, 'UTC'), -1,
    -coalesce(trunc(extract(epoch FROM closed_at - started_at)), 0), 0, 0, 0, 0 FROM conversation
  UNION ALL SELECT organization_id, date_trunc('hour', created_at, 'UTC'), 0, 0,
    -(direction = 'inbound')::int, -(direction = 'outbound')::int, 0, 0 FROM message
  UNION ALL SELECT organization_id, date_trunc('hour', created_at, 'UTC'), 0, 0, 0, 0, -1, 0 FROM answer WHERE turn_id IS NULL
  UNION ALL SELECT organization_id, date_trunc('hour', at, 'UTC'), 0, 0, 0, 0, 0,
    CASE kind WHEN 'capture' THEN -amount ELSE amount END FROM credit_entry WHERE kind IN ('capture', 'refund')
), stored AS (
  SELECT organization_id, tenant_id, documents, bytes FROM usage_storage
  UNION ALL SELECT organization_id, tenant_id, documents, bytes FROM usage_change
  UNION ALL SELECT organization_id, tenant_id, -1, -size FROM document WHERE status <> 'deleted'
)
SELECT organization_id::text || ' ' || hour, sum(conversations), sum(conversation_seconds), sum(messages_in), sum(messages_out),
  sum(rag_queries), sum(credits_spent) FROM counted GROUP BY 1
HAVING (sum(conversations), sum(conversation_seconds), sum(messages_in), sum(messages_out), sum(rag_queries), sum(credits_spent))
  <> (0, 0, 0, 0, 0, 0)
UNION ALL SELECT organization_id::text || ' ' || tenant_id, sum(documents), sum(bytes), 0, 0, 0, 0 FROM stored GROUP BY 1
HAVING (sum(documents), sum(bytes)) <> (0, 0)
"""


async def _receive(world: World, tenant: Tenant, chance: random.Random) -> None:
    """Up to five messages of up to three contacts, some of them for the second time."""
    address = f"{OTHERS}{chance.randrange(3)}"
    messages = [
        InboundMessage(account_id=tenant.account.id, external_id=f"m{chance.randrange(40)}", address=address, text="Oi")
        for _ in range(chance.randint(1, 5))
    ]
    await world.inbox.receive(messages)


async def _converse(world: World, tenant: Tenant, chance: random.Random) -> None:
    await _talk(world, tenant, Period(since=BEGIN, until=BEGIN + timedelta(days=1)), after=_after(chance))


async def _pay(world: World, tenant: Tenant, chance: random.Random) -> None:
    await _spend(world, tenant, Period(since=BEGIN, until=BEGIN + timedelta(days=1)), after=_after(chance))


def _after(chance: random.Random) -> timedelta:
    return timedelta(minutes=chance.randrange(300))


async def _change_times(world: World, tenant: Tenant, chance: random.Random) -> None:
    """Conversations end, end at another time, or have begun at another time."""
    change = chance.choice(
        (
            "closed_at = closed_at + interval '17.5 seconds'",
            "started_at = started_at - interval '3 seconds'",
            "started_at = NULL",
            "created_at = created_at - interval '50 minutes'",
            "status = 'closed', closed_at = now()",
            "last_seq = last_seq + 1",
        )
    )
    mine = f"tenant_id = $1 AND (contact_address LIKE '{OTHERS}%' OR closed_at IS NOT NULL)"
    some = f"SELECT id FROM conversation WHERE {mine} ORDER BY md5(id::text || $2) LIMIT 3 FOR UPDATE SKIP LOCKED"
    statement = f"UPDATE conversation SET {change} WHERE id IN ({some})"
    if change.startswith("closed_at"):
        statement += " AND closed_at IS NOT NULL"
    async with scoped(world.pool, tenant.scope) as connection:
        await connection.execute(statement, tenant.owner.tenant_id, str(chance.random()))


async def _ask(world: World, tenant: Tenant, chance: random.Random) -> None:
    async with world.begin(tenant.scope) as at:
        for turn_id in (None, world.ids.new()):
            answer = Answer(
                id=world.ids.new(),
                owner=tenant.owner,
                question="?",
                text="",
                outcome=Outcome.UNKNOWN,
                model="atende/extractive",
                tokens=1,
                cost=Credits(1),
                created_at=BEGIN + _after(chance),
                turn_id=turn_id,
            )
            await at.answers.add(answer)


async def _store(world: World, tenant: Tenant, chance: random.Random) -> None:
    """A document comes, and may grow or be deleted."""
    document = make_document(world, tenant)
    async with world.begin(tenant.scope) as at:
        await at.documents.add(document)
    if chance.random() < 0.5:
        document.status = chance.choice((DocumentStatus.DELETED, DocumentStatus.PROCESSED))
        document.size += chance.randrange(100)
        async with world.begin(tenant.scope) as at:
            await at.documents.save(document)


async def _process_again(world: World, tenant: Tenant, chance: random.Random) -> None:
    """All documents of a project at once."""
    async with scoped(world.pool, tenant.scope) as connection:
        await connection.execute(
            "UPDATE document SET size = size + 7 WHERE tenant_id = $1 AND status <> 'deleted'", tenant.owner.tenant_id
        )


async def _fail(world: World, tenant: Tenant, chance: random.Random) -> None:
    """What is rolled back was never used."""
    with contextlib.suppress(ZeroDivisionError):
        async with world.begin(tenant.scope) as at:
            await at.documents.add(make_document(world, tenant))
            raise ZeroDivisionError


async def _roll_up(world: World, tenant: Tenant, chance: random.Random) -> None:
    await PostgresUsageSums(world.pool).roll_up(chance.randint(1, 30))


OPERATIONS: tuple[Operation, ...] = (
    _receive,
    _converse,
    _pay,
    _change_times,
    _ask,
    _store,
    _process_again,
    _fail,
    _roll_up,
)


@pytest.mark.parametrize("seed", range(3))
async def test_the_counters_say_what_a_recount_says_at_every_moment(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant, seed: int
) -> None:
    running = True

    async def writer(number: int) -> None:
        chance = random.Random(f"{seed}/{number}")
        for _ in range(25):
            tenant = chance.choice((shop, branch, stranger))
            await chance.choice(OPERATIONS)(world, tenant, chance)

    async def observer() -> int:
        looks = 0
        while running:
            assert await world.admin.fetch(_DIFFERENCES) == []
            looks += 1
        return looks

    watching = asyncio.create_task(observer())
    try:
        await asyncio.gather(*(writer(number) for number in range(4)))
    finally:
        running = False
        looks = await watching
    assert looks > 3
    await RollUpUsage(PostgresUsageSums(world.pool))()
    assert await world.count("usage_change") == 0
    assert await world.admin.fetch(_DIFFERENCES) == []
    some = "SELECT id FROM document ORDER BY id LIMIT (SELECT count(*) / 2 FROM document)"
    await world.admin.execute(f"DELETE FROM document WHERE id IN ({some})")  # as the purge does
    assert await world.admin.fetch(_DIFFERENCES) == []
    assert await world.admin.fetchval("SELECT sum(messages_in) FROM usage_hour") > 10
    assert await world.admin.fetchval("SELECT sum(documents) FROM usage_storage") > 0


async def test_rolling_up_changes_no_report(world: World, shop: Tenant) -> None:
    period = Period(since=BEGIN, until=BEGIN + timedelta(days=1))
    sums = PostgresUsageSums(world.pool)
    for number in (1, 2, 3):
        await _work(world, shop, period)
        async with world.begin(shop.scope) as at:
            await at.documents.add(make_document(world, shop))
        reports, moved = [], 1
        while moved:
            async with world.begin(shop.whole) as at:
                reports.append(await at.usage.of(shop.owner.organization_id, period))
            moved = await sums.roll_up(2)
        assert len(reports) > 3
        assert len(set(map(repr, reports))) == 1
        assert reports[-1].conversations == reports[-1].documents == number


async def test_two_workers_may_roll_up_at_once(world: World, shop: Tenant) -> None:
    period = Period(since=BEGIN, until=BEGIN + timedelta(days=1))
    for _ in range(4):
        await _work(world, shop, period)
    sums = PostgresUsageSums(world.pool)
    while await world.count("usage_change"):
        await asyncio.gather(*(sums.roll_up(3) for _ in range(4)))
    assert await world.admin.fetch(_DIFFERENCES) == []


async def test_what_was_there_before_is_counted_by_the_migration(world: World, shop: Tenant, database: Urls) -> None:
    chance = random.Random(7)
    for operation in (_receive, _converse, _pay, _ask, _store, _store, _store, _roll_up) * 2:
        await operation(world, shop, chance)
    below = revisions(MIGRATIONS)[revisions(MIGRATIONS).index("0014") - 1]
    await downgrade(database.owner, MIGRATIONS, to=below)
    await migrate(database.owner, MIGRATIONS)
    assert await world.count("usage_change") == 0
    assert await world.admin.fetch(_DIFFERENCES) == []
    assert await world.count("usage_hour") > 1
    await _receive(world, shop, chance)
    assert await world.admin.fetch(_DIFFERENCES) == []
