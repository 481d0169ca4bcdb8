"""Between an entity and its row nothing is lost, whatever the entity says."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from atende.outbound.postgres.base import to_entity
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.identity.people import RolePermissionRow
from atende.outbound.postgres.records import as_json, entity, read
from tests.contract.entities import BY_HAND, STORED, ByHand, Stored, as_read

every_kind = pytest.mark.parametrize("stored", STORED, ids=lambda stored: stored.entity.__name__)


@every_kind
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_an_entity_comes_back_from_its_row_as_it_was(stored: Stored, data: st.DataObject) -> None:
    entity = data.draw(stored.strategy)
    values = {name: as_read(value) for name, value in (stored.values(entity) | stored.made).items()}
    assert to_entity(stored.row(**values), stored.entity) == entity


@pytest.mark.parametrize("stored", BY_HAND, ids=lambda stored: stored.entity.__name__)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_an_entity_comes_back_from_json_as_it_was(
    stored: ByHand, data: st.DataObject, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """As hand-written statements take it in and give it out; every column has its field or is made."""
    entity_ = data.draw(stored.strategy)
    given_row = as_json(stored.values(entity_) | stored.made)
    found = await owner.fetchval(
        f"SELECT to_json(r)::text FROM json_populate_record(NULL::{stored.table}, $1) r", given_row
    )
    assert read(found).keys() == stored.values(entity_).keys() | stored.made.keys()
    assert entity(read(found), stored.entity) == entity_


@pytest_asyncio.fixture
async def owner(database: Urls) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(database.owner)
    yield connection
    await connection.close()


@every_kind
@given(data=st.data())
@settings(max_examples=1)
def test_every_column_has_its_field_and_every_field_its_column(stored: Stored, data: st.DataObject) -> None:
    values = stored.values(data.draw(stored.strategy))
    assert values.keys() | stored.made.keys() == set(stored.row.__table__.columns.keys())
    assert not values.keys() & stored.made.keys()


@pytest_asyncio.fixture
async def writer(database: Urls) -> AsyncIterator[AsyncEngine]:
    """A connection without row-level security and foreign keys."""
    engine = _engine(database)
    yield engine
    await engine.dispose()


def _engine(database: Urls) -> AsyncEngine:
    return create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(database.admin), pool_size=1
    )


@every_kind
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_an_entity_comes_back_from_the_database_as_it_was(
    stored: Stored, data: st.DataObject, writer: AsyncEngine
) -> None:
    entity = data.draw(stored.strategy)
    given_values = stored.values(entity) | {name: value for name, value in stored.made.items() if name != "seq"}
    async with AsyncSession(writer) as session:
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        await session.execute(delete(stored.row))
        await session.execute(insert(stored.row).values(given_values))
        row = await session.scalar(select(stored.row))
        assert to_entity(row, stored.entity) == entity
        await session.rollback()


async def test_tables_have_the_columns_that_rows_know_and_no_others(database: Urls) -> None:
    """What a row does not know could not be kept; what the table does not have would fail at night."""
    engine = _engine(database)
    query = text(
        "SELECT column_name, is_nullable = 'YES' FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = :name"
    )
    async with engine.connect() as connection:
        for row in {stored.row for stored in STORED} | {RolePermissionRow}:
            found = {name: bool(null) for name, null in await connection.execute(query, {"name": row.__tablename__})}
            known = {column.key: bool(column.nullable) for column in row.__table__.columns}
            assert known == found, row.__tablename__
    await engine.dispose()
