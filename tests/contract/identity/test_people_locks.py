"""What is read to be changed is read by one transaction at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
import pytest_asyncio

from atende.core.identity.permissions import Role
from atende.core.kernel import TenantScope
from tests.world import Unit, World
from tests.world.persons import add_key, add_member, inside, invite, sign_in

_WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One of everything that is read to be changed."""

    me: TenantScope
    whole: TenantScope
    ids: dict[str, UUID]


Read = Callable[[Unit, Place], Awaitable[object]]
LOCKING: dict[str, Read] = {
    "account": lambda at, of: at.users.get(of.me, of.ids["user"]),
    "session": lambda at, of: at.sessions.get(of.me, of.ids["session"]),
    "invitation": lambda at, of: at.invitations.get(of.whole, of.ids["invitation"]),
    "owners": lambda at, of: at.memberships.owners(of.whole),
    "key": lambda at, of: at.api_keys.get(of.whole, of.ids["key"]),
    "organizations": lambda at, of: at.memberships.owned_alone(of.me),
}
FREE: dict[str, Read] = {
    "account of a member": lambda at, of: at.users.get(of.whole, of.ids["user"]),
    "membership": lambda at, of: at.memberships.get(of.whole, of.ids["user"]),
    "members": lambda at, of: at.memberships.page(of.whole, page=1, limit=9),
    "invitations": lambda at, of: at.invitations.page(of.whole, page=1, limit=9),
    "keys": lambda at, of: at.api_keys.page(of.whole, page=1, limit=9),
}


@pytest_asyncio.fixture
async def place(world: World) -> Place:
    shop = await world.found()
    ana = await add_member(world, shop, "ana", Role.OWNER)
    ids = {
        "user": ana.id,
        "session": (await sign_in(world, shop, ana)).id,
        "invitation": (await invite(world, shop)).id,
        "key": (await add_key(world, shop)).id,
    }
    return Place(me=inside(shop, ana), whole=shop.whole, ids=ids)


@pytest.mark.parametrize("read", LOCKING.values(), ids=LOCKING)
async def test_what_is_read_to_be_changed_waits(world: World, place: Place, read: Read) -> None:
    assert await _waits(world, place, read, read)


@pytest.mark.parametrize("read", FREE.values(), ids=FREE)
async def test_what_is_only_shown_does_not_wait(world: World, place: Place, read: Read) -> None:
    assert not await _waits(world, place, read, read)
    for change in LOCKING.values():
        assert not await _waits(world, place, change, read)


async def test_who_signs_in_does_not_wait_for_who_counts_owners(world: World, place: Place) -> None:
    """A new row that refers to the organization only needs it to stay."""

    async def refer(at: Unit, of: Place) -> None:
        session = await at.sessions.get(of.me, of.ids["session"])
        session.id = world.ids.new()
        await at.sessions.add(session)

    assert not await _waits(world, place, LOCKING["owners"], refer)


async def _waits(world: World, of: Place, first: Read, second: Read) -> bool:
    """Whether what one transaction read keeps another one waiting until it ends."""

    async def late() -> None:
        async with world.begin(of.me) as at:
            await second(at, of)

    async with asyncio.timeout(60):
        async with world.begin(of.me) as at:
            await first(at, of)
            task = asyncio.create_task(late())
            while not task.done() and not await world.admin.fetchval(_WAITS):
                await asyncio.sleep(0)
            waited = not task.done()
        await task
    return waited
