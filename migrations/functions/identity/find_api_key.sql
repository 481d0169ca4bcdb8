-- system: a key by its digest, before the organization is known
CREATE OR REPLACE FUNCTION find_api_key(p_hash bytea)
RETURNS SETOF api_key
LANGUAGE sql STABLE
AS $$
SELECT k.* FROM api_key k JOIN organization o ON o.id = k.organization_id AND o.deleted_at IS NULL
WHERE k.secret_hash = p_hash AND k.revoked_at IS NULL AND coalesce(k.expires_at > now(), true)
  AND (k.project_id IS NULL OR EXISTS (SELECT 1 FROM project p WHERE p.id = k.project_id AND p.deleted_at IS NULL))
$$;
