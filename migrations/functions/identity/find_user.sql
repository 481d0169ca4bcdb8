-- system: an account by its id, before the person is known
CREATE OR REPLACE FUNCTION find_user(p_id uuid)
RETURNS SETOF user_account
LANGUAGE sql STABLE
AS $$
SELECT * FROM user_account WHERE id = p_id
$$;
