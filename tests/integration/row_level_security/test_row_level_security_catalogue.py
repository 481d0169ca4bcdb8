"""The second wall as the catalogue tells of it: every table, key, view, function and role."""

import pytest

from atende.outbound.postgres.embedded.launcher import Urls
from tests.integration.row_level_security import checks as walls
from tests.integration.row_level_security.connections import connected
from tests.integration.row_level_security.violations import BROKEN, Check

CHECKS: tuple[Check, ...] = (
    walls.declared,
    walls.walled,
    walls.references_keyed,
    walls.uniques_keyed,
    walls.views_invoke,
    walls.definers_named,
    walls.roles_weak,
    walls.grants_narrow,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_g58_g61_g62_the_catalogue_is_sound(check: Check, database: Urls) -> None:
    async with connected(database.app) as connection:
        assert await check(connection) == []


@pytest.mark.parametrize(("check", "breach", "named"), BROKEN, ids=lambda value: getattr(value, "__name__", None))
async def test_each_check_names_what_breaks_it(check: Check, breach: str, named: str, database: Urls) -> None:
    """A check that cannot fail proves nothing. The breach is rolled back, since roles outlive the database."""
    async with connected(database.admin) as admin:
        change = admin.transaction()
        await change.start()
        await admin.execute(breach)
        assert any(named in wrong for wrong in await check(admin)), await check(admin)
        await change.rollback()
