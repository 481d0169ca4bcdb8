"""Rows of several tenants in every table there is, made from the catalogue: a new table is covered the day it is made."""

from typing import Any
from uuid import UUID

from atende.core.kernel import PLATFORM, TenantScope
from tests.integration.row_level_security.checks import Connection

ORG, OTHER_ORG = UUID(int=1), UUID(int=2)
ANA, BIA, CARLA = UUID(int=11), UUID(int=12), UUID(int=13)
SHOP, BRANCH, STRANGER = (
    TenantScope(ORG, "shop", ANA),
    TenantScope(ORG, "branch", BIA),
    TenantScope(OTHER_ORG, "stranger", CARLA),
)
"""Three tenants of two organizations, each with a person at work in it."""
OF_PLATFORM = PLATFORM.organization_id, PLATFORM.tenant_id

_VALUES = {
    "uuid": "gen_random_uuid()",
    "integer": "floor(random() * 1000000)::int",
    "bigint": "floor(random() * 1000000)::bigint",
    "double precision": "random()",
    "numeric": "1",
    "boolean": "false",
    "bytea": "decode(md5(random()::text), 'hex')",
    "jsonb": "'{}'",
    "tsvector": "''",
    "vector": "'[1]'",
    "text[]": "'{}'",
    "timestamp with time zone": "now()",
}
_COLUMNS = """
SELECT c.relname AS "table", a.attname AS name, split_part(format_type(a.atttypid, a.atttypmod), '(', 1) AS type,
       format_type(a.atttypid, a.atttypmod) AS full_type
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = '' AND (a.attnotnull OR a.attname IN ('tenant_id', 'organization_id'))
ORDER BY 1, a.attnum
"""
_CHECKS = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
WHERE contype = 'c' AND connamespace = 'public'::regnamespace
"""


async def tables(connection: Connection) -> list[str]:
    rows = await connection.fetch(_COLUMNS)
    return sorted({row["table"] for row in rows})


async def fill(admin: Connection, scopes: tuple[TenantScope, ...] = (SHOP, BRANCH, STRANGER)) -> None:
    """A row of each scope in every table. The superuser bypasses row-level security, triggers and foreign keys; checks are taken away."""
    for (statement,) in await admin.fetch(_CHECKS):
        await admin.execute(statement)
    await admin.execute("SET session_replication_role = replica")
    columns: dict[str, dict[str, str]] = {}
    for row in await admin.fetch(_COLUMNS):
        columns.setdefault(row["table"], {})[row["name"]] = _value(row["type"], row["full_type"])
    for table, values in columns.items():
        for scope in scopes:
            organization, tenant = f"'{scope.organization_id}'", f"'{scope.tenant_id}'"
            person = f"'{scope.user_id or scope.organization_id}'"
            own = {"organization_id": organization, "tenant_id": tenant, "user_id": person} | {
                "organization": {"id": organization},
                "user_account": {"id": person},
                "membership": {"status": "'active'"},
            }.get(table, {})
            filled = {name: own.get(name, value) for name, value in values.items()}
            names, made = ", ".join(f'"{name}"' for name in filled), ", ".join(filled.values())
            await admin.execute(f'INSERT INTO "{table}" ({names}) VALUES ({made}) ON CONFLICT DO NOTHING')
    await admin.execute("SET session_replication_role = origin")


def _value(kind: str, full_type: str) -> str:
    return _VALUES.get(kind, f"md5(random()::text)::{full_type}")


async def owners(connection: Connection, table: str) -> set[tuple[Any, Any]]:
    """(organization, tenant) of all rows of a table that this connection sees."""
    key = "id" if table == "organization" else "organization_id"
    rows = await connection.fetch(
        f"""SELECT DISTINCT to_jsonb(t) ->> '{key}', to_jsonb(t) ->> 'tenant_id' FROM "{table}" t"""
    )
    return {(UUID(row[0]) if row[0] else None, row[1]) for row in rows}


async def persons(connection: Connection, table: str) -> set[UUID]:
    """Whose the rows of a user table are that this connection sees."""
    key = "id" if table == "user_account" else "user_id"
    return {row[0] for row in await connection.fetch(f'SELECT "{key}" FROM "{table}"')}
