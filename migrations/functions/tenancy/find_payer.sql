-- system: the organization of a billing account, for the operator
CREATE OR REPLACE FUNCTION find_payer(p_id uuid)
RETURNS uuid
LANGUAGE sql STABLE
AS $$
SELECT organization_id FROM billing_account
WHERE id = p_id AND organization_id <> '00000000-0000-0000-0000-000000000000'
$$;
