-- system: stores what channels bring, for the tenant of each channel account, which nobody knows before
--
-- Stores the inbox row, the contact, the open conversation and the message of every item, and queues the turns that answer them.
-- Returns the positions (from 1) of the items that were new.
--
-- p_items: a JSON array of `InboundMessage` (core/conversation/channel.py). A new field of it arrives in `content` by itself, and
-- is named once, where messages are inserted. p_ids: a new id for each item.
-- p_window, p_cap: how long a turn waits for more messages after the last one, and after the first one.
-- p_silent: kinds of messages that ask for no answer. The others describe the job of a turn; the keys are prefixes of the
-- conversation's id.
--
-- All rows are locked in one order (account, contact), so that two calls cannot wait for each other in a circle.
CREATE OR REPLACE FUNCTION receive_messages(
  p_items jsonb,
  p_ids uuid[],
  p_window interval,
  p_cap interval,
  p_silent text[],
  p_kind text,
  p_max_attempts int,
  p_time_limit interval,
  p_order_key text,
  p_dedupe_key text
)
RETURNS SETOF int
LANGUAGE plpgsql
-- Planning took longer than the work: the plans of a connection are made once and kept, for one item as for hundreds. So they must be
-- right for tables of any size, empty ones too. Tables are therefore read row by row and from an index alone: by LATERAL
-- subqueries, which are never turned into a join that reads a whole table, and by the address of a row that is locked.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
  v_items arriving[];
  v_contacts uuid[];       -- of the item at the same place
  v_conversations uuid[];  -- likewise
  v_rows tid[];            -- where the row of that conversation is, which stays there while it is locked
  v_new boolean;
  v_written bigint;
BEGIN
  -- The inbox keeps out what was received before, at any time and in this call.
  WITH item AS (
    SELECT i.n::int AS n, i.id, i.content, i.content ->> 'external_id' AS external_id, a.id AS account_id, a.organization_id,
      a.project_id, a.tenant_id, a.kind AS channel, a.agent_id, a.external_id AS account
    FROM ROWS FROM (jsonb_array_elements(p_items), unnest(p_ids)) WITH ORDINALITY AS i (content, id, n)
    CROSS JOIN LATERAL (SELECT * FROM channel_account WHERE id = (i.content ->> 'account_id')::uuid LIMIT 1) a
  ), fresh AS (
    INSERT INTO inbox (source, account, external_id, state)
    SELECT channel, account, external_id, 'received' FROM item ORDER BY channel, account, external_id, n
    ON CONFLICT DO NOTHING RETURNING source, account, external_id
  ), kept AS (
    SELECT DISTINCT ON (item.channel, item.account, item.external_id) item.*
    FROM item JOIN fresh ON fresh.source = item.channel AND fresh.account = item.account AND fresh.external_id = item.external_id
    ORDER BY item.channel, item.account, item.external_id, item.n
  ), placed AS (
    SELECT ROW(row_number() OVER (), n, id, content, content ->> 'address', content ->> 'contact_name',
      (content ->> 'provider_at')::timestamptz, content ->> 'opt', account_id, organization_id, project_id, tenant_id, channel,
      agent_id)::arriving AS a
    FROM kept
  )
  SELECT array_agg(a ORDER BY (a).place), array_agg(c.contact_id ORDER BY (a).place) INTO v_items, v_contacts
  FROM placed LEFT JOIN LATERAL (SELECT contact_id FROM contact_address
    WHERE tenant_id = (a).tenant_id AND kind = (a).channel AND address = (a).address LIMIT 1) c ON true;
  IF v_items IS NULL THEN RETURN; END IF;

  -- When each number last received something, noted once a minute; whoever else is noting it does it for all.
  UPDATE channel_account SET last_inbound_at = now() FROM (SELECT DISTINCT account_id FROM unnest(v_items)) k
  CROSS JOIN LATERAL (SELECT c.ctid FROM channel_account c WHERE c.id = k.account_id
    AND coalesce(c.last_inbound_at < now() - interval '1 minute', true) FOR NO KEY UPDATE SKIP LOCKED) c
  WHERE channel_account.ctid = c.ctid;

  -- A new contact takes the id of its first message. Somebody else may create it at the same time: then that one is taken.
  IF array_position(v_contacts, NULL) IS NOT NULL THEN
    WITH made AS (
      INSERT INTO contact_address (organization_id, tenant_id, kind, address, contact_id)
      SELECT organization_id, tenant_id, channel, address, id FROM (
        SELECT DISTINCT ON (tenant_id, channel, address) organization_id, tenant_id, channel, address, id
        FROM unnest(v_items) a WHERE v_contacts[a.place] IS NULL ORDER BY tenant_id, channel, address, n) one
      ON CONFLICT DO NOTHING RETURNING organization_id, tenant_id, contact_id)
    INSERT INTO contact (id, organization_id, tenant_id, name, created_at)
    SELECT made.contact_id, made.organization_id, made.tenant_id, a.name, now()
    FROM made JOIN unnest(v_items) a ON a.id = made.contact_id;

    SELECT array_agg(c.contact_id ORDER BY a.place) INTO v_contacts
    FROM unnest(v_items) a CROSS JOIN LATERAL (SELECT contact_id FROM contact_address
      WHERE tenant_id = a.tenant_id AND kind = a.channel AND address = a.address LIMIT 1) c;
  END IF;

  -- The last wish counts, in the order in which the messages are numbered below.
  IF EXISTS (SELECT 1 FROM unnest(v_items) a WHERE a.opt IS NOT NULL) THEN
    UPDATE contact SET opted_out = (last.opt = 'out') FROM (
      SELECT DISTINCT ON (tenant_id, v_contacts[a.place]) tenant_id, v_contacts[a.place] AS contact_id, opt
      FROM unnest(v_items) a WHERE opt IS NOT NULL ORDER BY tenant_id, v_contacts[a.place], at DESC, n DESC
    ) last CROSS JOIN LATERAL (
      SELECT c.ctid FROM contact c WHERE c.tenant_id = last.tenant_id AND c.id = last.contact_id FOR UPDATE) c
    WHERE contact.ctid = c.ctid;
  END IF;

  -- The open conversation of each contact is locked, or the ended one that a courtesy belongs to. Where there is none it is created and looked for again: somebody else may have
  -- created or closed one in the meantime.
  LOOP
    WITH open AS MATERIALIZED (
      SELECT k.tenant_id, k.account_id, k.contact_id, c.id, c.ctid AS place
      FROM (SELECT DISTINCT account_id, v_contacts[a.place] AS contact_id, tenant_id FROM unnest(v_items) a
            ORDER BY account_id, contact_id) k
      CROSS JOIN LATERAL (
        SELECT c.id, c.ctid FROM conversation c WHERE c.tenant_id = k.tenant_id AND c.channel_account_id = k.account_id
          AND c.contact_id = k.contact_id AND c.status IN ('pending', 'active', 'blocked') FOR UPDATE) c
    ), ended AS MATERIALIZED (
      -- Nothing but courtesies came, and no conversation is open: they belong to the one that ended last.
      SELECT k.tenant_id, k.account_id, k.contact_id, c.id, c.ctid AS place
      FROM (SELECT account_id, v_contacts[a.place] AS contact_id, tenant_id,
                   min((content ->> 'courtesy_for')::int) AS seconds
            FROM unnest(v_items) a GROUP BY account_id, contact_id, tenant_id
            HAVING bool_and(content ->> 'courtesy_for' IS NOT NULL)
            ORDER BY account_id, contact_id) k
      CROSS JOIN LATERAL (
        SELECT c.id, c.ctid FROM conversation c WHERE c.tenant_id = k.tenant_id AND c.channel_account_id = k.account_id
          AND c.contact_id = k.contact_id AND c.status = 'closed' AND c.closed_at > now() - make_interval(secs => k.seconds)
          ORDER BY c.closed_at DESC LIMIT 1 FOR UPDATE) c
      WHERE NOT EXISTS (SELECT 1 FROM open WHERE open.account_id = k.account_id AND open.contact_id = k.contact_id)
    ), taken AS (SELECT * FROM open UNION ALL SELECT * FROM ended)
    SELECT array_agg(taken.id ORDER BY a.place), array_agg(taken.place ORDER BY a.place) INTO v_conversations, v_rows
      FROM unnest(v_items) a
      LEFT JOIN taken ON taken.tenant_id = a.tenant_id AND taken.account_id = a.account_id
        AND taken.contact_id = v_contacts[a.place];
    EXIT WHEN array_position(v_conversations, NULL) IS NULL;

    INSERT INTO conversation (id, organization_id, project_id, tenant_id, channel_account_id, contact_id, contact_address,
        contact_name, agent_id, language, status, attendance, opted_out, last_seq, answered_seq, created_at, started_at, closure)
    SELECT one.id, one.organization_id, one.project_id, one.tenant_id, one.account_id, one.contact_id, one.address,
        coalesce(one.name, contact.name), one.agent_id, NULL, 'active', 'ai', contact.opted_out, 0, 0, now(), now(), '{}'
    FROM (SELECT DISTINCT ON (account_id, v_contacts[a.place]) a.*, v_contacts[a.place] AS contact_id FROM unnest(v_items) a
          WHERE v_conversations[a.place] IS NULL ORDER BY account_id, v_contacts[a.place], n) one
    CROSS JOIN LATERAL (
      SELECT * FROM contact c WHERE c.tenant_id = one.tenant_id AND c.id = one.contact_id LIMIT 1) contact
    ORDER BY one.account_id, one.contact_id
    ON CONFLICT DO NOTHING;
  END LOOP;

  WITH item AS (
    SELECT a.*, v_conversations[a.place] AS conversation_id FROM unnest(v_items) a
  ), counted AS (
    SELECT conversation_id, min(v_rows[item.place]) AS place, count(*) AS added, max(name) AS name,
           (array_agg(opt ORDER BY at DESC, n DESC) FILTER (WHERE opt IS NOT NULL))[1] AS opt
    FROM item GROUP BY conversation_id
  ), grown AS (
    UPDATE conversation c SET last_seq = c.last_seq + counted.added, last_message_at = now(), last_customer_at = now(),
      status = CASE WHEN c.status = 'pending' THEN 'active' ELSE c.status END,
      opted_out = CASE counted.opt WHEN 'out' THEN true WHEN 'in' THEN false ELSE c.opted_out END,
      contact_name = coalesce(counted.name, c.contact_name)
    FROM counted WHERE c.ctid = counted.place
    RETURNING c.id, c.last_seq - counted.added AS base, c.status, c.attendance, c.opted_out
  ), written AS (
    INSERT INTO message (id, organization_id, tenant_id, conversation_id, channel_account_id, seq, direction, sender, delivery,
      attempts, created_at, provider_at, provider_message_id, kind, text)
    SELECT item.id, item.organization_id, item.tenant_id, item.conversation_id, item.account_id,
      grown.base + row_number() OVER (PARTITION BY item.conversation_id ORDER BY item.at, item.n),
      'inbound', 'contact', 'received', 0, now(), item.at, content ->> 'external_id', content ->> 'kind', content ->> 'text'
    FROM item JOIN grown ON grown.id = item.conversation_id
    RETURNING 1
  ), waiting AS (
    -- At most one turn of a conversation waits; the agent may speak as `Conversation.agent_may_speak` says.
    INSERT INTO job (organization_id, tenant_id, kind, payload, order_key, dedupe_key, run_at, time_limit, max_attempts)
    SELECT one.organization_id, one.tenant_id, p_kind, jsonb_build_object('conversation_id', one.conversation_id),
      p_order_key || one.conversation_id, p_dedupe_key || one.conversation_id, now() + p_window, p_time_limit, p_max_attempts
    FROM (SELECT DISTINCT organization_id, tenant_id, conversation_id FROM item WHERE content ->> 'kind' <> ALL (p_silent)) one
    JOIN grown ON grown.id = one.conversation_id
      AND grown.status = 'active' AND grown.attendance = 'ai' AND NOT grown.opted_out
    ORDER BY one.conversation_id
    ON CONFLICT (dedupe_key) WHERE status = 'queued' AND dedupe_key IS NOT NULL
    DO UPDATE SET run_at = least(now() + p_window, job.created_at + p_cap)
    RETURNING xmax = 0 AS new)
  SELECT (SELECT bool_or(new) FROM waiting), (SELECT count(*) FROM written) INTO v_new, v_written;

  IF v_written <> cardinality(v_items) THEN  -- nothing may be acknowledged that is not stored
    RAISE EXCEPTION 'stored % messages instead of %', v_written, cardinality(v_items);
  END IF;
  IF v_new THEN PERFORM pg_notify('atende_jobs', ''); END IF;
  RETURN QUERY SELECT n FROM unnest(v_items) a;
END
$$;
