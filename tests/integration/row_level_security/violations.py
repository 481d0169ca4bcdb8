"""Violationes of row-level security, and what the check that finds each must say."""

from collections.abc import Awaitable, Callable

from tests.integration.row_level_security import checks
from tests.integration.row_level_security.checks import Connection

Check = Callable[[Connection], Awaitable[list[str]]]

PLAIN = "CREATE TABLE extra (id uuid PRIMARY KEY, organization_id uuid NOT NULL, tenant_id text NOT NULL{}); "
TENANT = PLAIN + "COMMENT ON TABLE extra IS 'tenant'; "
ENABLED = "ALTER TABLE extra ENABLE ROW LEVEL SECURITY; ALTER TABLE extra FORCE ROW LEVEL SECURITY; "
OWN = """organization_id = (SELECT NULLIF(current_setting('app.current_organization_id', true), '')::uuid)
  AND tenant_id = (SELECT NULLIF(current_setting('app.current_tenant_id', true), ''))"""
STAR = "(SELECT current_setting('app.current_tenant_id', true)) = '*'"
PERSON = "user_id = (SELECT NULLIF(current_setting('app.current_user_id', true), '')::uuid)"
MINE_TOO = f"FOR DELETE TO atende_app USING ({PERSON})"
POLICY = "CREATE POLICY extra_policy ON extra TO atende_app USING ({}) WITH CHECK ({}); "
DEFINER = (
    "CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER {} AS 'SELECT count(*) FROM public.message'; "
)
SAFE = "SET search_path = pg_catalog, public, pg_temp"
MINE = "REVOKE ALL ON FUNCTION peek FROM PUBLIC; ALTER FUNCTION peek OWNER TO atende_system;"

VIOLATIONS: tuple[tuple[Check, str, str], ...] = (
    (checks.declared, PLAIN.format(""), "extra: not declared"),
    (
        checks.declared,
        "CREATE TABLE extra (id uuid PRIMARY KEY); COMMENT ON TABLE extra IS 'tenant'",
        "extra: a tenant table needs",
    ),
    (
        checks.declared,
        TENANT.format("") + "ALTER TABLE extra ALTER tenant_id DROP NOT NULL",
        "extra: a tenant table needs",
    ),
    (
        checks.declared,
        "CREATE TABLE extra (id uuid); COMMENT ON TABLE extra IS 'organization'",
        "extra: an organization table",
    ),
    (
        checks.declared,
        "CREATE TABLE extra (id uuid, user_id uuid); COMMENT ON TABLE extra IS 'user'",
        "extra: a user table needs",
    ),
    (
        checks.declared,
        "CREATE TABLE extra (user_id uuid NOT NULL, tenant_id text); COMMENT ON TABLE extra IS 'user'",
        "but is declared user",
    ),
    (checks.declared, "CREATE TABLE extra (user_id uuid); COMMENT ON TABLE extra IS 'platform'", "declared platform"),
    (checks.declared, PLAIN.format("") + "COMMENT ON TABLE extra IS 'platform'", "but is declared platform"),
    (checks.declared, PLAIN.format("") + "COMMENT ON TABLE extra IS 'organization'", "but is declared organization"),
    (
        checks.enabled,
        TENANT.format("") + POLICY.format(OWN, OWN),
        "extra: row-level security is not enabled and forced",
    ),
    (
        checks.enabled,
        "ALTER TABLE message NO FORCE ROW LEVEL SECURITY",
        "message: row-level security is not enabled and forced",
    ),
    (checks.enabled, TENANT.format("") + ENABLED, "extra: the app role needs exactly one permissive policy"),
    (
        checks.enabled,
        "CREATE POLICY more ON message TO atende_app USING (true)",
        "message: the app role needs exactly one",
    ),
    (checks.enabled, "CREATE POLICY more ON message FOR SELECT USING (true)", "message: policy more is for everybody"),
    (
        checks.enabled,
        "CREATE POLICY more ON user_account FOR SELECT TO atende_app USING (true)",
        "user_account: the app role needs exactly one",
    ),
    (
        checks.enabled,
        "ALTER POLICY user_account_seen_by_organization ON user_account USING (status = 'active')",
        "user_account_seen_by_organization shows rows to those who are nobody",
    ),
    (
        checks.enabled,
        f"DROP POLICY membership_seen_by_person ON membership; CREATE POLICY membership_seen_by_person ON membership {MINE_TOO}",
        "membership_seen_by_person does more than show",
    ),
    (
        checks.enabled,
        "ALTER POLICY login_session_policy ON login_session USING (organization_id IS NOT NULL)",
        "login_session: policy login_session_policy does not compare current_user_id",
    ),
    (
        checks.enabled,
        TENANT.format("") + ENABLED + f"CREATE POLICY p ON extra TO atende_app USING ({OWN})",
        "lacks USING or WITH CHECK",
    ),
    (checks.enabled, TENANT.format("") + ENABLED + POLICY.format("true", OWN), "does not compare current_tenant_id"),
    (
        checks.enabled,
        TENANT.format("") + ENABLED + POLICY.format(OWN, OWN.replace("NULLIF(", "(").replace(", '')", ")")),
        "does not compare",
    ),
    (checks.enabled, TENANT.format("") + ENABLED + POLICY.format(OWN, f"{OWN} OR {STAR}"), "lets '*' write"),
    (checks.enabled, "DROP POLICY message_delete ON message", "message: nothing keeps '*' from deleting"),
    (
        checks.references_keyed,
        TENANT.format(", message_id uuid REFERENCES message"),
        "extra: foreign key extra_message_id_fkey to message",
    ),
    (
        checks.references_keyed,
        "CREATE TABLE extra (organization_id uuid, project_id uuid REFERENCES project); COMMENT ON TABLE extra IS 'organization'",
        "extra: foreign key extra_project_id_fkey to project",
    ),
    (checks.uniques_keyed, TENANT.format(", slug text UNIQUE"), "extra: unique rule extra_slug_key"),
    (checks.uniques_keyed, "CREATE UNIQUE INDEX sly ON login_session (ip_address)", "login_session: unique rule sly"),
    (
        checks.uniques_keyed,
        "CREATE UNIQUE INDEX sly ON message (provider_message_id) WHERE seq > 3",
        "message: unique rule sly",
    ),
    (checks.uniques_keyed, "CREATE UNIQUE INDEX sly ON message (lower(text))", "message: unique rule sly"),
    (checks.uniques_keyed, "CREATE UNIQUE INDEX sly ON message (text) INCLUDE (tenant_id)", "message: unique rule sly"),
    (checks.views_invoke, "CREATE VIEW sly AS SELECT * FROM message", "sly: a view needs security_invoker"),
    (
        checks.views_invoke,
        "CREATE MATERIALIZED VIEW sly AS SELECT * FROM message",
        "sly: a view needs security_invoker",
    ),
    (checks.definers_named, DEFINER.format(SAFE) + MINE, "peek: acts as its owner and is not on the list"),
    (checks.definers_named, DEFINER.format("") + MINE, "peek: its search path is not fixed"),
    (checks.definers_named, DEFINER.format(SAFE), "peek: belongs to"),
    (checks.definers_named, DEFINER.format(SAFE), "peek: everybody may execute it"),
    (checks.definers_named, "GRANT EXECUTE ON FUNCTION claim_jobs TO PUBLIC", "claim_jobs: everybody may execute it"),
    (checks.roles_weak, "ALTER TABLE message OWNER TO atende_app", "message: belongs to atende_app"),
    (checks.roles_weak, "ALTER ROLE atende_app BYPASSRLS", "atende_app: may do too much"),
    (checks.roles_weak, "ALTER ROLE atende_system LOGIN", "atende_system: may do too much"),
    (checks.roles_weak, "GRANT atende_system TO atende_app", "atende_app: is a member of atende_system"),
    (checks.roles_weak, "GRANT CREATE ON SCHEMA public TO atende_app", "atende_app: may create in the schema"),
    (checks.grants_narrow, "GRANT SELECT ON message TO PUBLIC", "message: granted to everybody"),
    (checks.grants_narrow, "GRANT DELETE ON message TO atende_app", "message: atende_app may DELETE"),
    (checks.grants_narrow, "GRANT UPDATE ON credit_entry TO atende_app", "credit_entry: atende_app may UPDATE"),
    (checks.grants_narrow, "GRANT INSERT ON audit_seal TO atende_app", "audit_seal: atende_app may INSERT"),
    (checks.grants_narrow, "GRANT UPDATE ON role_permission TO atende_app", "role_permission: atende_app may UPDATE"),
    (
        checks.grants_narrow,
        "GRANT UPDATE (platform_role) ON user_account TO atende_app",
        "user_account.platform_role: atende_app may UPDATE",
    ),
    (checks.grants_narrow, "GRANT UPDATE ON credit_hold TO atende_app", "credit_hold: atende_app may UPDATE"),
    (checks.grants_narrow, "GRANT DELETE ON user_account TO atende_app", "user_account: atende_app may DELETE"),
    (
        checks.grants_narrow,
        "GRANT UPDATE (session_version) ON user_account TO atende_system",
        "user_account.session_version: atende_system may UPDATE",
    ),
    (checks.grants_narrow, "GRANT TRUNCATE ON inbox TO atende_app", "inbox: atende_app may TRUNCATE"),
    (checks.grants_narrow, "GRANT SELECT ON alembic_version TO atende_app", "alembic_version: atende_app may SELECT"),
    (checks.grants_narrow, "GRANT SELECT ON credit_entry TO atende_system", "credit_entry: atende_system may SELECT"),
    (checks.grants_narrow, "GRANT DELETE ON audit_log TO atende_system", "audit_log: atende_system may DELETE"),
)
