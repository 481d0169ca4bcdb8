"""What was deleted thirty days ago is removed: the content of projects, and the people and secrets of organizations."""

from migrations.functions import put, take_back
from migrations.row_level_security import system_may
from migrations.sql import run

revision = "0012"
down_revision = "0011"

_FUNCTIONS = ("tenancy/projects_to_purge", "tenancy/purge_project")
_CONTENT = (
    "citation",
    "message",
    "handoff",
    "turn",
    "answer",
    "conversation",
    "contact_address",
    "contact",
    "passage",
    "lexeme",
    "chunk",
    "document",
    "channel_account",
    "agent",
    "model_call",
    "job",
    "feature",
)
"""What purge_project removes."""
_POLICED = ("channel_account", "contact", "contact_address", "conversation", "job", "lexeme", "message", "passage")
"""Tables that the named functions may see already."""
_OF_ORGANIZATION = ("provider_key", "invitation", "membership")


def upgrade() -> None:
    run("ALTER TABLE project ADD COLUMN purged_at timestamptz")
    for table in _CONTENT:
        run(f"GRANT DELETE ON {table} TO atende_system" if table in _POLICED else system_may(table, "SELECT, DELETE"))
    run(
        f"""
        GRANT DELETE ON inbox, {", ".join(_OF_ORGANIZATION)} TO atende_system;
        GRANT INSERT, UPDATE ON lexeme TO atende_system;
        GRANT UPDATE (deleted_at, name, description, configuration, created_by_user_id, purged_at) ON project TO atende_system;
        GRANT UPDATE (name, logo_url, settings, custom_limits) ON organization TO atende_system;
        """
    )
    put(revision, *_FUNCTIONS)


def downgrade() -> None:
    take_back(revision, *_FUNCTIONS)
    for table in _CONTENT:
        if table not in _POLICED:
            run(f"DROP POLICY {table}_system ON {table}; REVOKE SELECT ON {table} FROM atende_system;")
        run(f"REVOKE DELETE ON {table} FROM atende_system")
    run(
        f"""
        REVOKE DELETE ON inbox, {", ".join(_OF_ORGANIZATION)} FROM atende_system;
        REVOKE INSERT, UPDATE ON lexeme FROM atende_system;
        REVOKE UPDATE (deleted_at, name, description, configuration, created_by_user_id) ON project FROM atende_system;
        REVOKE UPDATE (name, logo_url, settings, custom_limits) ON organization FROM atende_system;
        ALTER TABLE project DROP COLUMN purged_at;
        """
    )
