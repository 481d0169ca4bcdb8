-- Locks what a turn is about once more, as `open_turn` does, then reads what may have changed since.
--
-- NULL when the conversation is not there, or when the claim of the job (`p_token`) was lost. As JSON: rows of `project` and
-- `conversation`, and `messages`: those after `p_after`, in their order.
CREATE OR REPLACE FUNCTION resume_turn(
  p_organization uuid,
  p_tenant text,
  p_conversation uuid,
  p_job bigint,
  p_token bigint,
  p_after int
)
RETURNS json
LANGUAGE plpgsql
AS $$
DECLARE
  v_project project;
  v_conversation conversation;
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

  IF v_conversation.last_seq > p_after THEN
    SELECT json_agg(m ORDER BY m.seq) INTO v_messages FROM message m
    WHERE m.tenant_id = p_tenant AND m.conversation_id = p_conversation AND m.seq > p_after;
  END IF;
  RETURN json_build_object(
    'project', v_project, 'conversation', v_conversation, 'messages', coalesce(v_messages, '[]'));
END
$$;
