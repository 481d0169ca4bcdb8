"""`people` is the whole HTTP API over a database of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.people import PeopleWorld, make_people_world


@pytest_asyncio.fixture
async def people(database: Urls, tmp_path: Path) -> AsyncIterator[PeopleWorld]:
    async with make_people_world(database, tmp_path) as made:
        yield made
