-- system: the holds of all organizations that have expired
CREATE OR REPLACE FUNCTION holds_due(p_now timestamptz, p_limit int)
RETURNS TABLE (organization_id uuid, hold_id uuid)
LANGUAGE sql STABLE
AS $$
SELECT h.organization_id, h.id
FROM credit_hold h WHERE h.state = 'held' AND h.expires_at <= p_now
ORDER BY h.expires_at LIMIT p_limit
$$;
