"""Every migration up, down and up again, on a database that starts with nothing but roles and extensions."""

from itertools import pairwise

import asyncpg
import pytest

from atende.core.kernel import Invalid
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.migrate import downgrade, migrate, revisions
from tests.databases import MIGRATIONS

_OBJECTS = """
SELECT 'relation ' || c.relkind::text || ' ' || c.relname || ' ' || c.relrowsecurity || c.relforcerowsecurity
  || ' ' || coalesce(c.relacl::text, '')
  || ' ' || coalesce(obj_description(c.oid), '')
  FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'column ' || a.attrelid::regclass || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull
  || ' ' || coalesce(a.attacl::text, '')
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'policy ' || tablename || ' ' || policyname || ' ' || roles::text || ' ' || coalesce(qual, '') || ' ' || coalesce(with_check, '')
  FROM pg_policies WHERE schemaname = 'public'
UNION ALL SELECT 'function ' || p.oid::regprocedure || ' ' || pg_get_userbyid(p.proowner) || ' ' || p.prosecdef || ' ' || md5(p.prosrc)
  || ' ' || coalesce(p.proacl::text, '') || ' ' || coalesce(p.proconfig::text, '')
  FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL SELECT 'trigger ' || tgrelid::regclass || ' ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'type ' || typname || ' ' || typtype::text FROM pg_type t WHERE typnamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
UNION ALL SELECT 'search ' || cfgname FROM pg_ts_config WHERE cfgnamespace = 'public'::regnamespace
"""
_STEPS = ["base", *revisions(MIGRATIONS)]


async def _objects(urls: Urls) -> set[str]:
    """All that migrations may make, told so exactly that two states which differ tell different things."""
    connection = await asyncpg.connect(urls.owner)
    try:
        lines = {row[0] for row in await connection.fetch(_OBJECTS)}
        if await connection.fetchval("SELECT to_regclass('replaced_function')"):
            lines |= {f"replaced {row}" for row in await connection.fetch("SELECT * FROM replaced_function")}
    finally:
        await connection.close()
    return {line for line in lines if "alembic_version" not in line}


async def test_every_migration_goes_up_down_and_up_again(empty_database: Urls) -> None:
    """Down leads to exactly what was there before, and up again to exactly what the first way up made."""
    before = await _objects(empty_database)
    for below, step in pairwise(_STEPS):
        await migrate(empty_database.owner, MIGRATIONS, to=step)
        after = await _objects(empty_database)
        assert after - before, f"{step} makes nothing"
        await downgrade(empty_database.owner, MIGRATIONS, to=below)
        left = await _objects(empty_database)
        assert left == before, f"{step} leaves behind or takes away: {sorted(left ^ before)}"
        await migrate(empty_database.owner, MIGRATIONS, to=step)
        assert await _objects(empty_database) == after, f"{step} makes something else the second time"
        before = after


async def test_the_last_migration_is_the_head_and_all_of_them_go_down_at_once(empty_database: Urls) -> None:
    before = await _objects(empty_database)
    await migrate(empty_database.owner, MIGRATIONS)
    await migrate(empty_database.owner, MIGRATIONS)
    connection = await asyncpg.connect(empty_database.owner)
    try:
        assert await connection.fetchval("SELECT version_num FROM alembic_version") == _STEPS[-1]
    finally:
        await connection.close()
    await downgrade(empty_database.owner, MIGRATIONS, to="base")
    assert await _objects(empty_database) == before


async def test_a_database_of_a_newer_version_is_refused(empty_database: Urls) -> None:
    await migrate(empty_database.owner, MIGRATIONS)
    connection = await asyncpg.connect(empty_database.owner)
    try:
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    finally:
        await connection.close()
    with pytest.raises(Invalid, match="9999"):
        await migrate(empty_database.owner, MIGRATIONS)


async def test_prices_that_were_changed_by_hand_stay(empty_database: Urls) -> None:
    await migrate(empty_database.owner, MIGRATIONS)
    connection = await asyncpg.connect(empty_database.owner)
    try:
        await connection.execute("UPDATE price SET credits_per_unit = 7 WHERE model = 'extractive'")
        await connection.execute("DELETE FROM price WHERE model = 'gpt-4o'")
        await migrate(empty_database.owner, MIGRATIONS)
        assert await connection.fetchval("SELECT credits_per_unit FROM price WHERE model = 'extractive'") == 7
        assert await connection.fetchval("SELECT count(*) FROM price WHERE model = 'gpt-4o'") == 1
    finally:
        await connection.close()


async def test_without_the_extensions_the_first_migration_says_what_to_do(empty_database: Urls) -> None:
    admin = await asyncpg.connect(empty_database.admin)
    try:
        await admin.execute("DROP EXTENSION unaccent")
    finally:
        await admin.close()
    with pytest.raises(Exception, match="create the extensions vector and unaccent first"):
        await migrate(empty_database.owner, MIGRATIONS)
