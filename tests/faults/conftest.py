"""A stage on a database of its own for each test, and one world of processes for all of them."""

from collections.abc import AsyncIterator

import pytest_asyncio

from atende.outbound.postgres.launcher import Urls
from tests.faults.stage import Stage, stage
from tests.faults.world import World, world


@pytest_asyncio.fixture
async def shop(database: Urls) -> AsyncIterator[Stage]:
    """Held in the test's hand."""
    async with stage(database) as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running() -> AsyncIterator[World]:
    """Two workers, a web process, the doubles and Redis; tests that use it run in the session's event loop."""
    async with world(workers=2, webs=1, redis=True, times={"JOB_LEASE": "2", "JOB_HEARTBEAT": "0.5"}) as made:
        yield made
