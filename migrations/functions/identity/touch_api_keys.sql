-- system: notes the last use of keys of any organization; keys that are locked at this moment are skipped
CREATE OR REPLACE FUNCTION touch_api_keys(p_ids uuid[], p_times timestamptz[])
RETURNS void
LANGUAGE sql
AS $$
WITH used AS (
  SELECT k.id, u.at FROM api_key k JOIN unnest(p_ids, p_times) AS u (id, at) ON k.id = u.id
  WHERE coalesce(k.last_used_at < u.at, true) ORDER BY k.id FOR UPDATE OF k SKIP LOCKED)
UPDATE api_key SET last_used_at = used.at FROM used WHERE api_key.id = used.id
$$;
