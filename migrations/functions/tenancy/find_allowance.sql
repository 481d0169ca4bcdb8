-- system: what an organization may use, asked before or outside its transactions; `p_plan` is the plan of those that chose none
CREATE OR REPLACE FUNCTION find_allowance(p_organization uuid, p_plan text)
RETURNS TABLE (plan text, limits jsonb, features jsonb, custom_limits jsonb)
LANGUAGE sql STABLE
AS $$
SELECT p.slug::text, p.limits, p.features, o.custom_limits FROM organization o JOIN plan p ON p.slug = p_plan
WHERE o.id = p_organization
$$;
