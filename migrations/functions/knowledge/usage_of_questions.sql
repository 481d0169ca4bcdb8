-- system: adds an answer outside of conversations to the usage of its organization, for whoever writes it
CREATE OR REPLACE FUNCTION usage_of_questions()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO usage_change (organization_id, hour, rag_queries)
  VALUES (NEW.organization_id, date_trunc('hour', NEW.created_at, 'UTC'), 1);
  RETURN NULL;
END
$$;
