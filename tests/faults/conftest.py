"""A shop on a database of its own for each test, and one deployment of processes for all of them."""

from collections.abc import AsyncIterator

import pytest_asyncio

from atende.outbound.postgres.embedded.launcher import Urls
from tests.faults.support.deploy import world
from tests.faults.support.deployment import Deployment
from tests.faults.support.shop import Shop, open_shop


@pytest_asyncio.fixture
async def shop(database: Urls) -> AsyncIterator[Shop]:
    """Held in the test's hand."""
    async with open_shop(database) as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def one_world() -> AsyncIterator[Deployment]:
    async with world(workers=2, webs=1, redis=True, times={"JOB_LEASE": "10", "JOB_HEARTBEAT": "1"}) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def running(one_world: Deployment) -> AsyncIterator[Deployment]:
    """Two workers, a web process, the fakes and Redis; tests that use it run in the session's event loop.

    A worker that is held up for half its lease ends itself, and one that is held up for all of it loses its jobs. That costs
    attempts, which these tests count: the lease is one that a busy machine does not use up.
    """
    await one_world.clear()
    await one_world.mend()
    yield one_world
    await one_world.mend()
