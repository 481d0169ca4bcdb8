"""`mutations` is the API over a database of the test's own, for calls that change something."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from atende.outbound.postgres.embedded.launcher import Urls
from tests.integration.mutations.mutation_world import MutationWorld, make_mutation_world


@pytest_asyncio.fixture
async def mutations(database: Urls, tmp_path: Path) -> AsyncIterator[MutationWorld]:
    async with make_mutation_world(database, tmp_path) as made:
        yield made
