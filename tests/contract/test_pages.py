"""Pages by `after`: the lists of documents, conversations, movements and dead letters keep still under inserts."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from atende.core.conversation.channel import InboundMessage
from atende.core.credits.model import Kind
from atende.core.kernel import CREDIT, Invalid, Page
from atende.core.knowledge.document import Document
from tests.world import Tenant, World
from tests.world.jobs import new_job, put
from tests.world.money import grant

Add = Callable[[World, Tenant], Awaitable[None]]
Read = Callable[..., Awaitable[Page[object]]]


async def add_document(world: World, shop: Tenant) -> None:
    async with world.begin(shop.scope) as at:
        document = Document(
            id=world.ids.new(),
            owner=shop.owner,
            filename="a.txt",
            file_type="txt",
            size=1,
            sha256="0" * 64,
            blob_key=f"{world.number()}",
            language="pt",
            created_at=world.now(),
        )
        await at.documents.add(document)


async def add_conversation(world: World, shop: Tenant) -> None:
    number = world.number()
    await world.inbox.receive(
        [InboundMessage(account_id=shop.account.id, external_id=f"m{number}", address=f"+55119{number:08}", text="Oi")]
    )


async def add_movement(world: World, shop: Tenant) -> None:
    await grant(world, shop, CREDIT, f"r{world.number()}")


async def add_dead_letter(world: World, shop: Tenant) -> None:
    await put(world, shop, new_job())
    (claim,) = await world.queue.claim("w", limit=1, lease=timedelta(seconds=30))
    async with world.begin(shop.scope) as at:
        await at.jobs.bury(claim, "it never worked")


def _documents(world: World, shop: Tenant) -> Read:
    async def read(**asked: object) -> Page[object]:
        async with world.begin(shop.whole) as at:
            return await at.documents.page(shop.whole, page=1, limit=2, **asked)  # type: ignore[arg-type,return-value]

    return read


def _conversations(world: World, shop: Tenant) -> Read:
    async def read(**asked: object) -> Page[object]:
        async with world.begin(shop.whole) as at:
            return await at.conversations.page(shop.whole, page=1, limit=2, **asked)  # type: ignore[arg-type,return-value]

    return read


def _movements(world: World, shop: Tenant) -> Read:
    async def read(**asked: object) -> Page[object]:
        async with world.begin(shop.whole) as at:
            whose = shop.owner.organization_id
            return await at.ledgers.entries(whose, page=1, limit=2, **asked)  # type: ignore[arg-type,return-value]

    return read


def _dead_letters(world: World, shop: Tenant) -> Read:
    async def read(**asked: object) -> Page[object]:
        async with world.begin(shop.whole) as at:
            return await at.dead_letters.page(shop.whole, page=1, limit=2, **asked)  # type: ignore[arg-type,return-value]

    return read


LISTS: dict[str, tuple[Add, Callable[[World, Tenant], Read]]] = {
    "documents": (add_document, _documents),
    "conversations": (add_conversation, _conversations),
    "movements": (add_movement, _movements),
    "dead letters": (add_dead_letter, _dead_letters),
}


@pytest.mark.parametrize("name", LISTS)
async def test_g76_pages_behind_a_mark_keep_still_under_inserts(world: World, shop: Tenant, name: str) -> None:
    add, made = LISTS[name]
    read = made(world, shop)
    for _ in range(5):
        await world.advance(timedelta(seconds=1))
        await add(world, shop)
    seen: list[object] = []
    found = await read()
    while True:
        seen += [one.id for one in found.data]  # type: ignore[attr-defined]
        if found.next is None:
            break
        assert len(seen) < 20
        await add(world, shop)
        found = await read(after=found.next)
    assert len(seen) == len(set(seen)) == 5
    assert found.total == 7


@pytest.mark.parametrize("name", LISTS)
async def test_a_last_page_that_is_full_has_none_behind_it(world: World, shop: Tenant, name: str) -> None:
    add, made = LISTS[name]
    read = made(world, shop)
    assert (await read()).next is None
    await add(world, shop)
    await add(world, shop)
    assert (await read()).next is None
    await add(world, shop)
    first = await read()
    assert first.next is not None
    assert (await read(after=first.next)).next is None


@pytest.mark.parametrize(
    "mark", ["", "x", "1_2", "2026-01-01_x", "2026-01-01T00:00:00_019cadc6-9a80-7000-8000-000000000001"]
)
@pytest.mark.parametrize("name", LISTS)
async def test_a_mark_of_nothing_is_invalid(world: World, shop: Tenant, name: str, mark: str) -> None:
    with pytest.raises(Invalid):
        await LISTS[name][1](world, shop)(after=mark)


async def test_things_of_one_moment_are_each_shown_once(world: World, shop: Tenant) -> None:
    for _ in range(5):
        await add_document(world, shop)
    read, seen = _documents(world, shop), []
    found = await read()
    seen += found.data
    while found.next is not None:
        found = await read(after=found.next)
        seen += found.data
    assert len({one.id for one in seen}) == len(seen) == 5  # type: ignore[attr-defined]


async def test_movements_can_be_passed_over_one_by_one(world: World, shop: Tenant) -> None:
    for _ in range(5):
        await add_movement(world, shop)
    whose = shop.owner.organization_id
    async with world.begin(shop.whole) as at:
        every = (await at.ledgers.entries(whose, page=1, limit=10)).data
        middle = await at.ledgers.entries(whose, page=1, limit=2, offset=1)
        behind = await at.ledgers.entries(whose, page=1, limit=9, after=middle.next)
        grants = await at.ledgers.entries(whose, page=1, limit=10, kind=Kind.GRANT)
        none = await at.ledgers.entries(whose, page=1, limit=10, kind=Kind.REFUND)
    assert [*middle.data, *behind.data] == every[1:]
    assert (len(grants.data), len(none.data)) == (5, 0)


async def test_the_first_messages_of_a_conversation_can_be_asked_for(world: World, shop: Tenant) -> None:
    for number in range(5):
        said = InboundMessage(
            account_id=shop.account.id, external_id=str(number), address="+5511900000001", text=f"Oi {number}"
        )
        await world.inbox.receive([said])
    async with world.begin(shop.scope) as at:
        (conversation,) = (await at.conversations.page(shop.scope, page=1, limit=5)).data
        first = await at.messages.of(shop.scope, conversation.id, after_seq=1, first=2)
        last = await at.messages.of(shop.scope, conversation.id, last=2)
    assert [one.seq for one in first] == [2, 3]
    assert [one.seq for one in last] == [4, 5]
