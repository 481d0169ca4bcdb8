"""Projects that rest: what is waiting for them is set aside, and goes on when they wake."""

from migrations.walls import TENANT_LOCK, run, system_function

revision = "0010"
down_revision = "0009"

_ASIDE = """
UPDATE job SET run_at = 'infinity', deadline = NULL, notified_at = NULL WHERE id IN (
  SELECT j.id FROM job j WHERE j.status = 'queued' AND j.run_at <= now() AND j.tenant_id = ANY (v_tenants) FOR UPDATE SKIP LOCKED);
"""
"""What is due now; the rest when its time comes, by whoever claims it. What somebody claims in this moment is found to rest later."""
_AGAIN = """
UPDATE job SET run_at = now() WHERE status = 'queued' AND run_at = 'infinity' AND tenant_id = ANY (v_tenants);
PERFORM pg_notify('atende_jobs', '');
"""


def upgrade() -> None:
    run(
        """
        CREATE INDEX organization_resting ON organization (id) WHERE deleted_at IS NOT NULL;
        ALTER TABLE project ADD CONSTRAINT project_platform_works
          CHECK (id <> '00000000-0000-0000-0000-000000000000' OR status = 'active');
        """
    )
    run(
        system_function(
            "pin_project()",
            returns="SETOF project",
            language="plpgsql",
            body=f"""
            DECLARE v_tenant text := current_setting('app.current_tenant_id', true); v project;
            BEGIN
              PERFORM pg_advisory_xact_lock_shared({TENANT_LOCK % "v_tenant"});
              SELECT * INTO v FROM project p WHERE p.tenant_id = v_tenant
                AND p.organization_id = NULLIF(current_setting('app.current_organization_id', true), '')::uuid;
              IF NOT FOUND THEN RETURN; END IF;
              IF EXISTS (SELECT 1 FROM organization o WHERE o.id = v.organization_id AND o.deleted_at IS NOT NULL)
                THEN v.status := 'deleted'; END IF;
              RETURN NEXT v;
            END
            """,
        )
    )
    run(
        system_function(
            "project_switched()",
            returns="trigger",
            language="plpgsql",
            body=f"""
            DECLARE v_tenants text[] := ARRAY[NEW.tenant_id];
            BEGIN
              PERFORM pg_advisory_xact_lock({TENANT_LOCK % "NEW.tenant_id"});
              IF NEW.status <> 'active' THEN
                {_ASIDE}
              ELSIF NOT EXISTS (SELECT 1 FROM organization o WHERE o.id = NEW.organization_id AND o.deleted_at IS NOT NULL) THEN
                {_AGAIN}
              END IF;
              RETURN NULL;
            END
            """,
        )
    )
    run(
        system_function(
            "organization_switched()",
            returns="trigger",
            language="plpgsql",
            body=f"""
            DECLARE v_tenants text[];
            BEGIN
              PERFORM pg_advisory_xact_lock({TENANT_LOCK % "p.tenant_id"}) FROM (
                SELECT tenant_id FROM project WHERE organization_id = NEW.id ORDER BY tenant_id) p;
              SELECT array_agg(tenant_id) INTO v_tenants FROM project WHERE organization_id = NEW.id AND status = 'active';
              IF NEW.deleted_at IS NOT NULL THEN
                {_ASIDE}
              ELSE
                {_AGAIN}
              END IF;
              RETURN NULL;
            END
            """,
        )
    )
    run(
        """
        CREATE TRIGGER project_switched AFTER UPDATE OF status ON project FOR EACH ROW
          WHEN ((OLD.status = 'active') <> (NEW.status = 'active')) EXECUTE FUNCTION project_switched();
        CREATE TRIGGER organization_switched AFTER UPDATE OF deleted_at ON organization FOR EACH ROW
          WHEN ((OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)) EXECUTE FUNCTION organization_switched();
        """
    )


def downgrade() -> None:
    run(
        """
        DROP TRIGGER organization_switched ON organization; DROP TRIGGER project_switched ON project;
        DROP FUNCTION organization_switched; DROP FUNCTION project_switched; DROP FUNCTION pin_project;
        ALTER TABLE project DROP CONSTRAINT project_platform_works;
        DROP INDEX organization_resting;
        """
    )
