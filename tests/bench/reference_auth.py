"""What authentication is measured against: a plain table of keys, asked by digest at every request."""

SCRIPT = """
CREATE TABLE bench_key (
  id uuid PRIMARY KEY, organization_id uuid NOT NULL, scopes text[] NOT NULL, secret_hash bytea NOT NULL UNIQUE,
  expires_at timestamptz, revoked_at timestamptz);
GRANT SELECT ON bench_key TO atende_app;
"""
LOOK = """
SELECT id, organization_id, scopes FROM bench_key
WHERE secret_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
"""
