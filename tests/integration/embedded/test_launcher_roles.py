"""The roles, databases and text settings of the embedded server, and the same role script through psql."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from atende.outbound.postgres.embedded.launcher import EmbeddedPostgres
from atende.outbound.postgres.embedded.programs import Account, EmbeddedPostgresError, prepare_programs
from atende.outbound.postgres.embedded.roles import roles_sql
from tests.integration.embedded.launcher_helpers import QUICK


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[EmbeddedPostgres]:
    """One running server with the database `atende`, for the tests that leave it as it was."""
    async with await EmbeddedPostgres.start(settings={**QUICK, "log_statement": "all"}) as running:
        await running.create_database("atende")
        yield running


async def test_text_is_utf8_and_accents_fold(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.urls().app)
    assert await connection.fetchval("SHOW server_encoding") == "UTF8"
    assert await connection.fetchval("SELECT lower('ÁÉÑÇ') || upper('ão')") == "áéñçÃO"
    assert await connection.fetchval("SELECT unaccent('ação')") == "acao"
    assert await connection.fetchval("SELECT '[1,2]'::vector <-> '[1,0]'::vector") == 2
    await connection.close()


async def test_the_app_role_is_weak(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.urls().app)
    role = await connection.fetchrow(
        "SELECT rolsuper, rolbypassrls, rolinherit, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles"
        " WHERE rolname = current_user"
    )
    assert role is not None
    assert not any(role.values())
    assert await connection.fetchval("SELECT count(*) FROM pg_auth_members WHERE member = current_user::regrole") == 0
    assert (
        await connection.fetchval(
            "SELECT count(*) FROM pg_shdepend WHERE refobjid = current_user::regrole AND deptype = 'o'"
        )
        == 0
    )
    for statement in (
        "CREATE TABLE mine (a int)",
        "CREATE TEMPORARY TABLE mine (a int)",
        "CREATE SCHEMA mine",
        "SET ROLE atende_system",
        "SET ROLE atende_owner",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    settings = [await connection.fetchval(f"SHOW {name}") for name in ("lock_timeout", "statement_timeout")]
    assert settings == ["2s", "30s"]
    assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "10s"
    await connection.close()


async def test_the_owner_hands_a_definer_function_to_the_system_role(server: EmbeddedPostgres) -> None:
    urls = await server.create_database("definer")
    owner = await asyncpg.connect(urls.owner)
    await owner.execute("CREATE FUNCTION who() RETURNS text LANGUAGE sql SECURITY DEFINER RETURN current_user")
    await owner.execute("ALTER FUNCTION who() OWNER TO atende_system")
    await owner.close()
    app = await asyncpg.connect(urls.app)
    assert await app.fetchval("SELECT who()") == "atende_system"
    await app.close()
    await server.drop_database("definer")


async def test_a_copy_of_a_template_has_its_tables_and_the_same_rights(server: EmbeddedPostgres) -> None:
    urls = await server.create_database("model")
    connection = await asyncpg.connect(urls.owner)
    await connection.execute("CREATE TABLE note (word text); GRANT SELECT ON note TO atende_app")
    await server.mark_template("model")
    copies = await asyncio.gather(*(server.create_database(f"copy {n}", template="model") for n in range(3)))
    for copy in copies:
        app = await asyncpg.connect(copy.app)
        assert await app.fetch("SELECT word, unaccent(word) FROM note") == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("CREATE TEMPORARY TABLE mine (a int)")
        await app.close()
    with pytest.raises(EmbeddedPostgresError, match="already a database copy 0"):
        await server.create_database("copy 0", template="model")
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await connection.fetchval("SELECT 1")
    for name in ("copy 0", "copy 1", "copy 2", "model", "model"):
        await server.drop_database(name)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(urls.app)


async def test_no_password_reaches_the_log_or_a_repr(server: EmbeddedPostgres) -> None:
    urls = server.urls()
    log = (server.data_dir / "server.log").read_text()
    assert "ALTER ROLE atende_app LOGIN" in log
    for url in (urls.app, urls.owner, urls.admin):
        password = url.split(":")[2].split("@")[0]
        assert len(password) >= 32
        assert password not in log
        assert password not in repr(urls)


async def test_psql_runs_the_role_script_for_production_again_and_again(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    admin = await asyncpg.connect(server.urls("postgres").admin)
    await admin.execute('CREATE DATABASE "by hand"')
    script = tmp_path / "roles.sql"
    script.write_text(roles_sql("by hand"))
    passwords = [url.split(":")[2].split("@")[0] for url in (server.urls().owner, server.urls().app)]
    command: list[str | Path] = [
        prepare_programs(Account.choose()).folder / "psql",
        "-X",
        "-1",
        "-v",
        "ON_ERROR_STOP=1",
    ]
    command += [server.urls("by hand").admin, "-c", r"\getenv owner_password OWNER_PASSWORD"]
    command += ["-c", r"\getenv app_password APP_PASSWORD", "-f", script]
    environment = {"PATH": os.environ["PATH"], "OWNER_PASSWORD": passwords[0], "APP_PASSWORD": passwords[1]}
    for _ in range(2):
        subprocess.run(command, check=True, capture_output=True, env=environment)
    owner = await asyncpg.connect(server.urls("by hand").owner)
    await owner.execute("CREATE TABLE note (place vector(3))")
    await owner.close()
    app = await asyncpg.connect(server.urls("by hand").app)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute("CREATE TABLE mine (a int)")
    await app.close()

    await admin.execute("GRANT pg_read_all_data TO atende_app")
    refused = subprocess.run(command, capture_output=True, env=environment, text=True)
    assert "atende_app is a member of pg_read_all_data" in refused.stderr
    await admin.execute("REVOKE pg_read_all_data FROM atende_app; ALTER ROLE atende_app BYPASSRLS")
    refused = subprocess.run(command, capture_output=True, env=environment, text=True)
    assert "atende_app may do too much" in refused.stderr
    await admin.execute("ALTER ROLE atende_app NOBYPASSRLS")
    await admin.close()
    await server.drop_database("by hand")
