"""A courtesy after the end is kept with the conversation that ended."""

from alembic import op

from migrations.functions import put, take_back

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX conversation_ended ON conversation (tenant_id, channel_account_id, contact_id, closed_at)"
        " WHERE status = 'closed'"
    )
    put(revision, "conversation/receive_messages")


def downgrade() -> None:
    take_back(revision, "conversation/receive_messages")
    op.execute("DROP INDEX conversation_ended")
