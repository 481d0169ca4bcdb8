-- system: an account by its address, before the person is known; one deleted since `p_since` can still be restored
CREATE OR REPLACE FUNCTION find_user_by_email(p_email text, p_since timestamptz)
RETURNS SETOF user_account
LANGUAGE sql STABLE
AS $$
SELECT * FROM user_account WHERE email = p_email AND (deleted_at IS NULL OR deleted_at > p_since)
ORDER BY deleted_at DESC NULLS FIRST LIMIT 1
$$;
