-- Finishes the job of a reply that was sent, and moves the message to `sent`, for this tenant: one call, one transaction.
--
-- False, and nothing is written, when the claim of the job (`p_token`) was lost. `p_before`: the states that `sent` comes after;
-- whatever else was reported meanwhile stays. Workers are woken when a job waited for this one.
CREATE OR REPLACE FUNCTION note_sent(
  p_organization uuid,
  p_tenant text,
  p_job bigint,
  p_token bigint,
  p_message uuid,
  p_provider_message_id text,
  p_at timestamptz,
  p_before text[]
)
RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE v_order_key text;
BEGIN
  PERFORM set_config('app.current_organization_id', p_organization::text, true),
    set_config('app.current_tenant_id', p_tenant, true);
  UPDATE job SET status = 'done', finished_at = now(), lease_until = NULL
  WHERE id = p_job AND tenant_id = p_tenant AND lease_token = p_token AND status = 'running'
  RETURNING order_key INTO v_order_key;
  IF NOT FOUND THEN RETURN false; END IF;
  IF EXISTS (SELECT 1 FROM job next WHERE next.order_key = v_order_key AND next.status = 'queued') THEN
    PERFORM pg_notify('atende_jobs', '');
  END IF;
  UPDATE message SET provider_message_id = coalesce(provider_message_id, p_provider_message_id),
    delivery = CASE WHEN delivery = ANY (p_before) THEN 'sent' ELSE delivery END,
    error = CASE WHEN delivery = ANY (p_before) THEN NULL ELSE error END,
    sent_at = CASE WHEN delivery = ANY (p_before) THEN coalesce(sent_at, p_at) ELSE sent_at END
  WHERE organization_id = p_organization AND tenant_id = p_tenant AND id = p_message;
  RETURN true;
END
$$;
