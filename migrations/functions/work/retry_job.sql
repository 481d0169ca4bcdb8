-- system: puts a job back that its worker could not do, of any tenant
CREATE OR REPLACE FUNCTION retry_job(p_id bigint, p_token bigint, p_delay interval, p_error text, p_counts boolean)
RETURNS boolean
LANGUAGE sql
AS $$
WITH put_back AS (
  UPDATE job SET status = 'queued', run_at = now() + p_delay, dedupe_key = NULL, lease_until = NULL,
    last_error = coalesce(p_error, last_error), attempts = attempts - CASE WHEN p_counts THEN 0 ELSE 1 END,
    deadline = CASE WHEN p_counts OR attempts > 1 THEN deadline END
  WHERE id = p_id AND lease_token = p_token AND status = 'running' RETURNING id)
SELECT count(*) = 1 FROM (SELECT id, pg_notify('atende_jobs', '') FROM put_back) AS woken
$$;
