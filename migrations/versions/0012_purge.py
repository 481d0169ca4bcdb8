"""What was deleted thirty days ago is removed: the content of projects, and the people and secrets of organizations."""

from migrations.walls import run, system_function, system_may

revision = "0012"
down_revision = "0011"

_WAIT = "interval '30 days'"
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
"""Children before their parents. The row of the project itself stays, for records name it."""
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
    run(
        system_function(
            "projects_to_purge(p_before timestamptz, p_limit int)",
            returns="TABLE (organization_id uuid, project_id uuid, tenant_id text)",
            volatility="STABLE",
            body="""
            SELECT due.organization_id, due.id, due.tenant_id FROM (
              SELECT p.organization_id, p.id, p.tenant_id, p.deleted_at FROM project p
                WHERE p.status = 'deleted' AND p.purged_at IS NULL AND p.deleted_at < p_before
              UNION
              SELECT p.organization_id, p.id, p.tenant_id, o.deleted_at FROM organization o JOIN project p ON p.organization_id = o.id
                WHERE o.deleted_at IS NOT NULL AND o.deleted_at < p_before AND p.purged_at IS NULL) due
            GROUP BY 1, 2, 3 ORDER BY min(due.deleted_at), due.id LIMIT p_limit
            """,
        )
    )
    run(
        system_function(
            "purge_project(p_project uuid, p_limit int)",
            returns="boolean",
            language="plpgsql",
            body=f"""
            DECLARE v project; v_whole boolean; v_table text; v_gone bigint; v_left bigint := p_limit;
            BEGIN
              SELECT * INTO v FROM project p WHERE p.id = p_project FOR UPDATE;
              IF NOT FOUND OR v.purged_at IS NOT NULL THEN RETURN true; END IF;
              v_whole := EXISTS (SELECT 1 FROM organization o WHERE o.id = v.organization_id AND o.deleted_at < now() - {_WAIT});
              IF NOT v_whole AND NOT coalesce(v.deleted_at < now() - {_WAIT}, false) THEN
                RAISE EXCEPTION 'project % is not due', p_project USING ERRCODE = 'check_violation', CONSTRAINT = 'project_not_due';
              END IF;
              DELETE FROM inbox WHERE ctid = ANY (ARRAY(
                SELECT i.ctid FROM channel_account c JOIN inbox i ON i.source = c.kind AND i.account = c.external_id
                WHERE c.organization_id = v.organization_id AND c.tenant_id = v.tenant_id LIMIT v_left));
              GET DIAGNOSTICS v_gone = ROW_COUNT;
              v_left := v_left - v_gone;
              FOREACH v_table IN ARRAY ARRAY['{"', '".join(_CONTENT)}'] LOOP
                IF v_left <= 0 THEN RETURN false; END IF;
                EXECUTE format('DELETE FROM %1$I WHERE ctid = ANY (ARRAY('
                  'SELECT ctid FROM %1$I WHERE organization_id = $1 AND tenant_id = $2 LIMIT $3))', v_table)
                  USING v.organization_id, v.tenant_id, v_left;
                GET DIAGNOSTICS v_gone = ROW_COUNT;
                v_left := v_left - v_gone;
              END LOOP;
              IF v_left <= 0 THEN RETURN false; END IF;
              UPDATE project SET status = 'deleted', deleted_at = coalesce(deleted_at, now()), name = 'deleted', description = '',
                configuration = '{{}}', created_by_user_id = NULL, purged_at = now() WHERE id = v.id;
              IF v_whole THEN
                {" ".join(f"DELETE FROM {table} WHERE organization_id = v.organization_id;" for table in _OF_ORGANIZATION)}
                UPDATE organization SET name = 'deleted', logo_url = NULL, settings = '{{}}', custom_limits = '{{}}'
                  WHERE id = v.organization_id;
              END IF;
              RETURN true;
            END
            """,
        )
    )


def downgrade() -> None:
    run("DROP FUNCTION purge_project; DROP FUNCTION projects_to_purge;")
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
