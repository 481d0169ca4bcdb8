"""Payers that are suspended, and the projects that rest with them."""

from migrations.walls import run, system_function, system_may

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run(
        """
        CREATE INDEX project_payer ON project (billing_account_id);
        GRANT UPDATE (status, updated_at) ON project TO atende_system;
        """
    )
    run(system_may("billing_account", "SELECT"))
    run(
        system_function(
            "find_payer(p_id uuid)",
            returns="uuid",
            volatility="STABLE",
            body="""
            SELECT organization_id FROM billing_account
            WHERE id = p_id AND organization_id <> '00000000-0000-0000-0000-000000000000'
            """,
        )
    )
    run(
        system_function(
            "rest_paid_projects(p_payer uuid, p_rest boolean, p_at timestamptz)",
            returns="bigint",
            language="plpgsql",
            body="""
            DECLARE v_tenant text; v_count bigint := 0;
            BEGIN
              FOR v_tenant IN SELECT tenant_id FROM project WHERE billing_account_id = p_payer
                AND organization_id = NULLIF(current_setting('app.current_organization_id', true), '')::uuid
                AND CASE WHEN p_rest THEN status IN ('active', 'inactive') ELSE status = 'suspended' END ORDER BY tenant_id
              LOOP
                UPDATE project SET status = CASE WHEN p_rest THEN 'suspended' ELSE 'active' END, updated_at = p_at
                WHERE tenant_id = v_tenant
                  AND CASE WHEN p_rest THEN status IN ('active', 'inactive') ELSE status = 'suspended' END;
                IF FOUND THEN v_count := v_count + 1; END IF;
              END LOOP;
              RETURN v_count;
            END
            """,
        )
    )


def downgrade() -> None:
    run(
        """
        DROP FUNCTION rest_paid_projects; DROP FUNCTION find_payer;
        DROP POLICY billing_account_system ON billing_account; REVOKE SELECT ON billing_account FROM atende_system;
        REVOKE UPDATE (status, updated_at) ON project FROM atende_system;
        DROP INDEX project_payer;
        """
    )
