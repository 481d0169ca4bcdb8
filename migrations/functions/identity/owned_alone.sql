-- system: organizations of which the person of this transaction is the only owner, locked until it ends
CREATE OR REPLACE FUNCTION owned_alone()
RETURNS SETOF uuid
LANGUAGE plpgsql
AS $$
DECLARE
  v_person uuid := NULLIF(current_setting('app.current_user_id', true), '')::uuid;
BEGIN
  PERFORM 1 FROM organization WHERE id IN (SELECT organization_id FROM membership WHERE user_id = v_person)
    ORDER BY id FOR NO KEY UPDATE;
  RETURN QUERY SELECT o.id FROM organization o JOIN membership mine ON mine.organization_id = o.id
    WHERE mine.user_id = v_person AND mine.role = 'owner' AND mine.status = 'active'
      AND o.deleted_at IS NULL
      AND EXISTS (SELECT 1 FROM membership m WHERE m.organization_id = o.id AND m.user_id <> mine.user_id)
      AND NOT EXISTS (
        SELECT 1 FROM membership m JOIN user_account u ON u.id = m.user_id
        WHERE m.organization_id = o.id AND m.user_id <> mine.user_id AND m.role = 'owner' AND m.status = 'active'
          AND u.status IN ('active', 'pending_verification'))
    ORDER BY o.id;
END
$$;
