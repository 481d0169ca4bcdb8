"""The second wall, in one place: what row-level security means for each kind of table.

Tables are `tenant`, `organization`, `user` or `platform`; the comment on a table says which, and the catalogue test reads it.
Unset settings show nothing; the literal '*' as tenant shows a whole organization and never lets anything be written.
"""

from alembic import op
from sqlalchemy.util import await_only


def run(script: str) -> None:
    """Several statements at once, in the migration's transaction: the driver prepares single statements only."""
    op.execute("SELECT 1")  # opens the transaction, which the driver's own call would not
    driver = op.get_bind().connection.driver_connection
    assert driver is not None, "a migration runs online"
    await_only(driver.execute(script))


ORGANIZATION = "organization_id = (SELECT NULLIF(current_setting('app.current_organization_id', true), '')::uuid)"
TENANT = "tenant_id = (SELECT NULLIF(current_setting('app.current_tenant_id', true), ''))"
ANY_TENANT = "(SELECT current_setting('app.current_tenant_id', true)) = '*'"
PERSON = "(SELECT NULLIF(current_setting('app.current_user_id', true), '')::uuid)"
INSTALLATION = "(SELECT NULLIF(current_setting('app.current_organization_id', true), '')::uuid) = '00000000-0000-0000-0000-000000000000'"
"""A transaction of the installation itself: of a person who acts for no organization, or of an operator."""


TENANT_LOCK = "63, hashtext(%s)"
"""Advisory: whoever switches a project on or off holds it alone, whoever must not be overtaken by that shares it."""


def rests(organization: str, tenant: str) -> str:
    """Whether a project is switched off, suspended or deleted, or its organization deleted: two looks at indexes of those alone."""
    return (
        f"(EXISTS (SELECT 1 FROM project WHERE project.tenant_id = {tenant} AND project.status <> 'active')"
        f" OR EXISTS (SELECT 1 FROM organization WHERE organization.id = {organization} AND organization.deleted_at IS NOT NULL))"
    )


def tenant_table(name: str, *, grants: str = "SELECT, INSERT, UPDATE") -> str:
    """Rows of one project. A transaction sees its tenant, or with '*' all of its organization; it writes its tenant only."""
    made = _walled(
        name,
        "tenant",
        grants,
        using=f"{ORGANIZATION} AND ({TENANT} OR {ANY_TENANT})",
        check=f"{ORGANIZATION} AND {TENANT}",
    )
    # A deletion is held against USING alone, which '*' passes.
    return made + f"CREATE POLICY {name}_delete ON {name} AS RESTRICTIVE FOR DELETE TO atende_app USING ({TENANT});"


def organization_table(name: str, *, grants: str = "SELECT, INSERT, UPDATE", key: str = "organization_id") -> str:
    """Rows of one organization, whatever the project."""
    rule = ORGANIZATION.replace("organization_id =", f"{key} =", 1)
    return _walled(name, "organization", grants, using=rule, check=rule)


def user_table(name: str, *, grants: str = "SELECT, INSERT, UPDATE", key: str = "user_id") -> str:
    """Rows of one person, whatever the organization."""
    rule = f"{key} = {PERSON}"
    return _walled(name, "user", grants, using=rule, check=rule)


def also_seen(name: str, by: str, rule: str) -> str:
    """A second way to see rows of a table; never to change them. A transaction without settings must not match `rule`."""
    return f"CREATE POLICY {name}_seen_by_{by} ON {name} FOR SELECT TO atende_app USING ({rule});"


def platform_table(name: str, *, grants: str, rule: str = "true", check: str | None = None) -> str:
    """Rows that belong to no customer."""
    return _walled(name, "platform", grants, using=rule, check=check or rule)


def _walled(name: str, kind: str, grants: str, *, using: str, check: str) -> str:
    return f"""
    ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {name} FORCE ROW LEVEL SECURITY;
    CREATE POLICY {name}_wall ON {name} TO atende_app USING ({using}) WITH CHECK ({check});
    GRANT {grants} ON {name} TO atende_app;
    COMMENT ON TABLE {name} IS '{kind}';
    """


def system_may(name: str, grants: str) -> str:
    """What the named functions may do with a table, before the tenant is known or across tenants."""
    return f"""
    CREATE POLICY {name}_system ON {name} TO atende_system USING (true) WITH CHECK (true);
    GRANT {grants} ON {name} TO atende_system;
    """


def system_function(
    signature: str, *, returns: str, body: str, language: str = "sql", volatility: str = "VOLATILE"
) -> str:
    """A function that runs as `system`: fixed search path, executable by the app role only."""
    bare = signature.split("(", 1)[0]
    return f"""
    CREATE FUNCTION {signature} RETURNS {returns} LANGUAGE {language} {volatility} SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $body${body}$body$;
    REVOKE ALL ON FUNCTION {bare} FROM PUBLIC;
    ALTER FUNCTION {bare} OWNER TO atende_system;
    GRANT EXECUTE ON FUNCTION {bare} TO atende_app;
    """
