-- system: what channels bring; the tenant is that of the number
CREATE OR REPLACE FUNCTION receive_messages(
  p_accounts uuid[],
  p_ids uuid[],
  p_external text[],
  p_addresses text[],
  p_texts text[],
  p_kinds text[],
  p_names text[],
  p_at timestamptz[],
  p_opts text[],
  p_window interval,
  p_cap interval,
  p_limit interval,
  p_attempts int
)
RETURNS SETOF int
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE v arriving[]; v_new boolean;
BEGIN
  WITH item AS (
    SELECT i.n::int AS n, i.id, i.external_id, i.address, i.body, i.kind, i.name, i.at, i.opt, i.account_id,
           a.organization_id, a.project_id, a.tenant_id, a.kind AS channel, a.agent_id, a.external_id AS account
    FROM unnest(p_accounts, p_ids, p_external, p_addresses, p_texts, p_kinds, p_names, p_at, p_opts) WITH ORDINALITY
      AS i (account_id, id, external_id, address, body, kind, name, at, opt, n)
    JOIN channel_account a ON a.id = i.account_id
  ), fresh AS (
    INSERT INTO inbox (source, account, external_id, state)
    SELECT channel, account, external_id, 'received' FROM item ORDER BY channel, account, external_id, n
    ON CONFLICT DO NOTHING RETURNING source, account, external_id
  ), kept AS (
    SELECT DISTINCT ON (item.channel, item.account, item.external_id) item.*
    FROM item JOIN fresh ON fresh.source = item.channel AND fresh.account = item.account
      AND fresh.external_id = item.external_id
    ORDER BY item.channel, item.account, item.external_id, item.n
  )
  SELECT array_agg(ROW(n, id, external_id, kept.address, body, kept.kind, name, at, opt, account_id, kept.organization_id,
      project_id, kept.tenant_id, channel, agent_id, c.contact_id, NULL)::arriving) INTO v
    FROM kept LEFT JOIN contact_address c
      ON c.tenant_id = kept.tenant_id AND c.kind = kept.channel AND c.address = kept.address;
  IF v IS NULL THEN RETURN; END IF;

  IF EXISTS (SELECT 1 FROM unnest(v) a WHERE a.contact_id IS NULL) THEN
    WITH made AS (
      INSERT INTO contact_address (organization_id, tenant_id, kind, address, contact_id)
      SELECT organization_id, tenant_id, channel, address, id FROM (
        SELECT DISTINCT ON (tenant_id, channel, address) organization_id, tenant_id, channel, address, id
        FROM unnest(v) a WHERE a.contact_id IS NULL ORDER BY tenant_id, channel, address, n) one
      ON CONFLICT DO NOTHING RETURNING organization_id, tenant_id, contact_id)
    INSERT INTO contact (id, organization_id, tenant_id, name, created_at)
    SELECT made.contact_id, made.organization_id, made.tenant_id, a.name, now()
    FROM made JOIN unnest(v) a ON a.id = made.contact_id;

    SELECT array_agg(ROW(n, id, external_id, a.address, body, a.kind, name, at, opt, account_id, a.organization_id,
        project_id, a.tenant_id, channel, agent_id, c.contact_id, NULL)::arriving) INTO v
      FROM unnest(v) a
      JOIN contact_address c ON c.tenant_id = a.tenant_id AND c.kind = a.channel AND c.address = a.address;
  END IF;

  IF EXISTS (SELECT 1 FROM unnest(v) a WHERE a.opt IS NOT NULL) THEN
    UPDATE contact SET opted_out = (last.opt = 'out') FROM (
      SELECT DISTINCT ON (tenant_id, contact_id) tenant_id, contact_id, opt FROM unnest(v) a WHERE opt IS NOT NULL
      ORDER BY tenant_id, contact_id, at DESC, n DESC
    ) last WHERE contact.tenant_id = last.tenant_id AND contact.id = last.contact_id;
  END IF;

  LOOP
    WITH open AS MATERIALIZED (
      SELECT k.tenant_id, k.account_id, k.contact_id, c.id
      FROM (SELECT DISTINCT account_id, contact_id, tenant_id FROM unnest(v) a ORDER BY account_id, contact_id) k
      CROSS JOIN LATERAL (
        SELECT c.id FROM conversation c WHERE c.tenant_id = k.tenant_id AND c.channel_account_id = k.account_id
          AND c.contact_id = k.contact_id AND c.status IN ('pending', 'active', 'blocked') FOR UPDATE) c)
    SELECT array_agg(ROW(n, a.id, external_id, address, body, kind, name, at, opt, a.account_id, organization_id, project_id,
        a.tenant_id, channel, agent_id, a.contact_id, open.id)::arriving) INTO v
      FROM unnest(v) a
      LEFT JOIN open ON open.tenant_id = a.tenant_id AND open.account_id = a.account_id
        AND open.contact_id = a.contact_id;
    EXIT WHEN NOT EXISTS (SELECT 1 FROM unnest(v) a WHERE a.conversation_id IS NULL);

    INSERT INTO conversation (id, organization_id, project_id, tenant_id, channel_account_id, contact_id, contact_address,
        contact_name, agent_id, language, status, attendance, opted_out, last_seq, answered_seq, created_at, started_at, closure)
    SELECT one.id, one.organization_id, one.project_id, one.tenant_id, one.account_id, one.contact_id, one.address,
        coalesce(one.name, contact.name), one.agent_id, NULL, 'active', 'ai', contact.opted_out, 0, 0, now(), now(), '{}'
    FROM (SELECT DISTINCT ON (account_id, contact_id) a.* FROM unnest(v) a WHERE a.conversation_id IS NULL
          AND NOT EXISTS (SELECT 1 FROM conversation c WHERE c.tenant_id = a.tenant_id
            AND c.channel_account_id = a.account_id AND c.contact_id = a.contact_id
            AND c.status IN ('pending', 'active', 'blocked'))
          ORDER BY account_id, contact_id, n) one
    JOIN contact ON contact.tenant_id = one.tenant_id AND contact.id = one.contact_id
    ORDER BY one.account_id, one.contact_id
    ON CONFLICT DO NOTHING;
  END LOOP;

  WITH counted AS (
    SELECT conversation_id, count(*) AS added, max(name) AS name,
           (array_agg(opt ORDER BY at DESC, n DESC) FILTER (WHERE opt IS NOT NULL))[1] AS opt
    FROM unnest(v) a GROUP BY conversation_id
  ), grown AS (
    UPDATE conversation c SET last_seq = c.last_seq + counted.added, last_message_at = now(), last_customer_at = now(),
      status = CASE WHEN c.status = 'pending' THEN 'active' ELSE c.status END,
      opted_out = CASE counted.opt WHEN 'out' THEN true WHEN 'in' THEN false ELSE c.opted_out END,
      contact_name = coalesce(counted.name, c.contact_name)
    FROM counted WHERE c.id = counted.conversation_id
    RETURNING c.id, c.last_seq - counted.added AS base, c.status, c.attendance, c.opted_out
  ), written AS (
    INSERT INTO message (id, organization_id, tenant_id, conversation_id, channel_account_id, seq, direction, sender, kind,
      text, delivery, provider_message_id, provider_at, attempts, created_at)
    SELECT a.id, a.organization_id, a.tenant_id, a.conversation_id, a.account_id,
      grown.base + row_number() OVER (PARTITION BY a.conversation_id ORDER BY a.at, a.n),
      'inbound', 'contact', a.kind, a.body, 'received', a.external_id, a.at, 0, now()
    FROM unnest(v) a JOIN grown ON grown.id = a.conversation_id
    RETURNING conversation_id
  ), waiting AS (
    INSERT INTO job (organization_id, tenant_id, kind, payload, order_key, dedupe_key, run_at, time_limit, max_attempts)
    SELECT one.organization_id, one.tenant_id, 'turn', jsonb_build_object('conversation_id', one.conversation_id),
      'conv:' || one.conversation_id, 'turn:' || one.conversation_id, now() + p_window, p_limit, p_attempts
    FROM (SELECT DISTINCT organization_id, tenant_id, conversation_id FROM unnest(v) a WHERE kind <> 'reaction') one
    JOIN grown ON grown.id = one.conversation_id
      AND grown.status = 'active' AND grown.attendance = 'ai' AND NOT grown.opted_out
    ORDER BY one.conversation_id
    ON CONFLICT (dedupe_key) WHERE status = 'queued' AND dedupe_key IS NOT NULL
    DO UPDATE SET run_at = least(now() + p_window, job.created_at + p_cap)
    RETURNING xmax = 0 AS new)
  SELECT bool_or(new) INTO v_new FROM waiting;

  IF v_new THEN PERFORM pg_notify('atende_jobs', ''); END IF;
  RETURN QUERY SELECT n FROM unnest(v) a;
END
$$;
