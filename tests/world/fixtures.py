"""The world of a test, and its tenants."""

from collections.abc import AsyncIterator

import pytest_asyncio

from atende.outbound.postgres.embedded.launcher import Urls
from tests.world import Tenant, World, open_world


@pytest_asyncio.fixture
async def world(database: Urls) -> AsyncIterator[World]:
    async with open_world(database) as made:
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
