"""SQL functions live in files: their current text is in place, and a revision that changes one leads up and down again."""

import re
import shutil
from pathlib import Path

import asyncpg
import pytest

from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.migrate import downgrade, migrate, revisions
from tests.databases import MIGRATIONS
from tests.integration.row_level_security.connections import connected

FILES = {path.stem: path for path in (MIGRATIONS / "functions").rglob("*.sql")}
HEAD = revisions(MIGRATIONS)[-1]
_FUNCTIONS = """
SELECT p.proname::text AS name, pg_get_functiondef(p.oid) AS definition, p.prosrc AS body, p.prosecdef AS system,
       pg_get_userbyid(p.proowner)::text AS owner, coalesce(p.proacl::text, '') AS acl
FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
_REVISION = '''"""Changes some functions."""

from migrations.functions import put, take_back

revision, down_revision = "9001", {below!r}
NAMES = {names!r}


def upgrade() -> None:
    put(revision, *NAMES)


def downgrade() -> None:
    take_back(revision, *NAMES)
'''


async def _functions(urls: Urls) -> dict[str, asyncpg.Record]:
    async with connected(urls.admin) as admin:
        rows = await admin.fetch(_FUNCTIONS)
    assert len(rows) == len({row["name"] for row in rows}), "no function stands beside another of its name"
    return {row["name"]: row for row in rows}


async def test_every_function_has_the_text_of_its_file(database: Urls) -> None:
    there = await _functions(database)
    assert set(there) == set(FILES)
    assert len(FILES) == len(list((MIGRATIONS / "functions").rglob("*.sql"))), "one name is one function"
    for name, path in FILES.items():
        text = path.read_text(encoding="utf-8")
        assert f"\nCREATE OR REPLACE FUNCTION {name}(" in f"\n{text}", path
        assert there[name]["body"] in text, path
        assert there[name]["system"] is text.startswith("-- system: "), path


async def test_every_body_is_sound_once_all_revisions_have_run(database: Urls) -> None:
    """`put` cannot check bodies, which may name what a later revision makes; here all of it is there."""
    async with connected(database.admin) as admin:
        await admin.execute("SET check_function_bodies = on")
        for path in FILES.values():
            await admin.execute(path.read_text(encoding="utf-8"))


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The migrations with one more revision: it changes a body, parameters, a result and a trigger function, and adds one."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, before, after in (
        ("tenancy/names_taken", "deleted_at IS NULL", "deleted_at IS NULL AND slug <> 'new text'"),
        ("work/sweep_jobs", "(p_limit int)", "(p_limit int, p_again interval)"),
        ("work/job_health", "dead bigint", "dead bigint, more int"),
        ("credits/refuse_change", "are never changed", "are never ever changed"),
        ("audit/note_unsealed_audit", "RETURN NULL", "RETURN NEW"),
    ):
        path = folder / "functions" / f"{name}.sql"
        text = path.read_text(encoding="utf-8")
        assert before in text, name
        text = text.replace(before, after)
        path.write_text(re.sub(r"(FROM job WHERE status = 'dead'\))\n", r"\1, 1\n", text), encoding="utf-8")
    brand_new = folder / "functions" / "work" / "brand_new.sql"
    brand_new.write_text(
        "-- system: new\nCREATE OR REPLACE FUNCTION brand_new() RETURNS int LANGUAGE sql AS 'SELECT 1';"
    )
    names = (
        "tenancy/names_taken",
        "work/sweep_jobs",
        "work/job_health",
        "credits/refuse_change",
        "audit/note_unsealed_audit",
        "work/brand_new",
    )
    (folder / "versions" / "9001_changed.py").write_text(_REVISION.format(below=HEAD, names=names))
    return folder


async def test_a_changed_function_goes_up_and_its_old_text_comes_back(database: Urls, changed: Path) -> None:
    before = await _functions(database)
    for _ in range(2):
        await migrate(database.owner, changed)
        up = await _functions(database)
        assert {name for name in up if up[name] != before.get(name)} == {
            "names_taken",
            "sweep_jobs",
            "job_health",
            "refuse_change",
            "note_unsealed_audit",
            "brand_new",
        }
        assert "new text" in up["names_taken"]["body"]
        assert "p_again" in up["sweep_jobs"]["definition"]
        assert "more integer" in up["job_health"]["definition"]
        assert "never ever" in up["refuse_change"]["body"]
        for name in set(before) & set(up):
            same = ("system", "owner", "acl")
            assert [up[name][key] for key in same] == [before[name][key] for key in same], name
        assert up["brand_new"]["owner"] == "atende_system"

        await downgrade(database.owner, changed, to=HEAD)
        assert await _functions(database) == before
        async with connected(database.admin) as admin:
            assert await admin.fetchval("SELECT count(*) FROM replaced_function WHERE revision = '9001'") == 0


async def test_a_new_database_holds_the_current_text_from_the_start(empty_database: Urls, changed: Path) -> None:
    """Also at the revision that first made the function, where what its text names may not be there yet."""
    await migrate(empty_database.owner, changed, to=HEAD)
    assert "new text" in (await _functions(empty_database))["names_taken"]["body"]
    await migrate(empty_database.owner, changed)
    await downgrade(empty_database.owner, changed, to="base")
    assert await _functions(empty_database) == {}
