-- system: moves the default from one tenant of the organization to another; it compares the organization itself
CREATE OR REPLACE FUNCTION make_default_project(p_id uuid)
RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
  v_organization uuid := NULLIF(current_setting('app.current_organization_id', true), '')::uuid;
BEGIN
  -- Locked before it is read, so that a deletion at this moment is waited for; in the order in which others lock several.
  PERFORM 1 FROM project WHERE organization_id = v_organization AND (id = p_id OR is_default) ORDER BY tenant_id FOR NO KEY UPDATE;
  IF NOT EXISTS (SELECT 1 FROM project WHERE id = p_id AND organization_id = v_organization AND deleted_at IS NULL) THEN
    RETURN false;
  END IF;
  UPDATE project SET is_default = false WHERE organization_id = v_organization AND is_default AND id <> p_id;
  UPDATE project SET is_default = true WHERE organization_id = v_organization AND id = p_id AND NOT is_default;
  RETURN true;
END
$$;
