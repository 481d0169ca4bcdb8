-- system: finds due jobs of all tenants
--
-- Takes up to `p_limit` jobs for `p_worker`: first those whose lease has expired, then queued ones, the oldest first.
-- With `p_only`, only those among these ids.
--
-- A job is paused while its project is not active or its organization is deleted: two looks at indexes of those alone. The
-- condition is written out each time, for PostgreSQL would not inline a function with subqueries.
CREATE OR REPLACE FUNCTION claim_jobs(p_worker text, p_limit int, p_lease interval, p_only bigint[])
RETURNS TABLE (
  id bigint,
  organization_id uuid,
  tenant_id text,
  kind text,
  payload jsonb,
  lease_token bigint,
  attempts int,
  max_attempts int,
  created_at timestamptz,
  expired boolean
)
LANGUAGE plpgsql
-- Jobs are taken from the front of the index job_ready: a plan made while the table was small must not read and sort all due jobs.
SET enable_sort = off
SET enable_bitmapscan = off
SET enable_seqscan = off
-- It is made once for each connection: planning for every claim took as long as claiming.
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE v_ids bigint[]; v_more bigint[]; v_lost bigint; v_since timestamptz; v_alone boolean := false;
  v_paused bigint[]; v_also bigint[]; v_tenants text[];
BEGIN
  IF EXISTS (SELECT 1 FROM job j WHERE j.worker = p_worker AND j.status = 'running' AND j.alone AND j.lease_until >= now())
    THEN RETURN; END IF;
  -- Another round when all that was found is paused; at most so many, for a claim must end.
  FOR v_round IN 1..20 LOOP
    IF p_only IS NULL THEN
      SELECT array_agg(c.id) FILTER (WHERE NOT c.paused AND c.attempts < 2),
          min(c.id) FILTER (WHERE NOT c.paused AND c.attempts >= 2),
          min(c.lease_until) FILTER (WHERE NOT c.paused AND c.attempts >= 2),
          array_agg(c.id) FILTER (WHERE c.paused) INTO v_ids, v_lost, v_since, v_paused FROM (
        SELECT k.*, (EXISTS (SELECT 1 FROM project WHERE project.tenant_id = k.tenant_id AND project.status <> 'active')
          OR EXISTS (SELECT 1 FROM organization WHERE organization.id = k.organization_id AND organization.deleted_at IS NOT NULL)
        ) AS paused FROM (
          SELECT j.id, j.attempts, j.lease_until, j.organization_id, j.tenant_id FROM job j
          WHERE j.status = 'running' AND j.lease_until < now() LIMIT p_limit FOR UPDATE SKIP LOCKED) k) c;
      SELECT array_agg(c.id) FILTER (WHERE NOT c.paused), array_agg(c.id) FILTER (WHERE c.paused) INTO v_more, v_also FROM (
        SELECT k.id, (EXISTS (SELECT 1 FROM project WHERE project.tenant_id = k.tenant_id AND project.status <> 'active')
          OR EXISTS (SELECT 1 FROM organization WHERE organization.id = k.organization_id AND organization.deleted_at IS NOT NULL)
        ) AS paused FROM (
          SELECT j.id, j.organization_id, j.tenant_id FROM job j
          WHERE j.status = 'queued' AND j.run_at <= now() AND (j.order_key IS NULL OR j.id = (
            SELECT o.id FROM job o WHERE o.order_key = j.order_key AND o.status IN ('queued', 'running')
            ORDER BY o.id LIMIT 1))
          ORDER BY j.run_at LIMIT p_limit - coalesce(cardinality(v_ids), 0) FOR UPDATE SKIP LOCKED) k) c;
      v_paused := v_paused || v_also;
    ELSE
      SELECT array_agg(c.id) FILTER (WHERE NOT c.paused AND (c.status = 'queued' OR c.attempts < 2)),
          min(c.id) FILTER (WHERE NOT c.paused AND c.status = 'running' AND c.attempts >= 2),
          min(c.lease_until) FILTER (WHERE NOT c.paused AND c.status = 'running' AND c.attempts >= 2),
          array_agg(c.id) FILTER (WHERE c.paused) INTO v_ids, v_lost, v_since, v_paused FROM (
        SELECT k.*, (EXISTS (SELECT 1 FROM project WHERE project.tenant_id = k.tenant_id AND project.status <> 'active')
          OR EXISTS (SELECT 1 FROM organization WHERE organization.id = k.organization_id AND organization.deleted_at IS NOT NULL)
        ) AS paused FROM (
          SELECT j.id, j.status, j.attempts, j.lease_until, j.organization_id, j.tenant_id FROM job j
          WHERE j.id = ANY (p_only)
            AND ((j.status = 'queued' AND j.run_at <= now() AND (j.order_key IS NULL OR j.id = (
                SELECT o.id FROM job o WHERE o.order_key = j.order_key AND o.status IN ('queued', 'running')
                ORDER BY o.id LIMIT 1)))
              OR (j.status = 'running' AND j.lease_until < now()))
          LIMIT p_limit FOR UPDATE SKIP LOCKED) k) c;
    END IF;
    EXIT WHEN v_paused IS NULL;
    -- Jobs of a project that is not active are set aside until it is active again, so that they are looked at once and not at every claim.
    -- Under its lock, and looked at again with it: it may wake in this very moment, and would not see what we set aside.
    SELECT array_agg(t.tenant_id) INTO v_tenants FROM (
      SELECT DISTINCT j.tenant_id FROM job j WHERE j.id = ANY (v_paused)) t
    WHERE pg_try_advisory_xact_lock_shared(63, hashtext(t.tenant_id));
    UPDATE job SET status = 'queued', run_at = 'infinity', deadline = NULL, lease_until = NULL, notified_at = NULL,
      dedupe_key = CASE WHEN job.status = 'queued' THEN job.dedupe_key END
    WHERE job.id = ANY (v_paused) AND job.tenant_id = ANY (v_tenants)
      AND (EXISTS (SELECT 1 FROM project WHERE project.tenant_id = job.tenant_id AND project.status <> 'active')
        OR EXISTS (SELECT 1 FROM organization WHERE organization.id = job.organization_id AND organization.deleted_at IS NOT NULL));
    EXIT WHEN NOT FOUND;
  END LOOP;
  -- A job that was lost twice may be what kills its workers. It is given to one that runs nothing else, which gets nothing
  -- else until it ends; who is busy takes nothing new once it has waited for a whole lease, so that somebody gets free.
  IF v_lost IS NOT NULL THEN
    IF NOT EXISTS (SELECT 1 FROM job j WHERE j.worker = p_worker AND j.status = 'running' AND j.lease_until >= now()) THEN
      v_ids := ARRAY[v_lost]; v_more := NULL; v_alone := true;
    ELSIF v_since < now() - p_lease THEN
      RETURN;
    END IF;
  END IF;
  IF v_ids IS NULL AND v_more IS NULL THEN RETURN; END IF;
  RETURN QUERY UPDATE job SET
      status = 'running', attempts = job.attempts + 1, lease_token = job.lease_token + 1,
      lease_until = clock_timestamp() + p_lease, worker = p_worker, notified_at = NULL,
      deadline = coalesce(job.deadline, now() + job.time_limit), alone = v_alone
    WHERE job.id = ANY (v_ids || v_more)
    RETURNING job.id, job.organization_id, job.tenant_id, job.kind, job.payload, job.lease_token, job.attempts,
      job.max_attempts, job.created_at, coalesce(job.deadline < now(), false);
END
$$;
