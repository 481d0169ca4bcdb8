-- Locks an organization's credit account, made when there is none, then reads what one operation of the ledger needs.
--
-- Holds and entries are read by statements of their own, which begin when the account is locked: a statement that waited for the
-- lock would miss what was written meanwhile. As JSON: the row `account`, `entries` (those with these kinds and references) and
-- `holds` (those with these ids, and those of the entries).
CREATE OR REPLACE FUNCTION lock_ledger(p_organization uuid, p_holds uuid[], p_kinds text[], p_references text[])
RETURNS json
LANGUAGE plpgsql
AS $$
DECLARE
  v_account credit_account;
  v_entries json;
  v_holds json;
BEGIN
  LOOP
    SELECT * INTO v_account FROM credit_account a WHERE a.organization_id = p_organization FOR UPDATE;
    EXIT WHEN FOUND;
    INSERT INTO credit_account (organization_id, available, held, spent, issued) VALUES (p_organization, 0, 0, 0, 0)
    ON CONFLICT DO NOTHING;
  END LOOP;
  SELECT json_agg(e), coalesce(p_holds, '{}') || coalesce(array_agg(e.hold_id) FILTER (WHERE e.hold_id IS NOT NULL), '{}')
  INTO v_entries, p_holds
  FROM unnest(p_kinds, p_references) AS wanted (kind, reference)
  JOIN credit_entry e ON e.organization_id = p_organization AND e.kind = wanted.kind AND e.reference = wanted.reference;
  SELECT json_agg(h) INTO v_holds FROM credit_hold h WHERE h.organization_id = p_organization AND h.id = ANY (p_holds);
  RETURN json_build_object(
    'account', v_account, 'entries', coalesce(v_entries, '[]'), 'holds', coalesce(v_holds, '[]'));
END
$$;
