-- system: suspends or resumes the projects of a payer, whatever their tenant; it compares the organization itself
CREATE OR REPLACE FUNCTION suspend_paid_projects(p_payer uuid, p_suspend boolean, p_at timestamptz)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE v_tenant text; v_count bigint := 0;
BEGIN
  FOR v_tenant IN SELECT tenant_id FROM project WHERE billing_account_id = p_payer
    AND organization_id = NULLIF(current_setting('app.current_organization_id', true), '')::uuid
    AND CASE WHEN p_suspend THEN status IN ('active', 'inactive') ELSE status = 'suspended' END ORDER BY tenant_id
  LOOP
    UPDATE project SET status = CASE WHEN p_suspend THEN 'suspended' ELSE 'active' END, updated_at = p_at
    WHERE tenant_id = v_tenant
      AND CASE WHEN p_suspend THEN status IN ('active', 'inactive') ELSE status = 'suspended' END;
    IF FOUND THEN v_count := v_count + 1; END IF;
  END LOOP;
  RETURN v_count;
END
$$;
