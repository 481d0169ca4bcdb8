"""Row-level security: the policies of each kind of table, in one place.

Tables are `tenant`, `organization`, `user` or `platform`; the comment on a table says which, and the catalogue test reads it.
Unset settings show nothing; the literal '*' as tenant shows a whole organization and never lets anything be written.
"""

ORGANIZATION = "organization_id = (SELECT NULLIF(current_setting('app.current_organization_id', true), '')::uuid)"
TENANT = "tenant_id = (SELECT NULLIF(current_setting('app.current_tenant_id', true), ''))"
ANY_TENANT = "(SELECT current_setting('app.current_tenant_id', true)) = '*'"
PERSON = "(SELECT NULLIF(current_setting('app.current_user_id', true), '')::uuid)"
INSTALLATION = "(SELECT NULLIF(current_setting('app.current_organization_id', true), '')::uuid) = '00000000-0000-0000-0000-000000000000'"
"""A transaction of the installation itself: of a person who acts for no organization, or of an operator."""


def tenant_table(name: str, *, grants: str = "SELECT, INSERT, UPDATE") -> str:
    """Rows of one project. A transaction sees its tenant, or with '*' all of its organization; it writes its tenant only."""
    made = _secured(
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
    return _secured(name, "organization", grants, using=rule, check=rule)


def user_table(name: str, *, grants: str = "SELECT, INSERT, UPDATE", key: str = "user_id") -> str:
    """Rows of one person, whatever the organization."""
    rule = f"{key} = {PERSON}"
    return _secured(name, "user", grants, using=rule, check=rule)


def also_seen(name: str, by: str, rule: str) -> str:
    """A second way to see rows of a table; never to change them. A transaction without settings must not match `rule`."""
    return f"CREATE POLICY {name}_seen_by_{by} ON {name} FOR SELECT TO atende_app USING ({rule});"


def platform_table(name: str, *, grants: str, rule: str = "true", check: str | None = None) -> str:
    """Rows that belong to no customer; with empty `grants` the app may not even look."""
    return _secured(name, "platform", grants, using=rule, check=check or rule)


def _secured(name: str, kind: str, grants: str, *, using: str, check: str) -> str:
    grant = f"GRANT {grants} ON {name} TO atende_app;" if grants else ""
    return f"""
    ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {name} FORCE ROW LEVEL SECURITY;
    CREATE POLICY {name}_policy ON {name} TO atende_app USING ({using}) WITH CHECK ({check});
    {grant}
    COMMENT ON TABLE {name} IS '{kind}';
    """


def system_may(name: str, grants: str) -> str:
    """What the named functions may do with a table, before the tenant is known or across tenants."""
    return f"""
    CREATE POLICY {name}_system ON {name} TO atende_system USING (true) WITH CHECK (true);
    GRANT {grants} ON {name} TO atende_system;
    """
