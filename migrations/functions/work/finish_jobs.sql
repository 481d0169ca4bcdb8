-- system: marks jobs as done, of any tenant, whose lease still holds
CREATE OR REPLACE FUNCTION finish_jobs(p_ids bigint[], p_tokens bigint[])
RETURNS SETOF bigint
LANGUAGE plpgsql
-- One plan for each connection, which takes job after job by its key, whatever the table looked like when it was made.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
BEGIN
  RETURN QUERY UPDATE job SET status = 'done', finished_at = now(), lease_until = NULL
  FROM unnest(p_ids, p_tokens) AS held (id, token)
  WHERE job.id = held.id AND job.lease_token = held.token AND job.status = 'running' RETURNING job.id;
END
$$;
