-- The app may create the first operator and no other: two processes that start at once must not both do it.
CREATE OR REPLACE FUNCTION first_operator_alone()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(63, hashtext('first operator'));
  IF count_operators() > 0 THEN
    RAISE EXCEPTION 'there is an operator already'
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'user_account_first_operator';
  END IF;
  RETURN NEW;
END
$$;
