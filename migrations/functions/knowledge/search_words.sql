-- system: the match operator is not leakproof, so row-level security would keep it from its index; it compares the tenant itself
--
-- Words are weighted by rarity, as BM25 does. Candidates are drawn by the rarest words of the question, until there are about `p_pool`,
-- and never more than twice that: a word that would bring more is not drawn by, for a part of its passages by chance would only
-- keep better ones out. If even the rarest word is in more, those that have the second one too come first.
-- `p_related` are words that the question could have used as well: they count half, and draw after all others.
CREATE OR REPLACE FUNCTION search_words(p_text text, p_related text, p_pool int, p_limit int)
RETURNS TABLE (chunk_id uuid, score float8)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
  v_organization uuid := NULLIF(current_setting('app.current_organization_id', true), '')::uuid;
  v_tenant text := NULLIF(current_setting('app.current_tenant_id', true), '');
  v_total float8;
  v_words tsquery[];
  v_weights float8[];
  v_drawn tsquery;
  v_both tsquery;
BEGIN
  IF v_organization IS NULL OR v_tenant IS NULL THEN RETURN; END IF;
  SELECT l.passages INTO v_total FROM lexeme l WHERE l.tenant_id = v_tenant AND l.word = '';
  SELECT array_agg(k.query), array_agg(k.share * ln(1 + (v_total - k.passages + 0.5) / (k.passages + 0.5))),
         string_agg(k.query::text, ' | ') FILTER (
           WHERE k.place = 1 OR (k.before < p_pool AND k.before + k.passages <= p_pool * 2))::tsquery,
         CASE WHEN max(k.passages) FILTER (WHERE k.place = 1) > p_pool * 2 AND count(*) > 1
           THEN string_agg(k.query::text, ' & ') FILTER (WHERE k.place <= 2)::tsquery END
    INTO v_words, v_weights, v_drawn, v_both
    FROM (
      SELECT quote_literal(l.word)::tsquery AS query, l.passages, asked.share, coalesce(sum(l.passages) OVER (
        ORDER BY asked.share DESC, l.passages, l.word ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before,
        row_number() OVER (ORDER BY asked.share DESC, l.passages, l.word) AS place
      FROM (
        SELECT words.word, max(words.share) AS share FROM (
          SELECT unnest(tsvector_to_array(to_tsvector('public.atende_pt', p_text)
            || to_tsvector('public.atende_en', p_text) || to_tsvector('public.atende_es', p_text))) AS word, 1.0 AS share
          UNION ALL SELECT unnest(tsvector_to_array(to_tsvector('public.atende_pt', p_related)
            || to_tsvector('public.atende_en', p_related) || to_tsvector('public.atende_es', p_related))), 0.5
        ) words GROUP BY words.word
      ) asked JOIN lexeme l ON l.tenant_id = v_tenant AND l.word = asked.word
      WHERE l.passages > 0 AND l.word <> ''
    ) k;
  IF v_drawn IS NULL THEN RETURN; END IF;
  RETURN QUERY
    SELECT pool.chunk_id, (
      SELECT sum(asked.weight * ts_rank(pool.words, asked.query, 1)) FROM unnest(v_words, v_weights) AS asked (query, weight)
    )::float8 AS score
    FROM (
      (SELECT p.chunk_id, p.words FROM passage p
       WHERE p.words @@ v_both AND p.tenant_id = v_tenant AND p.organization_id = v_organization
       LIMIT p_pool)
      UNION ALL
      (SELECT p.chunk_id, p.words FROM passage p
       WHERE p.words @@ v_drawn AND p.tenant_id = v_tenant AND p.organization_id = v_organization
         AND (v_both IS NULL OR NOT p.words @@ v_both)
       LIMIT CASE WHEN v_both IS NULL THEN p_pool * 2 ELSE p_pool END)
    ) pool
    ORDER BY 2 DESC, 1 LIMIT p_limit;
END
$$;
