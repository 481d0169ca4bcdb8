-- system: pauses the jobs of a project that is switched off, and resumes them when it is switched on
--
-- Only jobs that are due now are paused here, by run_at = infinity. The others are paused when their time comes, by whoever claims
-- them, as are those that somebody is claiming at this moment.
CREATE OR REPLACE FUNCTION project_switched()
RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE v_tenants text[] := ARRAY[NEW.tenant_id];
BEGIN
  -- The lock that pin_project and claim_jobs share: this waits for whoever works in the project.
  PERFORM pg_advisory_xact_lock(63, hashtext(NEW.tenant_id));
  IF NEW.status <> 'active' THEN
    UPDATE job SET run_at = 'infinity', deadline = NULL, notified_at = NULL WHERE id IN (
      SELECT j.id FROM job j WHERE j.status = 'queued' AND j.run_at <= now() AND j.tenant_id = ANY (v_tenants)
      FOR UPDATE SKIP LOCKED);
  ELSIF NOT EXISTS (SELECT 1 FROM organization o WHERE o.id = NEW.organization_id AND o.deleted_at IS NOT NULL) THEN
    UPDATE job SET run_at = now() WHERE status = 'queued' AND run_at = 'infinity' AND tenant_id = ANY (v_tenants);
    PERFORM pg_notify('atende_jobs', '');
  END IF;
  RETURN NULL;
END
$$;
