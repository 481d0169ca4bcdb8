-- system: where secrets are, of any organization, that an older encryption key sealed
CREATE OR REPLACE FUNCTION secrets_sealed_before(p_version int, p_after text, p_limit int)
RETURNS TABLE (place text, organization_id uuid, tenant_id text)
LANGUAGE sql STABLE
AS $$
SELECT s.place COLLATE "C", s.organization_id, s.tenant_id FROM (
  SELECT 'channel_account/' || id AS place, organization_id, tenant_id::text
  FROM channel_account WHERE substr(secrets, 1, 1) < decode(lpad(to_hex(p_version), 2, '0'), 'hex')
  UNION ALL
  SELECT 'provider_key/' || organization_id || '/' || provider, organization_id, '*'
  FROM provider_key WHERE key_version < p_version) AS s (place, organization_id, tenant_id)
WHERE s.place COLLATE "C" > p_after ORDER BY s.place COLLATE "C" LIMIT p_limit
$$;
