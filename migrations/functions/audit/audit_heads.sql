-- system: the last seal of the chain of each organization, for the sealer
CREATE OR REPLACE FUNCTION audit_heads(p_organizations uuid[])
RETURNS TABLE (organization_id uuid, seq bigint, hash bytea)
LANGUAGE sql STABLE
AS $$
SELECT o.id, h.seq, h.hash FROM unnest(p_organizations) AS o (id)
CROSS JOIN LATERAL (SELECT s.seq, s.hash FROM audit_seal s WHERE s.organization_id = o.id ORDER BY s.seq DESC LIMIT 1) h
$$;
