-- system: notes the ids of new records, so that the sealer need not search all that was ever sealed
CREATE OR REPLACE FUNCTION note_unsealed_audit()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN INSERT INTO audit_unsealed (record_id) VALUES (NEW.id); RETURN NULL; END
$$;
