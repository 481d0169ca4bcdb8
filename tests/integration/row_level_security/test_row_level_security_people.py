"""Row-level security for the app role, around people: accounts, sessions, memberships and what roles may do."""

from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from atende.core.kernel import TenantScope, personal
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.unit import see
from tests.integration.row_level_security.access import attempt, declared_kinds, filled_with_rows, readable
from tests.integration.row_level_security.connections import acting_as, connected
from tests.integration.row_level_security.rows import (
    ANA,
    BIA,
    BRANCH,
    CARLA,
    OF_PLATFORM,
    ORG,
    OTHER_ORG,
    SHOP,
    STRANGER,
    owners,
    persons,
)


@pytest_asyncio.fixture
async def filled(database: Urls) -> Urls:
    await filled_with_rows(database)
    return database


async def test_g59_a_person_sees_themselves_and_where_they_belong(filled: Urls) -> None:
    """Outside of every organization: of the rest of them nothing, not even of one's own organization."""
    organizations = {(OF_PLATFORM[0], None), (ORG, None)}
    projects = {OF_PLATFORM, (ORG, "shop"), (ORG, "branch")}
    also = {"membership": {(ORG, None)}, "organization": organizations, "project": projects}
    also["billing_account"] = {(OF_PLATFORM[0], None)}
    async with connected(filled.app) as connection:
        kinds = await declared_kinds(connection)
        for name in await readable(connection):
            async with acting_as(connection, personal(ANA)):
                if kinds[name] == "user":
                    assert await persons(connection, name) == {ANA}, name
                else:
                    assert await owners(connection, name) == also.get(name, set()), name
        async with acting_as(connection, personal(ANA)):
            assert await persons(connection, "membership") == {ANA}


async def test_g59_an_organization_sees_the_accounts_of_its_members_and_nothing_else_of_them(filled: Urls) -> None:
    async with connected(filled.app) as connection:
        names = [name for name, kind in (await declared_kinds(connection)).items() if kind == "user"]
        assert len(names) > 1
        for name in names:
            for scope, members in ((TenantScope(ORG), {ANA, BIA}), (TenantScope(OTHER_ORG, "shop"), {CARLA})):
                async with acting_as(connection, scope):
                    seen = await persons(connection, name)
                assert seen == (members if name == "user_account" else set()), f"{name}: {scope}"
            async with acting_as(connection, TenantScope(OTHER_ORG, "stranger", ANA)):
                assert await persons(connection, name) == ({ANA, CARLA} if name == "user_account" else {ANA}), name


async def test_g59_nobody_writes_a_row_of_another_person(filled: Urls) -> None:
    async with connected(filled.app) as connection:
        names = [name for name, kind in (await declared_kinds(connection)).items() if kind == "user"]
        for name in names:
            key = "id" if name == "user_account" else "user_id"
            insert = f"INSERT INTO \"{name}\" ({key}) VALUES ('{ANA}')"
            for scope in (personal(ANA), SHOP, TenantScope(OTHER_ORG, "*", ANA)):
                async with acting_as(connection, scope):
                    assert await attempt(connection, insert) == "passed", f"{name}: the person may not write"
                    given = f"UPDATE \"{name}\" SET {key} = '{BIA}'"
                    assert await attempt(connection, given) == "refused", f"{name}: a row can be given away"
            for scope in (TenantScope(ORG), TenantScope(ORG, "shop"), BRANCH, personal(BIA), personal(UUID(int=99))):
                async with acting_as(connection, scope):
                    assert await attempt(connection, insert) == "refused", f"{name}: {scope} may insert"
                    update = f"UPDATE \"{name}\" SET {key} = {key} WHERE {key} = '{ANA}'"
                    assert await attempt(connection, update) in {"refused", "UPDATE 0"}, f"{name}: {scope} may update"
                    delete = f"DELETE FROM \"{name}\" WHERE {key} = '{ANA}'"
                    assert await attempt(connection, delete) in {"refused", "DELETE 0"}, f"{name}: {scope} may delete"


async def test_g59_nobody_is_made_a_member_by_somebody_else(filled: Urls) -> None:
    """Else an organization could show itself any account."""
    columns = "organization_id, user_id, role, created_at, updated_at"
    insert = f"INSERT INTO membership ({columns}) VALUES ('{ORG}', '{CARLA}', 'viewer', now(), now())"
    async with connected(filled.app) as connection:
        for scope in (SHOP, TenantScope(ORG), personal(CARLA), STRANGER):
            async with acting_as(connection, scope):
                assert await attempt(connection, insert) == "refused", scope
                moved = await attempt(connection, f"UPDATE membership SET user_id = '{CARLA}'")
                assert moved == "refused", scope
        async with acting_as(connection, TenantScope(ORG, "*", CARLA)):
            assert await attempt(connection, insert) == "INSERT 0 1"


async def test_g58_what_roles_may_do_is_written_by_the_installation_alone(filled: Urls) -> None:
    insert = "INSERT INTO role_permission (role, permission) VALUES ('viewer', 'keys:delete')"
    delete = "DELETE FROM role_permission WHERE role = 'owner' AND permission = 'rag:run'"
    async with connected(filled.app) as connection:
        for scope in (SHOP, TenantScope(ORG), TenantScope(OTHER_ORG, "*", ANA)):
            async with acting_as(connection, scope):
                assert await attempt(connection, insert) == "refused", scope
                assert await attempt(connection, delete) == "DELETE 0", scope
        assert await attempt(connection, insert) == "refused"
        assert await attempt(connection, delete) == "DELETE 0"
        async with acting_as(connection, personal(ANA)):
            assert (await attempt(connection, insert), await attempt(connection, delete)) == (
                "INSERT 0 1",
                "DELETE 1",
            )


async def test_g58_nobody_makes_themselves_an_operator(database: Urls) -> None:
    """The first one is made by the program; any other by whoever administers the database."""
    promoted = f"UPDATE user_account SET platform_role = 'operator' WHERE id = '{ANA}'"
    again = f"{_account(ANA, 'user')} ON CONFLICT (id) DO UPDATE SET platform_role = 'operator'"
    async with connected(database.app) as connection:
        async with acting_as(connection, personal(ANA)):
            assert await attempt(connection, _account(ANA, "user")) == "INSERT 0 1"
            assert await attempt(connection, "UPDATE user_account SET first_name = 'Ana'") == "UPDATE 1"
            assert (await attempt(connection, promoted), await attempt(connection, again)) == ("refused", "refused")
        async with acting_as(connection, personal(BIA)):
            assert await attempt(connection, _account(BIA, "operator")) == "INSERT 0 1", "the first one"
            await connection.execute(see(personal(CARLA)))
            assert await attempt(connection, _account(CARLA, "user")) == "INSERT 0 1"
            await connection.execute(see(personal(ANA)))
            with pytest.raises(asyncpg.UniqueViolationError, match="operator"):
                await connection.execute(_account(ANA, "operator"))


def _account(person: UUID, role: str) -> str:
    values = f"'{person}', '{person}@example.com', '{role}', 'active', now(), now()"
    return f"INSERT INTO user_account (id, email, platform_role, status, created_at, updated_at) VALUES ({values})"
