"""Usage is counted where it is written, so that a report reads sums instead of messages."""

from migrations.functions import put, take_back
from migrations.row_level_security import organization_table, system_may, tenant_table
from migrations.sql import run

revision = "0014"
down_revision = "0013"

_FUNCTIONS = (
    "conversation/usage_of_conversations",
    "conversation/usage_of_messages",
    "conversation/roll_up_usage",
    "knowledge/usage_of_questions",
    "knowledge/usage_of_documents",
    "credits/usage_of_credits",
)
_COUNTED = ("conversation", "message", "answer", "credit_entry", "document")
_FIGURES = "conversations, conversation_seconds, messages_in, messages_out, rag_queries, credits_spent"


def upgrade() -> None:
    run(
        """
        CREATE TABLE usage_hour (
          organization_id uuid NOT NULL REFERENCES organization (id),
          hour timestamptz NOT NULL,
          conversations bigint NOT NULL,
          conversation_seconds bigint NOT NULL,
          messages_in bigint NOT NULL,
          messages_out bigint NOT NULL,
          rag_queries bigint NOT NULL,
          credits_spent bigint NOT NULL,
          PRIMARY KEY (organization_id, hour)
        ) WITH (fillfactor = 70);

        CREATE TABLE usage_storage (
          organization_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          documents bigint NOT NULL,
          bytes bigint NOT NULL,
          PRIMARY KEY (organization_id, tenant_id),
          FOREIGN KEY (organization_id, tenant_id) REFERENCES project (organization_id, tenant_id)
        ) WITH (fillfactor = 70);

        -- No key and no reference: rows are only added, so that nobody who works waits for anybody else, and soon rolled up.
        CREATE TABLE usage_change (
          organization_id uuid NOT NULL,
          tenant_id text COLLATE "C",
          hour timestamptz NOT NULL,
          conversations bigint NOT NULL DEFAULT 0,
          conversation_seconds bigint NOT NULL DEFAULT 0,
          messages_in bigint NOT NULL DEFAULT 0,
          messages_out bigint NOT NULL DEFAULT 0,
          rag_queries bigint NOT NULL DEFAULT 0,
          credits_spent bigint NOT NULL DEFAULT 0,
          documents bigint NOT NULL DEFAULT 0,
          bytes bigint NOT NULL DEFAULT 0
        );
        COMMENT ON COLUMN usage_change.tenant_id IS 'of documents only';
        CREATE INDEX usage_change_organization ON usage_change (organization_id);
        """
    )
    put(revision, *_FUNCTIONS)
    _count_from_now_on()
    _count_until_now()
    run(organization_table("usage_hour", grants="SELECT"))
    run(tenant_table("usage_storage", grants="SELECT"))
    run(organization_table("usage_change", grants="SELECT"))
    run(system_may("usage_hour", "SELECT, INSERT, UPDATE"))
    run(system_may("usage_storage", "SELECT, INSERT, UPDATE"))
    run(system_may("usage_change", "SELECT, INSERT, DELETE"))


def _count_from_now_on() -> None:
    """These triggers lock their tables against writing until the revision ends, so nothing is counted twice or left out."""
    run(
        """
        CREATE TRIGGER conversation_used AFTER INSERT ON conversation REFERENCING NEW TABLE AS added
          FOR EACH STATEMENT EXECUTE FUNCTION usage_of_conversations();
        CREATE TRIGGER conversation_took AFTER UPDATE ON conversation FOR EACH ROW
          WHEN ((OLD.created_at, OLD.started_at, OLD.closed_at) IS DISTINCT FROM (NEW.created_at, NEW.started_at, NEW.closed_at))
          EXECUTE FUNCTION usage_of_conversations();
        CREATE TRIGGER message_used AFTER INSERT ON message REFERENCING NEW TABLE AS added
          FOR EACH STATEMENT EXECUTE FUNCTION usage_of_messages();
        CREATE TRIGGER answer_used AFTER INSERT ON answer FOR EACH ROW
          WHEN (NEW.turn_id IS NULL) EXECUTE FUNCTION usage_of_questions();
        CREATE TRIGGER credit_entry_used AFTER INSERT ON credit_entry FOR EACH ROW
          WHEN (NEW.kind IN ('capture', 'refund')) EXECUTE FUNCTION usage_of_credits();
        CREATE TRIGGER document_added AFTER INSERT ON document REFERENCING NEW TABLE AS added
          FOR EACH STATEMENT EXECUTE FUNCTION usage_of_documents();
        CREATE TRIGGER document_changed AFTER UPDATE ON document REFERENCING OLD TABLE AS removed NEW TABLE AS added
          FOR EACH STATEMENT EXECUTE FUNCTION usage_of_documents();
        CREATE TRIGGER document_removed AFTER DELETE ON document REFERENCING OLD TABLE AS removed
          FOR EACH STATEMENT EXECUTE FUNCTION usage_of_documents();
        """
    )


def _count_until_now() -> None:
    """The owner of the tables sees their rows only while row-level security is not forced on it."""
    for table in _COUNTED:
        run(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    run(
        f"""
        INSERT INTO usage_hour (organization_id, hour, {_FIGURES})
        SELECT organization_id, date_trunc('hour', at, 'UTC'), sum(a), sum(b), sum(c), sum(d), sum(e), sum(f) FROM (
          SELECT organization_id, created_at, 1, coalesce(trunc(extract(epoch FROM closed_at - started_at)), 0), 0, 0, 0, 0
            FROM conversation
          UNION ALL SELECT organization_id, created_at, 0, 0, (direction = 'inbound')::int, (direction = 'outbound')::int, 0, 0
            FROM message
          UNION ALL SELECT organization_id, created_at, 0, 0, 0, 0, 1, 0 FROM answer WHERE turn_id IS NULL
          UNION ALL SELECT organization_id, at, 0, 0, 0, 0, 0, CASE kind WHEN 'capture' THEN amount ELSE -amount END
            FROM credit_entry WHERE kind IN ('capture', 'refund')
        ) AS counted (organization_id, at, a, b, c, d, e, f) GROUP BY 1, 2;
        INSERT INTO usage_storage (organization_id, tenant_id, documents, bytes)
        SELECT organization_id, tenant_id, count(*), sum(size) FROM document WHERE status <> 'deleted' GROUP BY 1, 2;
        """
    )
    for table in _COUNTED:
        run(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    run(
        """
        DROP TRIGGER conversation_used ON conversation; DROP TRIGGER conversation_took ON conversation;
        DROP TRIGGER message_used ON message; DROP TRIGGER answer_used ON answer; DROP TRIGGER credit_entry_used ON credit_entry;
        DROP TRIGGER document_added ON document; DROP TRIGGER document_changed ON document;
        DROP TRIGGER document_removed ON document;
        """
    )
    take_back(revision, *_FUNCTIONS)
    run("DROP TABLE usage_change, usage_storage, usage_hour;")
