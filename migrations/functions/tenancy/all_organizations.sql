-- system: the operator lists all organizations
CREATE OR REPLACE FUNCTION all_organizations(p_offset bigint, p_limit int, p_before uuid)
RETURNS TABLE (organization organization, total bigint)
LANGUAGE sql STABLE
AS $$
SELECT o, c.total FROM (SELECT count(*) AS total FROM organization WHERE id <> '00000000-0000-0000-0000-000000000000') c
LEFT JOIN LATERAL (
  SELECT id FROM organization WHERE id <> '00000000-0000-0000-0000-000000000000' AND (p_before IS NULL OR id < p_before)
  ORDER BY id DESC OFFSET p_offset LIMIT p_limit) k ON true
LEFT JOIN organization o ON o.id = k.id ORDER BY k.id DESC
$$;
