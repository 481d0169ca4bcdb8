"""Usage of organizations in PostgreSQL. Triggers count it (migrations/functions/*/usage_of_*.sql): nothing here counts messages."""

from uuid import UUID

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atende.core.conversation.usage import Period, Usage, UsageReports, UsageSums
from atende.core.kernel import Credits
from atende.outbound.postgres.constraints import database_errors

# What was rolled up and what was not yet, in one statement, so that all of it refers to the same moment.
_USAGE = text(
    """
    WITH used AS (
      SELECT coalesce(sum(conversations), 0) AS conversations, coalesce(sum(conversation_seconds), 0) AS seconds,
        coalesce(sum(messages_in), 0) AS came, coalesce(sum(messages_out), 0) AS went,
        coalesce(sum(rag_queries), 0) AS queries, coalesce(sum(credits_spent), 0) AS spent
      FROM (
        SELECT conversations, conversation_seconds, messages_in, messages_out, rag_queries, credits_spent FROM usage_hour
          WHERE organization_id = :organization AND hour >= :since AND hour < :until
        UNION ALL
        SELECT conversations, conversation_seconds, messages_in, messages_out, rag_queries, credits_spent FROM usage_change
          WHERE organization_id = :organization AND hour >= :since AND hour < :until) counted
    ), live AS (
      SELECT tenant_id FROM project WHERE organization_id = :organization AND deleted_at IS NULL
    ), stored AS (
      SELECT coalesce(sum(documents), 0) AS documents, coalesce(sum(bytes), 0) AS bytes
      FROM (
        SELECT tenant_id, documents, bytes FROM usage_storage WHERE organization_id = :organization
        UNION ALL
        SELECT tenant_id, documents, bytes FROM usage_change
          WHERE organization_id = :organization AND tenant_id IS NOT NULL) kept
      WHERE tenant_id IN (SELECT tenant_id FROM live)
    ), joined AS (
      SELECT count(*) AS members FROM membership JOIN user_account ON user_account.id = membership.user_id
      WHERE membership.organization_id = :organization AND membership.status = 'active'
        AND user_account.status IN ('active', 'pending_verification')
    )
    SELECT used.*, stored.*, joined.members, (SELECT count(*) FROM live) AS projects FROM used, stored, joined
    """
)


class PostgresUsageReports(UsageReports):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, organization_id: UUID, period: Period) -> Usage:
        asked = {"organization": organization_id, "since": period.since, "until": period.until}
        row = (await self._session.execute(_USAGE, asked)).one()
        return Usage(
            conversations=int(row.conversations),
            conversation_seconds=int(row.seconds),
            messages_in=int(row.came),
            messages_out=int(row.went),
            rag_queries=int(row.queries),
            documents=int(row.documents),
            storage_bytes=int(row.bytes),
            credits_spent=Credits(int(row.spent)),
            members=row.members,
            projects=row.projects,
        )


class PostgresUsageSums(UsageSums):
    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def roll_up(self, limit: int) -> int:
        with database_errors():
            return int(await self._pool.fetchval("SELECT roll_up_usage($1)", limit))
