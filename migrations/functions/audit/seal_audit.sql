-- system: the sealer extends the chains of all organizations; a seal must be the next one of its chain
CREATE OR REPLACE FUNCTION seal_audit(p_organizations uuid[], p_seqs bigint[], p_records uuid[], p_hashes bytea[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO audit_seal (organization_id, seq, record_id, hash)
  SELECT * FROM unnest(p_organizations, p_seqs, p_records, p_hashes);
  IF EXISTS (
    SELECT 1 FROM unnest(p_organizations, p_seqs, p_records) AS s (organization_id, seq, record_id)
    WHERE NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.id = s.record_id AND a.organization_id = s.organization_id)
      OR s.seq > 1 AND NOT EXISTS (
        SELECT 1 FROM audit_seal b WHERE b.organization_id = s.organization_id AND b.seq = s.seq - 1))
  THEN
    RAISE EXCEPTION 'a seal is the next one of its chain, over a record of the same organization'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_seal_follows';
  END IF;
  DELETE FROM audit_unsealed WHERE record_id = ANY (p_records);
END
$$;
