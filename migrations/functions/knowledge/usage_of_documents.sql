-- system: adds what documents change in the storage of their projects, for whoever writes or removes them
CREATE OR REPLACE FUNCTION usage_of_documents()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP IN ('INSERT', 'UPDATE') THEN
    INSERT INTO usage_change (organization_id, tenant_id, hour, documents, bytes)
    SELECT organization_id, tenant_id, date_trunc('hour', now(), 'UTC'), count(*), sum(size)
    FROM added WHERE status <> 'deleted' GROUP BY 1, 2;
  END IF;
  IF TG_OP IN ('UPDATE', 'DELETE') THEN
    INSERT INTO usage_change (organization_id, tenant_id, hour, documents, bytes)
    SELECT organization_id, tenant_id, date_trunc('hour', now(), 'UTC'), -count(*), -sum(size)
    FROM removed WHERE status <> 'deleted' GROUP BY 1, 2;
  END IF;
  RETURN NULL;
END
$$;
