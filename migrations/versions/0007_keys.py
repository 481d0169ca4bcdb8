"""API keys with limits and a last use; the customers' own keys at AI providers."""

from migrations.functions import put, take_back
from migrations.row_level_security import organization_table, system_may
from migrations.sql import run

revision = "0007"
down_revision = "0006"

_FUNCTIONS = (
    "identity/touch_api_keys",
    "identity/revoke_own_keys",
    "identity/secrets_sealed_before",
)


def upgrade() -> None:
    run(
        """
        ALTER TABLE api_key
          ADD COLUMN created_by uuid REFERENCES user_account (id),
          ADD COLUMN hint varchar(20) NOT NULL DEFAULT '',
          ADD COLUMN rate_limit_per_minute int CHECK (rate_limit_per_minute > 0),
          ADD COLUMN rate_limit_per_day int CHECK (rate_limit_per_day > 0),
          ADD COLUMN last_used_at timestamptz;
        CREATE INDEX api_key_prefix ON api_key (prefix);
        CREATE INDEX api_key_created_by ON api_key (created_by);

        CREATE TABLE provider_key (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL REFERENCES organization (id),
          provider varchar(50) NOT NULL,
          encrypted_key text NOT NULL,
          key_version int NOT NULL,
          key_hint varchar(20) NOT NULL,
          is_active boolean NOT NULL DEFAULT true,
          is_valid boolean NOT NULL DEFAULT true,
          last_validated_at timestamptz,
          validation_error text,
          last_used_at timestamptz,
          total_requests bigint NOT NULL DEFAULT 0,
          created_at timestamptz NOT NULL,
          updated_at timestamptz NOT NULL,
          UNIQUE (organization_id, provider)
        );
        COMMENT ON COLUMN provider_key.encrypted_key IS 'v{key version}:{nonce}:{tag}:{ciphertext}, each in hex';
        CREATE INDEX provider_key_version ON provider_key (key_version);
        """
    )
    run(organization_table("provider_key", grants="SELECT, INSERT, UPDATE, DELETE"))
    run(system_may("provider_key", "SELECT"))
    run("GRANT UPDATE (last_used_at, revoked_at) ON api_key TO atende_system")
    run("CREATE INDEX channel_account_key_version ON channel_account (substr(secrets, 1, 1))")
    put(revision, *_FUNCTIONS)


def downgrade() -> None:
    take_back(revision, *_FUNCTIONS)
    run(
        """
        DROP INDEX channel_account_key_version;
        DROP TABLE provider_key;
        REVOKE UPDATE (last_used_at, revoked_at) ON api_key FROM atende_system;
        DROP INDEX api_key_prefix;
        ALTER TABLE api_key DROP COLUMN created_by, DROP COLUMN hint, DROP COLUMN rate_limit_per_minute,
          DROP COLUMN rate_limit_per_day, DROP COLUMN last_used_at;
        """
    )
