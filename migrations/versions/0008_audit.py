"""What was done, by whom, sealed in a chain; calls that may be repeated; calls that are counted."""

from migrations.walls import organization_table, platform_table, run, system_function, system_may

revision = "0008"
down_revision = "0007"


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
    run(platform_table("audit_unsealed", grants="SELECT", rule="false"))
    run("REVOKE SELECT ON audit_unsealed FROM atende_app;")
    run(system_may("audit_unsealed", "SELECT, INSERT, DELETE"))
    run(organization_table("idempotency_key", grants="SELECT, INSERT, UPDATE, DELETE"))
    run(platform_table("rate_limit", grants="SELECT, INSERT, UPDATE, DELETE"))
    run(system_may("audit_log", "SELECT"))
    run(system_may("audit_seal", "SELECT, INSERT"))
    run(system_may("idempotency_key", "SELECT, DELETE"))
    run(
        system_function(
            "unsealed_audit(p_limit int)",
            returns="SETOF audit_log",
            volatility="STABLE",
            body="""
            SELECT a.* FROM audit_log a JOIN audit_unsealed u ON u.record_id = a.id ORDER BY a.id LIMIT p_limit
            """,
        )
    )
    run(
        system_function(
            "audit_heads(p_organizations uuid[])",
            returns="TABLE (organization_id uuid, seq bigint, hash bytea)",
            volatility="STABLE",
            body="""
            SELECT o.id, h.seq, h.hash FROM unnest(p_organizations) AS o (id)
            CROSS JOIN LATERAL (SELECT s.seq, s.hash FROM audit_seal s WHERE s.organization_id = o.id ORDER BY s.seq DESC LIMIT 1) h
            """,
        )
    )
    run(
        system_function(
            "seal_audit(p_organizations uuid[], p_seqs bigint[], p_records uuid[], p_hashes bytea[])",
            returns="void",
            language="plpgsql",
            body="""
            BEGIN
              INSERT INTO audit_seal (organization_id, seq, record_id, hash)
              SELECT * FROM unnest(p_organizations, p_seqs, p_records, p_hashes);
              IF EXISTS (
                SELECT 1 FROM unnest(p_organizations, p_seqs, p_records) AS s (organization_id, seq, record_id)
                WHERE NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.id = s.record_id AND a.organization_id = s.organization_id)
                  OR s.seq > 1 AND NOT EXISTS (
                    SELECT 1 FROM audit_seal b WHERE b.organization_id = s.organization_id AND b.seq = s.seq - 1))
              THEN
                RAISE EXCEPTION 'a seal is the next one of its chain, over a record of the same organization'
                  USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_seal_follows';
              END IF;
              DELETE FROM audit_unsealed WHERE record_id = ANY (p_records);
            END
            """,
        )
    )
    # The sealer must not look through all that was ever sealed to find what is new.
    run(
        system_function(
            "note_unsealed_audit()",
            returns="trigger",
            language="plpgsql",
            body="BEGIN INSERT INTO audit_unsealed (record_id) VALUES (NEW.id); RETURN NULL; END",
        )
    )
    run(
        "CREATE TRIGGER audit_log_unsealed AFTER INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION note_unsealed_audit();"
    )
    run(
        system_function(
            "audited_organizations()",
            returns="SETOF uuid",
            volatility="STABLE",
            body="SELECT organization_id FROM audit_log UNION SELECT organization_id FROM audit_seal",
        )
    )
    run(
        system_function(
            "purge_idempotency_keys(p_before timestamptz)",
            returns="bigint",
            body="""
            WITH gone AS (
              DELETE FROM idempotency_key WHERE created_at < least(p_before, now() - interval '24 hours') RETURNING 1)
            SELECT count(*) FROM gone
            """,
        )
    )


def downgrade() -> None:
    run(
        """
        DROP FUNCTION purge_idempotency_keys; DROP FUNCTION audited_organizations; DROP FUNCTION seal_audit;
        DROP FUNCTION audit_heads; DROP FUNCTION unsealed_audit;
        DROP TABLE rate_limit, idempotency_key, audit_unsealed, audit_seal, audit_log;
        DROP FUNCTION note_unsealed_audit;
        """
    )
