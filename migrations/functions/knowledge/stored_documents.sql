-- system: what the organization of this transaction stores, in all of its projects and not in this tenant alone
CREATE OR REPLACE FUNCTION stored_documents()
RETURNS TABLE (documents bigint, bytes bigint)
LANGUAGE sql STABLE
AS $$
SELECT count(*), coalesce(sum(size), 0)::bigint FROM document
WHERE organization_id = NULLIF(current_setting('app.current_organization_id', true), '')::uuid AND status <> 'deleted'
$$;
