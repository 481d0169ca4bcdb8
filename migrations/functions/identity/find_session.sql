-- system: a session by its id, before the person is known
CREATE OR REPLACE FUNCTION find_session(p_id uuid)
RETURNS SETOF login_session
LANGUAGE sql STABLE
AS $$
SELECT * FROM login_session WHERE id = p_id
$$;
