-- system: counts the projects of the organization of this transaction, not of its tenant alone
CREATE OR REPLACE FUNCTION count_live_projects()
RETURNS bigint
LANGUAGE sql
AS $$
SELECT count(*) FROM project
WHERE organization_id = NULLIF(current_setting('app.current_organization_id', true), '')::uuid
  AND deleted_at IS NULL
$$;
