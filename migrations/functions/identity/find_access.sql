-- system: what holds for the person of a token, before anything in the token is trusted
CREATE OR REPLACE FUNCTION find_access(p_user uuid, p_session uuid, p_organization uuid)
RETURNS TABLE (
  user_status text,
  session_version int,
  session_live boolean,
  is_operator boolean,
  is_verified boolean,
  role text,
  membership_status text,
  permissions text[]
)
LANGUAGE sql STABLE
AS $$
SELECT u.status, u.session_version,
  EXISTS (SELECT 1 FROM login_session s WHERE s.id = p_session AND s.user_id = u.id AND s.revoked_at IS NULL
    AND least(s.expires_at, s.idle_until) > now()),
  u.platform_role = 'operator', u.email_verified_at IS NOT NULL, m.role, m.status,
  coalesce((SELECT array_agg(p.permission::text) FROM role_permission p WHERE p.role = m.role), '{}')
FROM user_account u LEFT JOIN (
  SELECT m.user_id, m.role, m.status FROM membership m
  JOIN organization o ON o.id = m.organization_id AND o.deleted_at IS NULL
  WHERE m.organization_id = p_organization) m ON m.user_id = u.id
WHERE u.id = p_user
$$;
