-- system: extends the leases of the jobs of one worker, of any tenant; it never waits for a lock
CREATE OR REPLACE FUNCTION extend_leases(p_ids bigint[], p_tokens bigint[], p_lease interval)
RETURNS SETOF bigint
LANGUAGE sql
AS $$
WITH ours AS (
  SELECT j.id FROM job j JOIN unnest(p_ids, p_tokens) AS held (id, token) ON j.id = held.id
  WHERE j.lease_token = held.token AND j.status = 'running' ORDER BY j.id FOR UPDATE OF j SKIP LOCKED)
UPDATE job SET lease_until = clock_timestamp() + p_lease FROM ours WHERE job.id = ours.id RETURNING job.id
$$;
