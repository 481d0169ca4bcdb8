-- system: names of organizations and tenants are public, whoever owns them
CREATE OR REPLACE FUNCTION names_taken(p_slugs text[])
RETURNS SETOF text
LANGUAGE sql STABLE
AS $$
SELECT slug::text FROM organization WHERE slug = ANY (p_slugs) AND deleted_at IS NULL
UNION SELECT tenant_id FROM project WHERE tenant_id = ANY (p_slugs)
$$;
