-- system: locks the project of this transaction, so that it is not switched off meanwhile, and returns it
CREATE OR REPLACE FUNCTION pin_project()
RETURNS SETOF project
LANGUAGE plpgsql
AS $$
DECLARE v_tenant text := current_setting('app.current_tenant_id', true); v project;
BEGIN
  -- Whoever switches the project on or off holds this lock alone (project_switched, organization_switched).
  PERFORM pg_advisory_xact_lock_shared(63, hashtext(v_tenant));
  SELECT * INTO v FROM project p WHERE p.tenant_id = v_tenant
    AND p.organization_id = NULLIF(current_setting('app.current_organization_id', true), '')::uuid;
  IF NOT FOUND THEN RETURN; END IF;
  IF EXISTS (SELECT 1 FROM organization o WHERE o.id = v.organization_id AND o.deleted_at IS NOT NULL)
    THEN v.status := 'deleted'; END IF;
  RETURN NEXT v;
END
$$;
