"""Channel accounts are managed over the API: what their provider says of them, and permissions of their own."""

from migrations.functions import put, take_back
from migrations.sql import run

revision = "0024"
down_revision = "0023"

_PERMISSIONS = {
    "create": ("Connect numbers of channels.", ("owner", "admin")),
    "read": (
        "See connected numbers and their state, but not their secrets.",
        ("owner", "admin", "manager", "agent", "member", "viewer"),
    ),
    "update": (
        "Pause and check numbers, give them an agent, and replace their secrets.",
        ("owner", "admin", "manager"),
    ),
    "delete": ("Disconnect numbers.", ("owner", "admin")),
}


def upgrade() -> None:
    run(
        """
        ALTER TABLE channel_account ADD COLUMN name varchar(255), ADD COLUMN quality varchar(50),
          ADD COLUMN connection varchar(50) NOT NULL DEFAULT 'unchecked'
            CHECK (connection IN ('unchecked', 'connected', 'expired', 'refused')),
          ADD COLUMN connection_error text, ADD COLUMN checked_at timestamptz, ADD COLUMN last_inbound_at timestamptz,
          ADD COLUMN updated_at timestamptz, ADD COLUMN disconnected_at timestamptz;
        ALTER TABLE channel_account DROP CONSTRAINT channel_account_number;
        CREATE UNIQUE INDEX channel_account_number ON channel_account (kind, external_id) WHERE disconnected_at IS NULL;
        GRANT UPDATE ON channel_account TO atende_app;
        GRANT UPDATE (last_inbound_at) ON channel_account TO atende_system;
        """
    )
    _unforced("".join(_permission(action, *told) for action, told in _PERMISSIONS.items()))
    put(revision, "conversation/receive_messages")


def downgrade() -> None:
    take_back(revision, "conversation/receive_messages")
    _unforced(
        """
        DELETE FROM role_permission WHERE permission LIKE 'channels:%';
        DELETE FROM permission WHERE resource = 'channels';
        """
    )
    run(
        """
        DROP INDEX channel_account_number;
        ALTER TABLE channel_account ADD CONSTRAINT channel_account_number UNIQUE (kind, external_id);
        ALTER TABLE channel_account DROP COLUMN name, DROP COLUMN quality, DROP COLUMN connection, DROP COLUMN connection_error,
          DROP COLUMN checked_at, DROP COLUMN last_inbound_at, DROP COLUMN updated_at, DROP COLUMN disconnected_at;
        """
    )


def _unforced(statements: str) -> None:
    """Runs them as the owner of the tables, who is otherwise held by their policies too."""
    tables = ("permission", "role_permission")
    off, on = (
        "".join(f"ALTER TABLE {table} {how} ROW LEVEL SECURITY;" for table in tables) for how in ("NO FORCE", "FORCE")
    )
    run(off + statements + on)


def _permission(action: str, description: str, roles: tuple[str, ...]) -> str:
    granted = ", ".join(f"('{role}', 'channels:{action}')" for role in roles)
    return f"""
        INSERT INTO permission (name, resource, action, description)
          VALUES ('channels:{action}', 'channels', '{action}', '{description}');
        INSERT INTO role_permission (role, permission) VALUES {granted};
    """
