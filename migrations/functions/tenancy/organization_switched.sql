-- system: pauses the jobs of all projects of an organization that is deleted, and resumes them when it is restored
--
-- Only jobs that are due now are paused here, by run_at = infinity. The others are paused when their time comes, by whoever claims
-- them, as are those that somebody is claiming at this moment.
CREATE OR REPLACE FUNCTION organization_switched()
RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE v_tenants text[];
BEGIN
  -- The lock that pin_project and claim_jobs share: this waits for whoever works in the projects.
  PERFORM pg_advisory_xact_lock(63, hashtext(p.tenant_id)) FROM (
    SELECT tenant_id FROM project WHERE organization_id = NEW.id ORDER BY tenant_id) p;
  SELECT array_agg(tenant_id) INTO v_tenants FROM project WHERE organization_id = NEW.id AND status = 'active';
  IF NEW.deleted_at IS NOT NULL THEN
    UPDATE job SET run_at = 'infinity', deadline = NULL, notified_at = NULL WHERE id IN (
      SELECT j.id FROM job j WHERE j.status = 'queued' AND j.run_at <= now() AND j.tenant_id = ANY (v_tenants)
      FOR UPDATE SKIP LOCKED);
  ELSE
    UPDATE job SET run_at = now() WHERE status = 'queued' AND run_at = 'infinity' AND tenant_id = ANY (v_tenants);
    PERFORM pg_notify('atende_jobs', '');
  END IF;
  RETURN NULL;
END
$$;
