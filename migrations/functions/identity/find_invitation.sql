-- system: an invitation by the id in its link, before the person is known
CREATE OR REPLACE FUNCTION find_invitation(p_id uuid)
RETURNS SETOF invitation
LANGUAGE sql STABLE
AS $$
SELECT i.* FROM invitation i JOIN organization o ON o.id = i.organization_id AND o.deleted_at IS NULL WHERE i.id = p_id
$$;
