-- system: adds new messages to the usage of their organizations, for whoever writes them
CREATE OR REPLACE FUNCTION usage_of_messages()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO usage_change (organization_id, hour, messages_in, messages_out)
  SELECT organization_id, date_trunc('hour', created_at, 'UTC'), count(*) FILTER (WHERE direction = 'inbound'),
    count(*) FILTER (WHERE direction = 'outbound')
  FROM added GROUP BY 1, 2;
  RETURN NULL;
END
$$;
