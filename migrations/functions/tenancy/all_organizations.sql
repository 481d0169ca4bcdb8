-- system: the operator lists all organizations
--
-- `counted` is how many there are, counted up to `p_counted`; it is there also where the page is empty.
CREATE OR REPLACE FUNCTION all_organizations(p_offset bigint, p_limit int, p_before uuid, p_counted bigint)
RETURNS TABLE (organization organization, counted bigint)
LANGUAGE sql STABLE
AS $$
SELECT o, c.counted FROM (
  SELECT count(*) AS counted FROM (
    SELECT FROM organization WHERE id <> '00000000-0000-0000-0000-000000000000' ORDER BY id DESC LIMIT p_counted) few) c
LEFT JOIN LATERAL (
  SELECT id FROM organization
  WHERE id <> '00000000-0000-0000-0000-000000000000' AND id < coalesce(p_before, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
  ORDER BY id DESC OFFSET p_offset LIMIT p_limit) k ON true
LEFT JOIN organization o ON o.id = k.id ORDER BY k.id DESC
$$;
