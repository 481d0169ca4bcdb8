-- system: moves messages forward as their channels report, for the tenant of each channel account
--
-- Returns the positions (from 1) of the reports that moved a message. A message that turns out to have failed gets a job that
-- makes it good.
--
-- p_items: a JSON array of `DeliveryReport` (core/conversation/channel.py). p_ranks: the rank of each delivery state; a message
-- only moves to a higher one. p_failed: the state that needs the job, which the other parameters describe.
CREATE OR REPLACE FUNCTION report_deliveries(
  p_items jsonb,
  p_ranks jsonb,
  p_failed text,
  p_kind text,
  p_max_attempts int,
  p_time_limit interval
)
RETURNS SETOF int
LANGUAGE plpgsql
-- As in receive_messages: plans that are made once, and use indexes whatever the tables looked like then.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE r record; v_moved uuid;
BEGIN
  -- In one order, so that two calls cannot wait for each other in a circle; and the lowest rank first, so that each report counts.
  FOR r IN SELECT i.n, i.content, (i.content ->> 'account_id')::uuid AS account_id,
      i.content ->> 'provider_message_id' AS external_id, i.content ->> 'delivery' AS delivery,
      (p_ranks ->> (i.content ->> 'delivery'))::int AS rank
    FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i (content, n) ORDER BY account_id, external_id, rank
  LOOP
    UPDATE message m SET delivery = r.delivery, error = r.content ->> 'error',
      provider_message_id = coalesce(m.provider_message_id, r.external_id),
      sent_at = CASE WHEN r.delivery = p_failed THEN m.sent_at
                     ELSE coalesce(m.sent_at, (r.content ->> 'at')::timestamptz, now()) END
    WHERE m.channel_account_id = r.account_id AND m.direction = 'outbound'
      AND m.tenant_id = (SELECT a.tenant_id FROM channel_account a WHERE a.id = r.account_id)
      AND (m.id = (r.content ->> 'message_id')::uuid OR m.provider_message_id = r.external_id)
      AND r.rank > (p_ranks ->> m.delivery)::int
    RETURNING m.id INTO v_moved;
    CONTINUE WHEN NOT FOUND;
    RETURN NEXT r.n::int;
    IF r.delivery = p_failed THEN
      INSERT INTO job (organization_id, tenant_id, kind, payload, max_attempts, time_limit)
      SELECT m.organization_id, m.tenant_id, p_kind, jsonb_build_object('message_id', m.id), p_max_attempts, p_time_limit
      FROM message m WHERE m.id = v_moved;
      PERFORM pg_notify('atende_jobs', '');
    END IF;
  END LOOP;
END
$$;
