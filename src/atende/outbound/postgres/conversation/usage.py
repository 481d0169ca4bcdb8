"""Usage reports of organizations in PostgreSQL."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atende.core.conversation.usage import Period, Usage, UsageReports
from atende.core.kernel import Credits

# Filters by tenant, because the indexes begin with it. One statement, so that all numbers refer to the same moment.
_USAGE = text(
    """
    WITH tenant AS (
      SELECT tenant_id, deleted_at FROM project WHERE organization_id = :organization
    ), opened AS (
      SELECT count(*) AS conversations, coalesce(sum(trunc(extract(epoch FROM closed_at - started_at))), 0) AS seconds
      FROM conversation WHERE organization_id = :organization AND tenant_id IN (SELECT tenant_id FROM tenant)
        AND created_at >= :since AND created_at < :until
    ), written AS (
      SELECT count(*) FILTER (WHERE direction = 'inbound') AS came, count(*) FILTER (WHERE direction = 'outbound') AS went
      FROM message WHERE organization_id = :organization AND tenant_id IN (SELECT tenant_id FROM tenant)
        AND created_at >= :since AND created_at < :until
    ), asked AS (
      SELECT count(*) AS queries
      FROM answer WHERE organization_id = :organization AND tenant_id IN (SELECT tenant_id FROM tenant)
        AND turn_id IS NULL AND created_at >= :since AND created_at < :until
    ), stored AS (
      SELECT count(*) AS documents, coalesce(sum(size), 0) AS bytes
      FROM document WHERE organization_id = :organization
        AND tenant_id IN (SELECT tenant_id FROM tenant WHERE deleted_at IS NULL) AND status <> 'deleted'
    ), paid AS (
      SELECT coalesce(sum(CASE kind WHEN 'capture' THEN amount ELSE -amount END), 0) AS spent
      FROM credit_entry WHERE organization_id = :organization AND kind IN ('capture', 'refund')
        AND at >= :since AND at < :until
    ), joined AS (
      SELECT count(*) AS members FROM membership JOIN user_account ON user_account.id = membership.user_id
      WHERE membership.organization_id = :organization AND membership.status = 'active'
        AND user_account.status IN ('active', 'pending_verification')
    )
    SELECT opened.conversations, opened.seconds, written.came, written.went, asked.queries, stored.documents, stored.bytes,
      paid.spent, joined.members, (SELECT count(*) FROM tenant WHERE deleted_at IS NULL) AS projects
    FROM opened, written, asked, stored, paid, joined
    """
)


class PostgresUsageReports(UsageReports):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, organization_id: UUID, period: Period) -> Usage:
        asked = {"organization": organization_id, "since": period.since, "until": period.until}
        row = (await self._session.execute(_USAGE, asked)).one()
        return Usage(
            conversations=row.conversations,
            conversation_seconds=int(row.seconds),
            messages_in=row.came,
            messages_out=row.went,
            rag_queries=row.queries,
            documents=row.documents,
            storage_bytes=int(row.bytes),
            credits_spent=Credits(int(row.spent)),
            members=row.members,
            projects=row.projects,
        )
