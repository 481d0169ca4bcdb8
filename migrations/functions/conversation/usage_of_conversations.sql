-- system: adds what conversations change in the usage of their organizations, for whoever writes them
--
-- A conversation counts in the hour in which it was opened, with the whole seconds that it took once it has ended.
CREATE OR REPLACE FUNCTION usage_of_conversations()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO usage_change (organization_id, hour, conversations, conversation_seconds)
    SELECT organization_id, date_trunc('hour', created_at, 'UTC'), count(*),
      coalesce(sum(trunc(extract(epoch FROM closed_at - started_at))), 0)
    FROM added GROUP BY 1, 2;
  ELSE
    INSERT INTO usage_change (organization_id, hour, conversations, conversation_seconds)
    SELECT NEW.organization_id, date_trunc('hour', at, 'UTC'), sum(n), sum(n * seconds) FROM (VALUES
      (-1, OLD.created_at, coalesce(trunc(extract(epoch FROM OLD.closed_at - OLD.started_at)), 0)),
      (1, NEW.created_at, coalesce(trunc(extract(epoch FROM NEW.closed_at - NEW.started_at)), 0))) AS v (n, at, seconds)
    GROUP BY 2 HAVING sum(n) <> 0 OR sum(n * seconds) <> 0;
  END IF;
  RETURN NULL;
END
$$;
