-- system: as receive_messages
CREATE OR REPLACE FUNCTION report_deliveries(
  p_accounts uuid[],
  p_external text[],
  p_messages uuid[],
  p_deliveries text[],
  p_ranks int[],
  p_at timestamptz[],
  p_errors text[]
)
RETURNS SETOF int
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE r record; v_moved uuid;
BEGIN
  FOR r IN SELECT * FROM unnest(p_accounts, p_external, p_messages, p_deliveries, p_ranks, p_at, p_errors) WITH ORDINALITY
      AS i (account_id, external_id, message_id, delivery, rank, at, error, n) ORDER BY account_id, external_id, rank
  LOOP
    UPDATE message m SET delivery = r.delivery, error = r.error,
      provider_message_id = coalesce(m.provider_message_id, r.external_id),
      sent_at = CASE WHEN r.delivery = 'failed' THEN m.sent_at ELSE coalesce(m.sent_at, r.at, now()) END
    WHERE m.channel_account_id = r.account_id AND m.direction = 'outbound'
      AND m.tenant_id = (SELECT a.tenant_id FROM channel_account a WHERE a.id = r.account_id)
      AND (m.id = r.message_id OR m.provider_message_id = r.external_id)
      AND r.rank > CASE m.delivery WHEN 'sending' THEN 1 WHEN 'unknown' THEN 1 WHEN 'sent' THEN 2 WHEN 'failed' THEN 3
                                   WHEN 'delivered' THEN 4 WHEN 'read' THEN 5 ELSE 0 END
    RETURNING m.id INTO v_moved;
    CONTINUE WHEN NOT FOUND;
    RETURN NEXT r.n::int;
    IF r.delivery = 'failed' THEN
      INSERT INTO job (organization_id, tenant_id, kind, payload, max_attempts)
      SELECT m.organization_id, m.tenant_id, 'send.failed', jsonb_build_object('message_id', m.id), 4
      FROM message m WHERE m.id = v_moved;
      PERFORM pg_notify('atende_jobs', '');
    END IF;
  END LOOP;
END
$$;
