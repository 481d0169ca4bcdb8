-- system: projects of all organizations that were deleted before `p_before`, by themselves or with their organization
CREATE OR REPLACE FUNCTION projects_to_purge(p_before timestamptz, p_limit int)
RETURNS TABLE (organization_id uuid, project_id uuid, tenant_id text)
LANGUAGE sql STABLE
AS $$
SELECT due.organization_id, due.id, due.tenant_id FROM (
  SELECT p.organization_id, p.id, p.tenant_id, p.deleted_at FROM project p
    WHERE p.status = 'deleted' AND p.purged_at IS NULL AND p.deleted_at < p_before
  UNION
  SELECT p.organization_id, p.id, p.tenant_id, o.deleted_at FROM organization o JOIN project p ON p.organization_id = o.id
    WHERE o.deleted_at IS NOT NULL AND o.deleted_at < p_before AND p.purged_at IS NULL) due
GROUP BY 1, 2, 3 ORDER BY min(due.deleted_at), due.id LIMIT p_limit
$$;
