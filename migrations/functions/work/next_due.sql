-- system: seconds until the next job of any tenant is due, below 0 when one is; NULL when none waits
CREATE OR REPLACE FUNCTION next_due()
RETURNS float8
LANGUAGE sql STABLE
AS $$
SELECT extract(epoch FROM min(run_at) - clock_timestamp()) FROM job WHERE status = 'queued' AND run_at < 'infinity'
$$;
