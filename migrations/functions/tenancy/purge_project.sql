-- system: removes the content of any project, but only when it was deleted long enough ago: it checks that itself
--
-- One call removes at most `p_limit` rows and says whether all is gone. The row of the project stays, for records name it.
-- The 30 days are `UNDO` of core/tenancy/model.py, and a test holds the two equal. They are no parameter: not even a mistake in the
-- program may remove what can still be restored.
CREATE OR REPLACE FUNCTION purge_project(p_project uuid, p_limit int)
RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
  v project; v_whole boolean; v_table text; v_gone bigint; v_left bigint := p_limit;
  -- Children before their parents.
  v_tables text[] := ARRAY[
    'citation', 'message', 'handoff', 'turn', 'answer', 'conversation', 'contact_address', 'contact', 'search_index', 'passage_vector', 'passage',
    'lexeme', 'chunk', 'document', 'channel_account', 'agent', 'model_call', 'job', 'feature'];
BEGIN
  SELECT * INTO v FROM project p WHERE p.id = p_project FOR UPDATE;
  IF NOT FOUND OR v.purged_at IS NOT NULL THEN RETURN true; END IF;
  v_whole := EXISTS (SELECT 1 FROM organization o WHERE o.id = v.organization_id AND o.deleted_at < now() - interval '30 days');
  IF NOT v_whole AND NOT coalesce(v.deleted_at < now() - interval '30 days', false) THEN
    RAISE EXCEPTION 'project % is not due', p_project USING ERRCODE = 'check_violation', CONSTRAINT = 'project_not_due';
  END IF;
  DELETE FROM inbox WHERE ctid = ANY (ARRAY(
    SELECT i.ctid FROM channel_account c JOIN inbox i ON i.source = c.kind AND i.account = c.external_id
    WHERE c.organization_id = v.organization_id AND c.tenant_id = v.tenant_id LIMIT v_left));
  GET DIAGNOSTICS v_gone = ROW_COUNT;
  v_left := v_left - v_gone;
  FOREACH v_table IN ARRAY v_tables LOOP
    IF v_left <= 0 THEN RETURN false; END IF;
    EXECUTE format('DELETE FROM %1$I WHERE ctid = ANY (ARRAY('
      'SELECT ctid FROM %1$I WHERE organization_id = $1 AND tenant_id = $2 LIMIT $3))', v_table)
      USING v.organization_id, v.tenant_id, v_left;
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    v_left := v_left - v_gone;
  END LOOP;
  IF v_left <= 0 THEN RETURN false; END IF;
  UPDATE project SET status = 'deleted', deleted_at = coalesce(deleted_at, now()), name = 'deleted', description = '',
    configuration = '{}', created_by_user_id = NULL, purged_at = now() WHERE id = v.id;
  IF v_whole THEN
    DELETE FROM provider_key WHERE organization_id = v.organization_id;
    DELETE FROM invitation WHERE organization_id = v.organization_id;
    DELETE FROM membership WHERE organization_id = v.organization_id;
    UPDATE organization SET name = 'deleted', logo_url = NULL, settings = '{}', custom_limits = '{}'
      WHERE id = v.organization_id;
  END IF;
  RETURN true;
END
$$;
