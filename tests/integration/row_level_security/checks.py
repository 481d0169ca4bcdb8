"""Checks of the database catalogue: each names what breaks row-level security, and nothing when all is well."""

from typing import TypeAlias

import asyncpg

from tests.integration.row_level_security.exceptions import (
    ALSO_SEEN,
    DEFINERS,
    DELETED_FROM,
    MAY_IN,
    NEVER_CHANGED,
    ONLY_READ,
    OTHERWISE_DECLARED,
    SYSTEM_MAY,
    UNIQUE_ACROSS_TENANTS,
)

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

SEARCH_PATH = "search_path=pg_catalog, public, pg_temp"

_TABLES = """
SELECT c.oid, c.relname AS name, coalesce(obj_description(c.oid, 'pg_class'), '') AS kind, c.relrowsecurity AS walled,
       c.relforcerowsecurity AS forced,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attnotnull) AS required
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
ORDER BY 2
"""
REFERENCES = """
SELECT k.conname AS name, c.relname AS child, p.relname AS parent, obj_description(c.oid, 'pg_class') AS child_kind,
       obj_description(p.oid, 'pg_class') AS parent_kind,
       ARRAY(SELECT a.attname || ' ' || b.attname FROM unnest(k.conkey, k.confkey) AS pair (ours, theirs)
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = pair.ours
             JOIN pg_attribute b ON b.attrelid = p.oid AND b.attnum = pair.theirs) AS pairs
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace
"""
_UNIQUE = """
SELECT i.relname AS name, c.relname AS "table", obj_description(c.oid, 'pg_class') AS kind, x.indisprimary AS is_primary,
       ARRAY(SELECT a.attname::text FROM unnest(x.indkey[0:x.indnkeyatts - 1]) AS n
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = n) AS columns
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
WHERE x.indisunique AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'
"""
_FUNCTIONS = """
SELECT p.proname AS name, pg_get_userbyid(p.proowner) AS owner, coalesce(p.proconfig, '{}') AS config,
       EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
               WHERE g.grantee = 0 AND g.privilege_type = 'EXECUTE') AS public_may
FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
"""

_GRANTS = """
SELECT c.relname AS "table", g.grantee = 0 AS everybody, coalesce(r.rolname, '') AS role, g.privilege_type AS may
FROM pg_class c, aclexplode(c.relacl) g LEFT JOIN pg_roles r ON r.oid = g.grantee
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
"""
_COLUMN_GRANTS = """
SELECT c.relname AS "table", a.attname AS name, coalesce(r.rolname, 'everybody') AS role, g.privilege_type AS may
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid, aclexplode(a.attacl) g LEFT JOIN pg_roles r ON r.oid = g.grantee
WHERE c.relnamespace = 'public'::regnamespace
"""


_NARROWER = {
    "platform": {"organization_id", "tenant_id", "user_id"},
    "organization": {"tenant_id"},
    "user": {"organization_id", "tenant_id"},
}
"""Columns that tell of another kind of table than the one declared."""


async def declared(connection: Connection) -> list[str]:
    """Every table says whose rows it holds, and has the columns to prove it."""
    wrong = []
    for table in await connection.fetch(_TABLES):
        name, kind, required = table["name"], table["kind"], set(table["required"])
        if kind not in {"tenant", "organization", "user", "platform"}:
            wrong.append(f"{name}: not declared as tenant, organization, user or platform by its comment")
        if kind == "tenant" and not required >= {"organization_id", "tenant_id"}:
            wrong.append(f"{name}: a tenant table needs organization_id and tenant_id, both NOT NULL")
        if kind == "organization" and name != "organization" and "organization_id" not in required:
            wrong.append(f"{name}: an organization table needs organization_id, NOT NULL")
        if kind == "user" and name != "user_account" and "user_id" not in required:
            wrong.append(f"{name}: a user table needs user_id, NOT NULL")
        keys = _NARROWER.get(kind, set()) & set(table["columns"])
        if keys and name not in OTHERWISE_DECLARED:
            wrong.append(f"{name}: has {sorted(keys)} but is declared {kind}")
    return wrong


async def enabled(connection: Connection) -> list[str]:
    """Row-level security stands on every table, also for its owner, with one permissive policy for the app and none for all.

    A second one may only show rows, and is on the list.
    """
    wrong = []
    for table in await connection.fetch(_TABLES):
        name = table["name"]
        if not (table["walled"] and table["forced"]):
            wrong.append(f"{name}: row-level security is not enabled and forced")
        policies = await connection.fetch(
            "SELECT * FROM pg_policies WHERE schemaname = 'public' AND tablename = $1", name
        )
        wrong += [f"{name}: policy {p['policyname']} is for everybody" for p in policies if "public" in p["roles"]]
        permissive = [p for p in policies if "atende_app" in p["roles"] and p["permissive"] == "PERMISSIVE"]
        seen = [p for p in permissive if p["policyname"] in ALSO_SEEN]
        ours = [p for p in permissive if p not in seen]
        wrong += _wrong_sights(name, seen)
        if len(ours) != 1 or ours[0]["cmd"] != "ALL":
            wrong.append(f"{name}: the app role needs exactly one permissive policy, for all commands")
        wrong += [
            f"{name}: policy {p['policyname']} lacks USING or WITH CHECK"
            for p in ours
            if None in (p["qual"], p["with_check"])
        ]
        wrong += _wrong_rules(name, table["kind"], ours)
        guards = [p for p in policies if p["permissive"] == "RESTRICTIVE" and p["cmd"] == "DELETE"]
        if table["kind"] == "tenant" and not any("current_tenant_id" in (p["qual"] or "") for p in guards):
            wrong.append(f"{name}: nothing keeps '*' from deleting, which is held against USING alone")
    return wrong


def _wrong_sights(name: str, policies: list[asyncpg.Record]) -> list[str]:
    wrong = [f"{name}: policy {p['policyname']} does more than show" for p in policies if p["cmd"] != "SELECT"]
    return wrong + [
        f"{name}: policy {p['policyname']} shows rows to those who are nobody"
        for p in policies
        if not any(_is_compared(setting, p["qual"] or "") for setting in ("current_organization_id", "current_user_id"))
    ]


def _is_compared(setting: str, rule: str) -> bool:
    return f"NULLIF(current_setting('app.{setting}'::text, true), ''::text)" in rule


def _wrong_rules(name: str, kind: str, policies: list[asyncpg.Record]) -> list[str]:
    wanted = {
        "user": ("current_user_id",),
        "organization": ("current_organization_id",),
        "tenant": ("current_organization_id", "current_tenant_id"),
    }
    rules = [(p["policyname"], rule) for p in policies for rule in (p["qual"] or "", p["with_check"] or "")]
    wrong = [
        f"{name}: policy {policy} does not compare {setting}"
        for policy, rule in rules
        for setting in wanted.get(kind, ())
        if not _is_compared(setting, rule)
    ]
    checks = [(p["policyname"], p["with_check"] or "") for p in policies]
    return wrong + [f"{name}: policy {policy} lets '*' write" for policy, check in checks if "'*'" in check]


async def references_keyed(connection: Connection) -> list[str]:
    """A foreign key ignores row-level security: without the tenant key it would accept, and so betray, another tenant's row."""
    wrong = []
    for key in await connection.fetch(REFERENCES):
        kinds, pairs = (key["child_kind"], key["parent_kind"]), set(key["pairs"])
        if (
            "platform" in kinds or key["parent_kind"] == "user"
        ):  # an id of a person is random, and shows nothing of them
            continue
        wanted = "tenant_id tenant_id" if kinds == ("tenant", "tenant") else "organization_id organization_id"
        if key["parent"] == "organization":
            wanted = "organization_id id"
        if wanted not in pairs:
            wrong.append(f"{key['child']}: foreign key {key['name']} to {key['parent']} does not carry the tenant key")
    return wrong


async def uniques_keyed(connection: Connection) -> list[str]:
    """A unique constraint ignores it too; a primary key of one random or counted id tells nothing."""
    wrong = []
    for rule in await connection.fetch(_UNIQUE):
        columns, name = rule["columns"], rule["name"]
        key = {"tenant": "tenant_id", "organization": "organization_id", "user": "user_id"}.get(rule["kind"])
        only_id = rule["is_primary"] and columns[0] in {"id", "chunk_id", "answer_id", "organization_id"}
        if key is None or key in columns or only_id or name in UNIQUE_ACROSS_TENANTS:
            continue
        wrong.append(f"{rule['table']}: unique rule {name} {columns} does not carry {key}")
    return wrong


async def views_invoke(connection: Connection) -> list[str]:
    """A view looks through the eyes of whoever asks; a materialized one remembers what its owner saw."""
    rows = await connection.fetch(
        "SELECT relname, relkind::text AS kind, coalesce(reloptions, '{}') AS options FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')"
    )
    return [
        f"{row['relname']}: a view needs security_invoker=true, and none is materialized"
        for row in rows
        if row["kind"] == "m" or not {"security_invoker=true", "security_invoker=on"} & set(row["options"])
    ]


async def definers_named(connection: Connection) -> list[str]:
    """Functions that act as somebody else are known by name, belong to the system role, and nobody can redirect or borrow them."""
    wrong = []
    for function in await connection.fetch(_FUNCTIONS):
        name = function["name"]
        if name not in DEFINERS:
            wrong.append(f"{name}: acts as its owner and is not on the list")
        if function["owner"] != "atende_system":
            wrong.append(f"{name}: belongs to {function['owner']}, not to atende_system")
        if SEARCH_PATH not in function["config"]:
            wrong.append(f"{name}: its search path is not fixed to ours")
        if function["public_may"]:
            wrong.append(f"{name}: everybody may execute it")
    return wrong


async def roles_weak(connection: Connection) -> list[str]:
    """The app can do what it was granted, and has no way around: no attribute, no ownership, no membership."""
    roles = await connection.fetch(
        "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname IN ('atende_app', 'atende_system', 'atende_owner')"
        " AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication OR (rolname = 'atende_system' AND rolcanlogin))"
    )
    wrong = [f"{role['rolname']}: may do too much" for role in roles]
    owned = await connection.fetch(
        "SELECT relname AS name FROM pg_class WHERE relowner = 'atende_app'::regrole"
        " UNION ALL SELECT proname FROM pg_proc WHERE proowner = 'atende_app'::regrole"
        " UNION ALL SELECT nspname FROM pg_namespace WHERE nspowner = 'atende_app'::regrole"
        " UNION ALL SELECT datname FROM pg_database WHERE datdba = 'atende_app'::regrole"
    )
    wrong += [f"{row['name']}: belongs to atende_app" for row in owned]
    members = await connection.fetch(
        "SELECT roleid::regrole::text AS role, member::regrole::text AS member FROM pg_auth_members"
        " WHERE member = 'atende_app'::regrole OR (roleid = 'atende_system'::regrole AND member <> 'atende_owner'::regrole)"
    )
    wrong += [f"{row['member']}: is a member of {row['role']}" for row in members]
    may = await connection.fetchrow(
        "SELECT has_schema_privilege('atende_app', 'public', 'CREATE') AS schema,"
        " has_database_privilege('atende_app', current_database(), 'CREATE') AS database,"
        " has_database_privilege('atende_app', current_database(), 'TEMPORARY') AS temporary"
    )
    return wrong + [f"atende_app: may create in the {what}" for what, allowed in (may or {}).items() if allowed]


async def grants_narrow(connection: Connection) -> list[str]:
    """Tables are granted to nobody but the app and the named functions, and no more than they need."""
    wrong, letters = [], {"INSERT": "a", "SELECT": "r", "UPDATE": "w", "DELETE": "d"}
    for grant in await connection.fetch(_GRANTS):
        table, role, may = grant["table"], grant["role"], grant["may"]
        if grant["everybody"]:
            wrong.append(f"{table}: granted to everybody")
        if role == "atende_system" and letters.get(may, "?") not in SYSTEM_MAY.get(table, ""):
            wrong.append(f"{table}: atende_system may {may}")
        if role == "atende_app" and not _app_may(table, may):
            wrong.append(f"{table}: atende_app may {may}")
    columns = await connection.fetch(_COLUMN_GRANTS)
    return wrong + [
        f"{grant['table']}.{grant['name']}: {grant['role']} may {grant['may']}"
        for grant in columns
        if grant["name"] not in MAY_IN.get(grant["role"], {}).get((grant["table"], grant["may"]), ())
    ]


def _app_may(table: str, may: str) -> bool:
    if may == "DELETE":
        return table in DELETED_FROM
    if may == "UPDATE":
        return table not in NEVER_CHANGED
    if may == "INSERT":
        return table not in {"alembic_version", *ONLY_READ}
    return may == "SELECT" and table != "alembic_version"
