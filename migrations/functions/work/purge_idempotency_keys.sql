-- system: removes old keys of all organizations
--
-- Never one that is younger than 24 hours (`KEPT` of core/work/idempotency.py, and a test holds the two equal), whatever is asked.
CREATE OR REPLACE FUNCTION purge_idempotency_keys(p_before timestamptz)
RETURNS bigint
LANGUAGE sql
AS $$
WITH gone AS (
  DELETE FROM idempotency_key WHERE created_at < least(p_before, now() - interval '24 hours') RETURNING 1)
SELECT count(*) FROM gone
$$;
