"""Row-level security for the app role: what it really sees and changes."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from atende.core.kernel import TenantScope, Unavailable, personal
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.transaction import PostgresTransaction, make_engine, scoped
from atende.outbound.postgres.unit import Unit, see
from tests.figures import LONG_RUN, figure
from tests.integration.row_level_security import checks
from tests.integration.row_level_security.access import attempt, declared_kinds, filled_with_rows, readable
from tests.integration.row_level_security.checks import Connection
from tests.integration.row_level_security.connections import acting_as, connected
from tests.integration.row_level_security.exceptions import ONLY_READ
from tests.integration.row_level_security.rows import (
    ANA,
    BRANCH,
    ORG,
    OTHER_ORG,
    SHOP,
    STRANGER,
    fill,
    owners,
    persons,
)

TENANTS, TRANSACTIONS = figure(12, full=50), figure(800, full=50_000)
"""Transactions through each of two ways to the database."""


@pytest_asyncio.fixture
async def filled(database: Urls) -> Urls:
    """A database with a row of three tenants, two of them of one organization, in every table."""
    await filled_with_rows(database)
    return database


async def test_g59_without_a_scope_no_table_shows_a_row(filled: Urls) -> None:
    """On a fresh connection, and on one that was used: there an ended setting is the empty text, not nothing."""
    async with connected(filled.app) as connection:
        names = await readable(connection)
        assert len(names) > 15
        for name in names:
            assert await owners(connection, name) == set(), name
        for name in names:
            async with acting_as(connection, SHOP):
                assert await owners(connection, name), name
            assert await owners(connection, name) == set(), name


async def test_g58_a_tenant_sees_itself_and_the_star_its_organization(filled: Urls) -> None:
    async with connected(filled.app) as connection:
        kinds = await declared_kinds(connection)
        for name in [name for name in await readable(connection) if kinds[name] != "user"]:
            for scope, wanted in (
                (SHOP, {SHOP}),
                (TenantScope(ORG), {SHOP, BRANCH}),
                (TenantScope(OTHER_ORG, "shop"), set()),
            ):
                async with acting_as(connection, scope):
                    seen = await owners(connection, name)
                if kinds[name] == "tenant":
                    assert seen == {(one.organization_id, one.tenant_id) for one in wanted}, name
                assert {row[0] for row in seen} <= {scope.organization_id}, name


async def test_g58_no_other_tenant_and_no_star_writes_a_row_of_a_tenant(filled: Urls) -> None:
    async with connected(filled.app) as connection:
        names = [name for name, kind in (await declared_kinds(connection)).items() if kind == "tenant"]
        assert len(names) > 12
        for name in names:
            insert = f"INSERT INTO \"{name}\" (organization_id, tenant_id) VALUES ('{ORG}', 'shop')"
            async with acting_as(connection, SHOP):
                passes = "refused" if name in ONLY_READ else "passed"
                assert await attempt(connection, insert) == passes, f"{name}: whether the tenant itself may write"
                moved = await attempt(connection, f"UPDATE \"{name}\" SET tenant_id = 'branch'")
                assert moved == "refused", f"{name}: a row can be given to another tenant"
            for scope in (
                TenantScope(ORG),
                BRANCH,
                STRANGER,
                TenantScope(OTHER_ORG, "shop"),
                personal(ANA),
                TenantScope(OTHER_ORG, "shop", ANA),
            ):
                async with acting_as(connection, scope):
                    assert await attempt(connection, insert) == "refused", f"{name}: {scope} may insert"
                    update = f"UPDATE \"{name}\" SET tenant_id = tenant_id WHERE tenant_id = 'shop'"
                    assert await attempt(connection, update) in {"refused", "UPDATE 0"}, f"{name}: {scope} may update"
                    delete = f"DELETE FROM \"{name}\" WHERE tenant_id = 'shop'"
                    assert await attempt(connection, delete) in {"refused", "DELETE 0"}, f"{name}: {scope} may delete"


async def test_g58_no_other_organization_writes_a_row_of_an_organization(filled: Urls) -> None:
    async with connected(filled.app) as connection:
        names = [name for name, kind in (await declared_kinds(connection)).items() if kind == "organization"]
        assert len(names) > 4
        for name in names:
            key = "id" if name == "organization" else "organization_id"
            insert = f"INSERT INTO \"{name}\" ({key}) VALUES ('{ORG}')"
            if name == "membership":
                insert = f"INSERT INTO membership (organization_id, user_id) VALUES ('{ORG}', '{ANA}')"
            if name not in ONLY_READ:
                async with acting_as(connection, SHOP):
                    assert await attempt(connection, insert) == "passed", f"{name}: the organization may not write"
            for scope in (STRANGER, personal(ANA), TenantScope(OTHER_ORG, "*", ANA)):
                async with acting_as(connection, scope):
                    assert await attempt(connection, insert) == "refused", f"{name}: {scope} may insert"
                    update = f"UPDATE \"{name}\" SET {key} = {key} WHERE {key} = '{ORG}'"
                    assert await attempt(connection, update) in {"refused", "UPDATE 0"}, f"{name}: {scope} may update"
                    delete = f"DELETE FROM \"{name}\" WHERE {key} = '{ORG}'"
                    assert await attempt(connection, delete) in {"refused", "DELETE 0"}, f"{name}: {scope} may delete"


async def test_g61_a_row_of_another_tenant_cannot_be_referred_to(filled: Urls) -> None:
    """Foreign keys ignore row-level security; carrying the tenant key they find there nothing that is not ours."""
    async with connected(filled.admin) as admin, connected(filled.app) as connection:
        references = [
            row
            for row in await admin.fetch(checks.REFERENCES)
            if (row["child_kind"], row["parent_kind"]) == ("tenant", "tenant") and row["parent"] != "project"
        ]
        checked = 0
        for row in references:
            column, target = next(
                pair.split() for pair in row["pairs"] if not pair.startswith(("tenant_id", "organization_id"))
            )
            if not await connection.fetchval("SELECT has_table_privilege($1, 'UPDATE')", row["child"]):
                continue
            parents = await admin.fetch(f'SELECT tenant_id, "{target}" AS key FROM "{row["parent"]}"')
            ids = {parent["tenant_id"]: parent["key"] for parent in parents}
            for id_, answer in ((ids["branch"], "UPDATE 1"), (ids["shop"], "passed"), (uuid4(), "passed")):
                async with acting_as(connection, BRANCH):
                    await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    statement = f'UPDATE "{row["child"]}" SET "{column}" = \'{id_}\''
                    assert await attempt(connection, statement) == answer, f"{row['child']}.{column}"
            checked += 1
        assert checked > 8


async def test_g61_what_one_tenant_has_does_not_keep_another_from_having_it(filled: Urls) -> None:
    async with connected(filled.app) as connection:
        async with acting_as(connection, SHOP):
            address = await connection.fetchrow("SELECT kind, address FROM contact_address")
        assert address is not None
        async with acting_as(connection, BRANCH):
            update = f"UPDATE contact_address SET kind = '{address['kind']}', address = '{address['address']}'"
            assert await attempt(connection, update) == "UPDATE 1"


async def test_g62_a_view_that_does_not_invoke_would_show_every_tenant(filled: Urls) -> None:
    """Why the catalogue test asks for it."""
    async with connected(filled.admin) as admin, connected(filled.app) as connection:
        await admin.execute(
            "CREATE VIEW open_view AS SELECT tenant_id FROM message;"
            "CREATE VIEW safe_view WITH (security_invoker = true) AS SELECT tenant_id FROM message;"
            "GRANT SELECT ON open_view, safe_view TO atende_app"
        )
        async with acting_as(connection, SHOP):
            assert await connection.fetchval("SELECT count(*) FROM open_view") == 3
            assert await connection.fetchval("SELECT count(*) FROM safe_view") == 1


Way = Callable[[TenantScope], AbstractAsyncContextManager[Connection]]


@asynccontextmanager
async def _through_pool(url: str) -> AsyncIterator[tuple[Way, Way]]:
    """Connections that nobody cleans between two users, as behind a pooler."""

    async def leave(connection: object) -> None: ...

    async with asyncpg.create_pool(url, min_size=5, max_size=5, reset=leave) as pool:

        @asynccontextmanager
        async def bare(_: TenantScope) -> AsyncIterator[Connection]:
            async with pool.acquire() as connection:
                yield connection  # type: ignore[misc]

        yield lambda scope: scoped(pool, scope), bare


@asynccontextmanager
async def _through_units(url: str) -> AsyncIterator[tuple[Way, Way]]:
    engine = make_engine(url, size=5)

    @asynccontextmanager
    async def within(scope: TenantScope) -> AsyncIterator[Connection]:
        unit = Unit(engine)
        async with PostgresTransaction(unit)(scope):
            yield unit.connection

    @asynccontextmanager
    async def bare(_: TenantScope) -> AsyncIterator[Connection]:
        async with engine.connect() as connection:
            driver: Connection | None = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            yield driver

    try:
        yield within, bare
    finally:
        await engine.dispose()


@LONG_RUN
@pytest.mark.parametrize("through", [_through_pool, _through_units])
async def test_g59_the_scope_ends_with_its_transaction_whatever_happens_in_it(
    through: Callable[[str], AbstractAsyncContextManager[tuple[Way, Way]]], database: Urls
) -> None:
    """Over 5 connections, with errors, rollbacks, savepoints and cancelled queries."""
    scopes = tuple(TenantScope(UUID(int=n // 3 + 1), f"tenant-{n}", UUID(int=n + 100)) for n in range(TENANTS))
    async with connected(database.admin) as admin:
        await fill(admin, scopes)
    async with through(database.app) as (within, bare):

        async def use(number: int) -> None:
            chosen = random.Random(number)
            scope, fate = scopes[number % len(scopes)], chosen.choice(FATES)
            with suppress(_Planned, asyncpg.DivisionByZeroError, Unavailable):
                async with within(scope) as connection:
                    for table in chosen.sample(("message", "job", "conversation", "chunk"), 2):
                        assert await owners(connection, table) == {(scope.organization_id, scope.tenant_id)}
                    await fate(connection)
                    assert await owners(connection, "message") == {(scope.organization_id, scope.tenant_id)}
                    assert await persons(connection, "login_session") == {scope.user_id}
            async with bare(scope) as connection:
                assert await connection.fetchval("SELECT count(*) FROM message") == 0
                assert await persons(connection, "login_session") == await persons(connection, "user_account") == set()

        for start in range(0, TRANSACTIONS, 40):
            await asyncio.gather(*(use(number) for number in range(start, start + 40)))


class _Planned(Exception):
    """What a test does to a transaction on purpose."""


async def _go_on(connection: Connection) -> None: ...


async def _fail(connection: Connection) -> None:
    await connection.execute("SELECT 1 / 0")


async def _leave(connection: Connection) -> None:
    raise _Planned


async def _turn_back_a_part(connection: Connection) -> None:
    with suppress(_Planned):
        async with connection.transaction():
            await connection.execute(see(TenantScope(UUID(int=99), "nobody", UUID(int=99))))
            raise _Planned


async def _be_cancelled(connection: Connection) -> None:
    async with asyncio.timeout(0.001):
        await connection.execute("SELECT pg_sleep(10)")


FATES = (_go_on, _go_on, _fail, _leave, _turn_back_a_part, _be_cancelled)
