-- system: adds what was captured, and takes away what was refunded, in the usage of the organization
CREATE OR REPLACE FUNCTION usage_of_credits()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO usage_change (organization_id, hour, credits_spent)
  VALUES (NEW.organization_id, date_trunc('hour', NEW.at, 'UTC'), CASE NEW.kind WHEN 'capture' THEN NEW.amount ELSE -NEW.amount END);
  RETURN NULL;
END
$$;
