"""One stage for all operations of a test: each recipe brings its own people and things."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from atende.outbound.postgres.embedded.launcher import Urls
from tests.integration.mutations.mutation_world import Stage, make_stage


@pytest_asyncio.fixture
async def stage(database: Urls, tmp_path: Path) -> AsyncIterator[Stage]:
    async with make_stage(database, tmp_path) as made:
        yield made
