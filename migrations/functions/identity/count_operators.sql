-- system: a number only; asked at the first start, when nobody is signed in
CREATE OR REPLACE FUNCTION count_operators()
RETURNS bigint
LANGUAGE sql STABLE
AS $$
SELECT count(*) FROM user_account WHERE platform_role = 'operator' AND status IN ('active', 'pending_verification')
$$;
