"""What all tests share: PostgreSQL, embedded unless TEST_DATABASE_ADMIN_URL names a server to use instead."""

import os
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings
from sqlalchemy.ext.asyncio import AsyncEngine

from atende.outbound.postgres.embedded.launcher import EmbeddedPostgres, Urls
from atende.outbound.postgres.transaction import make_engine
from tests.databases import Databases, OutsideServer
from tests.temporary import keep_in_memory

keep_in_memory()

settings.register_profile(
    "steady",
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", settings.get_profile("steady"), derandomize=False, max_examples=1_000)
settings.load_profile("steady")
"""The same examples every time, and as much time as they need: a red run means a change. `--hypothesis-profile explore` looks for new
ones.
"""

QUICK = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off", "max_connections": "100"}
"""Durability against power cuts is tested where it is promised; `synchronous_commit` stays on, for it orders things."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that take a minute start first, so that no worker begins one when the others have finished."""
    items.sort(key=lambda item: item.get_closest_marker("starts_first") is None)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def databases() -> AsyncIterator[Databases]:
    """Where databases come from; one server and one migrated template per test process."""
    run = f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    outside = os.environ.get("TEST_DATABASE_ADMIN_URL")
    if outside:
        server = OutsideServer(outside)
        await server.prepare()
        made = Databases(server, run)
        await made.prepare()
        try:
            yield made
        finally:
            await made.close()
        return
    async with await EmbeddedPostgres.start(None, settings=QUICK) as embedded:
        made = Databases(embedded, run)
        await made.prepare()
        yield made


@pytest_asyncio.fixture
async def database(databases: Databases) -> AsyncIterator[Urls]:
    """A migrated database of the test's own."""
    async with databases.one() as urls:
        yield urls


@pytest_asyncio.fixture
async def empty_database(databases: Databases) -> AsyncIterator[Urls]:
    """A database with roles and extensions, and no table yet."""
    async with databases.one(empty=True) as urls:
        yield urls


@pytest_asyncio.fixture
async def pool(database: Urls) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """Connections of the app role."""
    async with asyncpg.create_pool(database.app, min_size=0, max_size=10) as made:
        yield made


@pytest_asyncio.fixture
async def engine(database: Urls) -> AsyncIterator[AsyncEngine]:
    """SQLAlchemy's connections of the app role."""
    made = make_engine(database.app, size=20)
    yield made
    await made.dispose()


SHOWN, NAMED = 36, 12
"""How much is told once more at the end: lines of what the first failures said, and names of further ones."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """A log is often read from its end: after everything else stand the first failures, with the beginnings and ends of their words."""
    yield
    failed = [*terminalreporter.stats.get("failed", []), *terminalreporter.stats.get("error", [])]
    for report in failed[:3]:
        whole = report.longreprtext.splitlines()
        lines, room = [line for line in whole if line.startswith("E  ")] or whole, SHOWN // min(3, len(failed))
        if len(lines) > room:
            lines = [*lines[: room // 3], "...", *lines[-(room - room // 3) :]]
        terminalreporter.section(f"once more: {report.nodeid}", sep="-")
        for line in lines:
            terminalreporter.write_line(line[:300])
    for report in failed[3:][:NAMED]:
        terminalreporter.write_line(f"and {report.nodeid}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failed one: what was not run was not shown."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter is not None else []
    if reporter is not None and skipped and os.environ.get("CI"):
        reporter.write_line(f"{len(skipped)} tests were skipped, and CI accepts none", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
