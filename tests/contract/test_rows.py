"""Between an entity and its row nothing is lost, whatever the entity says."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from atende.outbound.postgres.base import to_entity
from atende.outbound.postgres.conversation.conversations import ChannelAccountRow
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.identity.people import RolePermissionRow
from atende.outbound.postgres.transaction import make_engine
from tests.contract.entities import STORED, Stored, as_read

every_kind = pytest.mark.parametrize("stored", STORED, ids=lambda stored: stored.entity.__name__)


@every_kind
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_an_entity_comes_back_from_its_row_as_it_was(stored: Stored, data: st.DataObject) -> None:
    entity = data.draw(stored.strategy)
    values = {name: as_read(value) for name, value in (stored.values(entity) | stored.made).items()}
    assert to_entity(stored.row(**values), stored.entity) == entity


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
    engine = make_engine(database.admin, size=1)
    yield engine
    await engine.dispose()


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
    engine = make_engine(database.admin, size=1)
    query = text(
        "SELECT column_name, is_nullable = 'YES' FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = :name"
    )
    async with engine.connect() as connection:
        for row in {stored.row for stored in STORED} | {ChannelAccountRow, RolePermissionRow}:
            found = {name: bool(null) for name, null in await connection.execute(query, {"name": row.__tablename__})}
            known = {column.key: bool(column.nullable) for column in row.__table__.columns}
            assert known == found, row.__tablename__
    await engine.dispose()
