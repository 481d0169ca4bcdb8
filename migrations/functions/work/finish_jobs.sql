-- system: marks jobs as done, of any tenant, whose lease still holds
CREATE OR REPLACE FUNCTION finish_jobs(p_ids bigint[], p_tokens bigint[])
RETURNS SETOF bigint
LANGUAGE sql
AS $$
UPDATE job SET status = 'done', finished_at = now(), lease_until = NULL
FROM unnest(p_ids, p_tokens) AS held (id, token)
WHERE job.id = held.id AND job.lease_token = held.token AND job.status = 'running' RETURNING job.id
$$;
