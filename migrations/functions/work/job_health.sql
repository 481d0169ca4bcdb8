-- system: figures over the jobs of all tenants
CREATE OR REPLACE FUNCTION job_health()
RETURNS TABLE (
  next_due_seconds float8,
  oldest_ready_seconds float8,
  expired_lease_seconds float8,
  dead bigint
)
LANGUAGE sql STABLE
AS $$
SELECT
  (SELECT extract(epoch FROM min(run_at) - clock_timestamp()) FROM job WHERE status = 'queued' AND run_at < 'infinity'),
  (SELECT greatest(extract(epoch FROM clock_timestamp() - min(run_at)), 0) FROM job
    WHERE status = 'queued' AND run_at < 'infinity'),
  (SELECT greatest(extract(epoch FROM clock_timestamp() - min(lease_until)), 0) FROM job WHERE status = 'running'),
  (SELECT count(*) FROM job WHERE status = 'dead')
$$;
