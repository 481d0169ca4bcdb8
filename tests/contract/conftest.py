"""The worlds as fixtures: `world` is each of them in turn, `postgres` the real one alone."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from atende.outbound.postgres.embedded.launcher import Urls
from tests.contract.world import Tenant, World
from tests.contract.worlds import MemoryWorld, PostgresWorld, open_postgres
from tests.databases import Databases


@pytest_asyncio.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest, databases: Databases) -> AsyncIterator[World]:
    if request.param == "memory":
        yield MemoryWorld()
        return
    async with databases.one() as urls, open_postgres(urls) as made:
        yield made


@pytest_asyncio.fixture
async def postgres(database: Urls) -> AsyncIterator[PostgresWorld]:
    async with open_postgres(database) as made:
        yield made


@pytest_asyncio.fixture
async def shop(world: World) -> Tenant:
    return await world.found("shop")


@pytest_asyncio.fixture
async def stranger(world: World, shop: Tenant) -> Tenant:
    """A tenant of another organization."""
    return await world.found("stranger")


@pytest_asyncio.fixture
async def branch(world: World, shop: Tenant) -> Tenant:
    """Another tenant of the shop's organization."""
    return await world.branch(shop, "branch")
