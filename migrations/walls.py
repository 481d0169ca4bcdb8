"""The second wall, in one place: what row-level security means for each kind of table.

Tables are `tenant`, `organization` or `platform`; the comment on a table says which, and the catalogue test reads it.
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
