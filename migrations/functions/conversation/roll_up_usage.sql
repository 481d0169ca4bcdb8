-- system: adds up the changes in the usage of all organizations
--
-- Moves at most `p_limit` rows from `usage_change` into the sums by hour, and says how many. Whoever adds the two up sees the same
-- figure before and after.
CREATE OR REPLACE FUNCTION roll_up_usage(p_limit int)
RETURNS int
LANGUAGE plpgsql
AS $$
DECLARE
  v_moved int;
BEGIN
  -- One at a time: a second one would take the same rows, and wait for the sums of the first.
  IF NOT pg_try_advisory_xact_lock(hashtext('roll_up_usage')) THEN RETURN 0; END IF;
  WITH taken AS (
    DELETE FROM usage_change WHERE ctid = ANY (ARRAY(SELECT ctid FROM usage_change LIMIT p_limit)) RETURNING *
  ), by_hour AS (
    INSERT INTO usage_hour AS h (organization_id, hour, conversations, conversation_seconds, messages_in, messages_out,
      rag_queries, credits_spent)
    SELECT organization_id, hour, sum(conversations), sum(conversation_seconds), sum(messages_in), sum(messages_out),
      sum(rag_queries), sum(credits_spent)
    FROM taken WHERE (conversations, conversation_seconds, messages_in, messages_out, rag_queries, credits_spent) <> (0, 0, 0, 0, 0, 0)
    GROUP BY 1, 2
    ON CONFLICT (organization_id, hour) DO UPDATE SET
      conversations = h.conversations + excluded.conversations,
      conversation_seconds = h.conversation_seconds + excluded.conversation_seconds,
      messages_in = h.messages_in + excluded.messages_in,
      messages_out = h.messages_out + excluded.messages_out,
      rag_queries = h.rag_queries + excluded.rag_queries,
      credits_spent = h.credits_spent + excluded.credits_spent
  ), stored AS (
    INSERT INTO usage_storage AS s (organization_id, tenant_id, documents, bytes)
    SELECT organization_id, tenant_id, sum(documents), sum(bytes) FROM taken WHERE (documents, bytes) <> (0, 0) GROUP BY 1, 2
    ON CONFLICT (organization_id, tenant_id) DO UPDATE SET documents = s.documents + excluded.documents,
      bytes = s.bytes + excluded.bytes
  )
  SELECT count(*) INTO v_moved FROM taken;
  RETURN v_moved;
END
$$;
