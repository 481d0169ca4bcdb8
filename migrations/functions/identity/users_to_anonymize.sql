-- system: ids of accounts that were deleted long enough ago
CREATE OR REPLACE FUNCTION users_to_anonymize(p_before timestamptz, p_limit int)
RETURNS SETOF uuid
LANGUAGE sql STABLE
AS $$
SELECT id FROM user_account WHERE status = 'deleted' AND deleted_at < p_before ORDER BY deleted_at LIMIT p_limit
$$;
