-- Keeps the table `lexeme`: in how many passages of a tenant each word occurs. The empty word counts the passages themselves.
CREATE OR REPLACE FUNCTION count_words()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  -- In the order of the key, so that two transactions cannot wait for each other in a circle.
  INSERT INTO lexeme (organization_id, tenant_id, word, passages)
  SELECT organization_id, tenant_id, word, n * CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END FROM (
    SELECT organization_id, tenant_id, l.word, count(*)::int AS n
    FROM changed, unnest(tsvector_to_array(words) || ARRAY['']) AS l (word) GROUP BY 1, 2, 3
  ) counted ORDER BY tenant_id, word
  ON CONFLICT (tenant_id, word) DO UPDATE SET passages = lexeme.passages + excluded.passages;
  RETURN NULL;
END
$$;
