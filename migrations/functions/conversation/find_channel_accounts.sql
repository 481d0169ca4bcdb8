-- system: finds accounts by what a callback names, before the tenant is known
CREATE OR REPLACE FUNCTION find_channel_accounts(p_kinds text[], p_names text[])
RETURNS SETOF channel_account
LANGUAGE sql STABLE
AS $$
SELECT * FROM channel_account WHERE is_active AND kind = ANY (p_kinds)
  AND (external_id = ANY (p_names) OR provider_account = ANY (p_names))
$$;
