"""What was done, by whom, sealed in a chain; calls that may be repeated; calls that are counted."""

from migrations.functions import put, take_back
from migrations.row_level_security import organization_table, platform_table, system_may
from migrations.sql import run

revision = "0008"
down_revision = "0007"

_FUNCTIONS = (
    "audit/unsealed_audit",
    "audit/audit_heads",
    "audit/seal_audit",
    "audit/note_unsealed_audit",
    "audit/audited_organizations",
    "work/purge_idempotency_keys",
)


def upgrade() -> None:
    run(
        """
        CREATE TABLE audit_log (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL REFERENCES organization (id),
          tenant_id text COLLATE "C",
          actor_kind varchar(50) NOT NULL CHECK (actor_kind IN ('user', 'key', 'system', 'anonymous')),
          actor_id uuid,
          action varchar(100) NOT NULL,
          resource_type varchar(100) NOT NULL,
          resource_id varchar(255) NOT NULL,
          description text NOT NULL DEFAULT '',
          old_values jsonb,
          new_values jsonb,
          ip_address varchar(64) NOT NULL DEFAULT '',
          user_agent varchar(500) NOT NULL DEFAULT '',
          request_id varchar(100) NOT NULL DEFAULT '',
          status varchar(50) NOT NULL DEFAULT 'success' CHECK (status IN ('success', 'failure', 'error')),
          error_message text NOT NULL DEFAULT '',
          idempotency_id uuid CONSTRAINT audit_log_idempotency UNIQUE,
          created_at timestamptz NOT NULL
        );
        CREATE INDEX audit_log_organization ON audit_log (organization_id, id DESC);
        CREATE INDEX audit_log_actor ON audit_log (organization_id, actor_id, id DESC);
        CREATE INDEX audit_log_action ON audit_log (organization_id, action, id DESC);
        CREATE INDEX audit_log_resource ON audit_log (organization_id, resource_type, resource_id);

        CREATE TABLE audit_seal (
          organization_id uuid NOT NULL REFERENCES organization (id),
          seq bigint NOT NULL CHECK (seq > 0),
          record_id uuid NOT NULL UNIQUE,
          hash bytea NOT NULL CHECK (length(hash) = 32),
          sealed_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (organization_id, seq)
        );

        CREATE TABLE audit_unsealed (record_id uuid PRIMARY KEY);

        CREATE TABLE idempotency_key (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL REFERENCES organization (id),
          key_hash bytea NOT NULL CHECK (length(key_hash) = 32),
          request_hash bytea NOT NULL CHECK (length(request_hash) = 32),
          created_at timestamptz NOT NULL,
          leased_until timestamptz NOT NULL,
          status smallint,
          headers jsonb,
          body bytea,
          UNIQUE (organization_id, key_hash)
        );
        CREATE INDEX idempotency_key_age ON idempotency_key (created_at);

        CREATE UNLOGGED TABLE rate_limit (
          identifier_type varchar(50) NOT NULL,
          identifier varchar(255) NOT NULL,
          window_start timestamptz NOT NULL,
          window_size_seconds int NOT NULL,
          request_count int NOT NULL DEFAULT 1,
          max_requests int NOT NULL,
          PRIMARY KEY (identifier_type, identifier, window_size_seconds, window_start)
        ) WITH (fillfactor = 70);
        CREATE INDEX rate_limit_age ON rate_limit (window_start);
        """
    )
    run(organization_table("audit_log", grants="SELECT, INSERT"))
    run(organization_table("audit_seal", grants="SELECT"))
    run(platform_table("audit_unsealed", grants="", rule="false"))
    run(system_may("audit_unsealed", "SELECT, INSERT, DELETE"))
    run(organization_table("idempotency_key", grants="SELECT, INSERT, UPDATE, DELETE"))
    run(platform_table("rate_limit", grants="SELECT, INSERT, UPDATE, DELETE"))
    run(system_may("audit_log", "SELECT"))
    run(system_may("audit_seal", "SELECT, INSERT"))
    run(system_may("idempotency_key", "SELECT, DELETE"))
    put(revision, *_FUNCTIONS)
    run(
        "CREATE TRIGGER audit_log_unsealed AFTER INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION note_unsealed_audit();"
    )


def downgrade() -> None:
    take_back(revision, *(name for name in _FUNCTIONS if name != "audit/note_unsealed_audit"))
    run("DROP TABLE rate_limit, idempotency_key, audit_unsealed, audit_seal, audit_log;")
    take_back(revision, "audit/note_unsealed_audit")
