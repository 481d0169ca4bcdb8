-- system: ids of due jobs of all tenants whose wake-up was not sent in the last 5 seconds; marks it as sent
CREATE OR REPLACE FUNCTION sweep_jobs(p_limit int)
RETURNS SETOF bigint
LANGUAGE sql
-- As in claim_jobs: from the front of the index job_ready, whatever the table looked like when the plan was made.
SET enable_sort = off
SET enable_bitmapscan = off
SET enable_seqscan = off
AS $$
WITH expired AS (
  SELECT j.id FROM job j WHERE j.status = 'running' AND j.lease_until < now() LIMIT p_limit FOR UPDATE SKIP LOCKED
), ready AS (
  SELECT j.id FROM job j WHERE j.status = 'queued' AND j.run_at <= now()
    AND (j.notified_at IS NULL OR j.notified_at < now() - interval '5 s')
    AND (j.order_key IS NULL OR j.id = (
      SELECT o.id FROM job o WHERE o.order_key = j.order_key AND o.status IN ('queued', 'running')
      ORDER BY o.id LIMIT 1))
  ORDER BY j.run_at LIMIT p_limit - (SELECT count(*) FROM expired) FOR UPDATE SKIP LOCKED
), due AS (SELECT id FROM expired UNION ALL SELECT id FROM ready)
UPDATE job SET notified_at = now() FROM due WHERE job.id = due.id RETURNING job.id
$$;
