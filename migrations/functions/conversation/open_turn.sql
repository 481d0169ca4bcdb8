-- Locks what a turn is about, then reads it: a statement that waited for a lock would read what was there before it waited.
--
-- The project is pinned, the conversation locked, then its job; whoever takes several of these takes them in this order. NULL when
-- the conversation is not there, or when the claim of the job (`p_token`) was lost.
--
-- As JSON: rows of `project`, `conversation`, `account`, `agent` (the conversation's own, else the default one, else the oldest
-- active one), `turn` (the latest) and `reply` (to that turn, locked), and `messages`: those that no turn covers yet or that the
-- open turn covers, and `p_history` before them, in their order, at most the newest 1,000.
CREATE OR REPLACE FUNCTION open_turn(
  p_organization uuid,
  p_tenant text,
  p_conversation uuid,
  p_job bigint,
  p_token bigint,
  p_history int
)
RETURNS json
LANGUAGE plpgsql
AS $$
DECLARE
  v_project project;
  v_conversation conversation;
  v_account channel_account;
  v_agent agent;
  v_turn turn;
  v_reply message;
  v_messages json;
BEGIN
  SELECT * INTO v_project FROM pin_project() p WHERE p.organization_id = p_organization AND p.tenant_id = p_tenant;
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT * INTO v_conversation FROM conversation c
  WHERE c.organization_id = p_organization AND c.tenant_id = p_tenant AND c.id = p_conversation FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  PERFORM 1 FROM job j
  WHERE j.id = p_job AND j.tenant_id = p_tenant AND j.lease_token = p_token AND j.status = 'running' FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;

  SELECT * INTO v_account FROM channel_account a
  WHERE a.tenant_id = p_tenant AND a.id = v_conversation.channel_account_id;
  SELECT * INTO v_agent FROM agent a
  WHERE a.tenant_id = p_tenant AND coalesce(a.id = v_conversation.agent_id, a.is_active)
  ORDER BY a.is_default DESC, a.created_at LIMIT 1;
  SELECT * INTO v_turn FROM turn t
  WHERE t.tenant_id = p_tenant AND t.conversation_id = p_conversation ORDER BY t.to_seq DESC LIMIT 1;
  SELECT * INTO v_reply FROM message m
  WHERE m.tenant_id = p_tenant AND m.turn_id = v_turn.id AND m.sender = 'ai' FOR UPDATE;
  SELECT json_agg(newest ORDER BY newest.seq) INTO v_messages FROM (
    SELECT * FROM message m WHERE m.tenant_id = p_tenant AND m.conversation_id = p_conversation
      AND m.seq > CASE WHEN v_turn.state = 'open' THEN v_turn.from_seq - 1 ELSE v_conversation.answered_seq END - p_history
    ORDER BY m.seq DESC LIMIT 1000) newest;
  RETURN json_build_object(
    'project', v_project,
    'conversation', v_conversation,
    'account', to_jsonb(v_account) || jsonb_build_object('secrets', translate(encode(v_account.secrets, 'base64'), E'\n', '')),
    'agent', CASE WHEN v_agent.id IS NOT NULL THEN to_json(v_agent) END,
    'turn', CASE WHEN v_turn.id IS NOT NULL THEN to_json(v_turn) END,
    'reply', CASE WHEN v_reply.id IS NOT NULL THEN to_json(v_reply) END,
    'messages', coalesce(v_messages, '[]'));
END
$$;
