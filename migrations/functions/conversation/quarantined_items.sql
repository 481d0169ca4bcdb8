-- system: the operator sees the items of all tenants
CREATE OR REPLACE FUNCTION quarantined_items(p_limit int)
RETURNS TABLE (
  source text,
  account text,
  external_id text,
  reason text,
  body bytea,
  received_at timestamptz
)
LANGUAGE sql STABLE
AS $$
SELECT source, account, external_id, reason, body, received_at
FROM inbox WHERE state = 'quarantined'
ORDER BY received_at DESC LIMIT p_limit
$$;
