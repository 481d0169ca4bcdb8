"""`people` is the API over memory and over PostgreSQL in turn, `real` over PostgreSQL alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.databases import Databases
from tests.integration.people.world import PeopleWorld, make_people_world


@pytest_asyncio.fixture(params=["memory", "postgres"])
async def people(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> AsyncIterator[PeopleWorld]:
    if request.param == "memory":
        async with make_people_world(None, tmp_path) as made:
            yield made
        return
    async with databases.one() as urls, make_people_world(urls, tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def real(databases: Databases, tmp_path: Path) -> AsyncIterator[PeopleWorld]:
    async with databases.one() as urls, make_people_world(urls, tmp_path) as made:
        yield made
