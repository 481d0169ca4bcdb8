-- system: what an organization may use, asked before or outside its transactions
CREATE OR REPLACE FUNCTION find_allowance(p_organization uuid)
RETURNS TABLE (plan text, limits jsonb, features jsonb, custom_limits jsonb)
LANGUAGE sql STABLE
AS $$
SELECT p.slug::text, p.limits, p.features, o.custom_limits FROM organization o JOIN plan p ON p.slug = 'free'
WHERE o.id = p_organization
$$;
