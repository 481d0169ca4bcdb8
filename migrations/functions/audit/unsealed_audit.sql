-- system: the oldest unsealed records of all organizations, for the sealer
CREATE OR REPLACE FUNCTION unsealed_audit(p_limit int)
RETURNS SETOF audit_log
LANGUAGE sql STABLE
AS $$
SELECT a.* FROM audit_log a JOIN audit_unsealed u ON u.record_id = a.id ORDER BY a.id LIMIT p_limit
$$;
