-- system: the keys that the person of this transaction created, in every organization
CREATE OR REPLACE FUNCTION revoke_own_keys(p_at timestamptz)
RETURNS bigint
LANGUAGE sql
AS $$
WITH gone AS (
  UPDATE api_key SET revoked_at = p_at WHERE created_by = (SELECT NULLIF(current_setting('app.current_user_id', true), '')::uuid)
    AND revoked_at IS NULL RETURNING id)
SELECT count(*) FROM gone
$$;
