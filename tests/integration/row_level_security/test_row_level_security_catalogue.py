"""Row-level security as the catalogue declares it: every table, key, view, function and role."""

import pytest

from atende.outbound.postgres.embedded.launcher import Urls
from tests.integration.row_level_security import checks
from tests.integration.row_level_security.connections import connected
from tests.integration.row_level_security.violations import VIOLATIONS, Check

CHECKS: tuple[Check, ...] = (
    checks.declared,
    checks.enabled,
    checks.references_keyed,
    checks.uniques_keyed,
    checks.views_invoke,
    checks.definers_named,
    checks.roles_weak,
    checks.grants_narrow,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_g58_g61_g62_the_catalogue_is_sound(check: Check, database: Urls) -> None:
    async with connected(database.app) as connection:
        assert await check(connection) == []


@pytest.mark.parametrize(
    ("check", "violation", "named"), VIOLATIONS, ids=lambda value: getattr(value, "__name__", None)
)
async def test_each_check_names_what_breaks_it(check: Check, violation: str, named: str, database: Urls) -> None:
    """A check that cannot fail proves nothing. The violation is rolled back, since roles outlive the database."""
    async with connected(database.admin) as admin:
        change = admin.transaction()
        await change.start()
        await admin.execute(violation)
        assert any(named in wrong for wrong in await check(admin)), await check(admin)
        await change.rollback()
