"""The worlds as fixtures: `world` is each of them in turn, `postgres` the real one alone."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from atende.outbound.postgres.launcher import Urls
from atende.outbound.postgres.transaction import make_engine, make_sessions
from tests.contract.world import Tenant, World
from tests.contract.worlds import MemoryWorld, PostgresWorld
from tests.databases import Databases


@pytest_asyncio.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest, databases: Databases) -> AsyncIterator[World]:
    if request.param == "memory":
        yield MemoryWorld()
        return
    async with databases.one() as urls:
        async for made in _postgres(urls):
            yield made


@pytest_asyncio.fixture
async def postgres(database: Urls) -> AsyncIterator[PostgresWorld]:
    async for made in _postgres(database):
        yield made


async def _postgres(urls: Urls) -> AsyncIterator[PostgresWorld]:
    engine, admin = make_engine(urls.app, size=20), await asyncpg.connect(urls.admin)
    async with asyncpg.create_pool(urls.app, min_size=0, max_size=10) as pool:
        yield PostgresWorld(pool, make_sessions(engine), admin)
    await admin.close()
    await engine.dispose()


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
