-- system: the operator reads organizations by id
CREATE OR REPLACE FUNCTION organizations_named(p_ids uuid[])
RETURNS SETOF organization
LANGUAGE sql STABLE
AS $$
SELECT * FROM organization WHERE id = ANY (p_ids)
$$;
