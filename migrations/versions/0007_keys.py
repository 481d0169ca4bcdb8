"""API keys with limits and a last use; the customers' own keys at AI providers."""

from migrations.walls import PERSON, organization_table, run, system_function, system_may

revision = "0007"
down_revision = "0006"


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
          provider varchar(50) NOT NULL
            CHECK (provider IN ('freepik', 'replicate', 'openai', 'elevenlabs', 'runway', 'midjourney')),
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
    run(
        """
        DROP FUNCTION find_api_key;
        """
    )
    run(
        system_function(
            "find_api_key(p_hash bytea)",
            returns="SETOF api_key",
            volatility="STABLE",
            body="""
            SELECT k.* FROM api_key k JOIN organization o ON o.id = k.organization_id AND o.deleted_at IS NULL
            WHERE k.secret_hash = p_hash AND k.revoked_at IS NULL AND coalesce(k.expires_at > now(), true)
              AND (k.project_id IS NULL OR EXISTS (SELECT 1 FROM project p WHERE p.id = k.project_id AND p.deleted_at IS NULL))
            """,
        )
    )
    run(
        system_function(
            "touch_api_keys(p_ids uuid[], p_times timestamptz[])",
            returns="void",
            body="""
            WITH used AS (
              SELECT k.id, u.at FROM api_key k JOIN unnest(p_ids, p_times) AS u (id, at) ON k.id = u.id
              WHERE coalesce(k.last_used_at < u.at, true) ORDER BY k.id FOR UPDATE OF k SKIP LOCKED)
            UPDATE api_key SET last_used_at = used.at FROM used WHERE api_key.id = used.id
            """,
        )
    )
    run(
        system_function(
            "revoke_own_keys(p_at timestamptz)",
            returns="bigint",
            body=f"""
            WITH gone AS (
              UPDATE api_key SET revoked_at = p_at WHERE created_by = {PERSON} AND revoked_at IS NULL RETURNING id)
            SELECT count(*) FROM gone
            """,
        )
    )
    run("CREATE INDEX channel_account_key_version ON channel_account (substr(secrets, 1, 1))")
    run(
        system_function(
            "secrets_sealed_before(p_version int, p_after text, p_limit int)",
            returns="TABLE (place text, organization_id uuid, tenant_id text)",
            volatility="STABLE",
            body="""
            SELECT s.place COLLATE "C", s.organization_id, s.tenant_id FROM (
              SELECT 'channel_account/' || id AS place, organization_id, tenant_id::text
              FROM channel_account WHERE substr(secrets, 1, 1) < decode(lpad(to_hex(p_version), 2, '0'), 'hex')
              UNION ALL
              SELECT 'provider_key/' || organization_id || '/' || provider, organization_id, '*'
              FROM provider_key WHERE key_version < p_version) AS s (place, organization_id, tenant_id)
            WHERE s.place COLLATE "C" > p_after ORDER BY s.place COLLATE "C" LIMIT p_limit
            """,
        )
    )


def downgrade() -> None:
    run(
        """
        DROP FUNCTION secrets_sealed_before; DROP INDEX channel_account_key_version;
        DROP FUNCTION revoke_own_keys; DROP FUNCTION touch_api_keys; DROP TABLE provider_key;
        DROP FUNCTION find_api_key;
        REVOKE UPDATE (last_used_at, revoked_at) ON api_key FROM atende_system;
        DROP INDEX api_key_prefix;
        ALTER TABLE api_key DROP COLUMN created_by, DROP COLUMN hint, DROP COLUMN rate_limit_per_minute,
          DROP COLUMN rate_limit_per_day, DROP COLUMN last_used_at;
        """
    )
    run(
        system_function(
            "find_api_key(p_hash bytea)",
            returns="SETOF api_key",
            volatility="STABLE",
            body="SELECT * FROM api_key WHERE secret_hash = p_hash AND revoked_at IS NULL AND coalesce(expires_at > now(), true)",
        )
    )
