-- system: ids of all organizations that have audit records, for the verifier
CREATE OR REPLACE FUNCTION audited_organizations()
RETURNS SETOF uuid
LANGUAGE sql STABLE
AS $$
SELECT organization_id FROM audit_log UNION SELECT organization_id FROM audit_seal
$$;
