"""The inbox: durable and once, one conversation per contact, order, debounce; quarantine."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from atende.core.conversation.channel import InboundMessage
from atende.core.conversation.model import CloseReason, Direction, Sender
from atende.core.conversation.ports import Quarantined
from tests.world import CAP, WINDOW, Tenant, World

TABLES = ("inbox", "contact", "conversation", "message", "job")


async def _counts(world: World) -> dict[str, int]:
    return {table: await world.count(table) for table in TABLES}


async def test_a_message_brings_contact_conversation_and_turn(world: World, shop: Tenant) -> None:
    item = replace(world.said(shop, "Quanto custa o frete?"), contact_name="Ana")
    assert await world.inbox.receive([item]) == [True]
    assert await _counts(world) == {"inbox": 1, "contact": 1, "conversation": 1, "message": 1, "job": 1}
    async with world.begin(shop.scope) as at:
        (conversation,) = (await at.conversations.page(shop.scope, page=1, limit=10)).data
        (message,) = await at.messages.of(shop.scope, conversation.id)
    assert (conversation.owner, conversation.channel_account_id) == (shop.owner, shop.account.id)
    assert (conversation.contact_address, conversation.contact_name) == (item.address, "Ana")
    assert (conversation.last_seq, conversation.answered_seq) == (1, 0)
    assert conversation.agent_may_speak
    assert conversation.last_customer_at == conversation.last_message_at
    assert conversation.last_customer_at is not None
    assert (message.text, message.provider_message_id, message.provider_at) == (
        item.text,
        item.external_id,
        item.provider_at,
    )
    assert (message.seq, message.direction, message.sender) == (1, Direction.INBOUND, Sender.CONTACT)


async def test_g02_one_provider_message_is_one_stored_message(world: World, shop: Tenant) -> None:
    """Each of 60 ids arrives 20 times, all at once, in shuffled batches of several sizes."""
    items = [world.said(shop, f"{n}", address=f"+5511{n % 12:09}") for n in range(60)]
    deliveries = [items[(n * 7) % 60 : (n * 7) % 60 + 1 + n % 4] for n in range(480)] + [items] * 5
    received = await asyncio.gather(*(world.inbox.receive(batch) for batch in deliveries))
    assert sum(sum(answers) for answers in received) == 60
    assert await _counts(world) == {"inbox": 60, "contact": 12, "conversation": 12, "message": 60, "job": 12}


async def test_g02_a_batch_may_repeat_itself(world: World, shop: Tenant) -> None:
    item = world.said(shop)
    assert await world.inbox.receive([item, item, world.said(shop)]) == [True, False, True]
    assert await world.inbox.receive([item]) == [False]
    assert await world.inbox.receive([]) == []
    assert await world.count("message") == 2


async def test_the_same_provider_id_on_two_numbers_is_two_messages(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    item = world.said(shop)
    twin = replace(item, account_id=stranger.account.id)
    assert await world.inbox.receive([item, twin]) == [True, True]
    assert await world.count("message") == 2


async def test_g07_a_replay_at_any_time_does_nothing(world: World, shop: Tenant) -> None:
    items = [world.said(shop, f"{n}") for n in range(3)]
    await world.inbox.receive(items)
    before = await _counts(world)
    for days in (1, 7, 392):
        await world.advance(timedelta(days=days))
        assert await world.inbox.receive(items) == [False] * 3
        assert await _counts(world) == before


async def test_g08_a_batch_is_stored_in_the_order_of_the_provider(world: World, shop: Tenant) -> None:
    now = world.now().replace(microsecond=0)
    texts = {"third": 2, "first": 0, "second": 1, "fourth": 2}
    await world.inbox.receive(
        [replace(world.said(shop, text), provider_at=now + timedelta(seconds=s)) for text, s in texts.items()]
    )
    await world.inbox.receive([replace(world.said(shop, "late"), provider_at=now)])
    async with world.begin(shop.scope) as at:
        (conversation,) = (await at.conversations.page(shop.scope, page=1, limit=10)).data
        found = await at.messages.of(shop.scope, conversation.id)
    assert [(m.seq, m.text) for m in found] == [(1, "first"), (2, "second"), (3, "third"), (4, "fourth"), (5, "late")]
    assert conversation.last_seq == 5


async def test_g09_a_burst_opens_exactly_one_conversation(world: World, shop: Tenant) -> None:
    """40 new contacts write 5 messages each, every message a call of its own, all at once."""
    calls = [[world.said(shop, f"{n}", address=f"+5511{n % 40:09}")] for n in range(200)]
    await asyncio.gather(*(world.inbox.receive(items) for items in calls))
    assert await _counts(world) == {"inbox": 200, "contact": 40, "conversation": 40, "message": 200, "job": 40}
    async with world.begin(shop.scope) as at:
        for conversation in (await at.conversations.page(shop.scope, page=1, limit=100)).data:
            found = await at.messages.of(shop.scope, conversation.id)
            assert [message.seq for message in found] == [1, 2, 3, 4, 5]


async def test_a_contact_keeps_one_identity_over_conversations(world: World, shop: Tenant) -> None:
    first = await world.conversation(shop)
    async with world.begin(shop.scope) as at:
        ended = await at.conversations.lock(shop.scope, first.id)
        ended.close(CloseReason.COMPLETED, at=world.now())
        await at.conversations.save(ended)
    second = await world.conversation(shop)
    assert second.id != first.id
    assert second.contact_id == first.contact_id
    assert await world.count("contact") == 1


async def test_g17_a_burst_waits_until_it_pauses_and_no_longer_than_the_cap(world: World, shop: Tenant) -> None:
    await world.inbox.receive([world.said(shop)])
    for _ in range(5):
        await world.advance(timedelta(seconds=2))
        assert await world.claim() == []
        await world.inbox.receive([world.said(shop)])
    await world.advance(timedelta(seconds=1))
    assert await world.claim() == [], "11 s after the first message, 1 s after the last"
    await world.advance(timedelta(seconds=1.5))
    (claim,) = await world.claim()
    assert timedelta(seconds=12) <= world.now() - claim.created_at < timedelta(seconds=20)
    assert await world.count("job") == 1
    assert await world.count("message") == 6


async def test_g17_a_pause_ends_a_burst(world: World, shop: Tenant) -> None:
    await world.inbox.receive([world.said(shop), world.said(shop)])
    await world.advance(WINDOW - timedelta(seconds=1))
    assert await world.claim() == []
    await world.advance(timedelta(seconds=1.5))
    assert len(await world.claim()) == 1


async def test_g17_what_comes_while_a_turn_runs_is_the_next_turn(world: World, shop: Tenant) -> None:
    await world.inbox.receive([world.said(shop)])
    await world.advance(WINDOW + timedelta(seconds=1))
    (running,) = await world.claim()
    await world.inbox.receive([world.said(shop)])
    await world.advance(CAP)
    assert await world.claim() == [], "one turn of a conversation at a time"
    await world.queue.finish([running])
    (later,) = await world.claim()
    assert later.payload == running.payload
    assert later.job_id != running.job_id


async def test_a_turn_names_its_conversation_and_carries_the_tenant(world: World, shop: Tenant) -> None:
    conversation = await world.conversation(shop)
    await world.advance(WINDOW + timedelta(seconds=1))
    (claim,) = await world.claim()
    assert (claim.kind, claim.scope) == ("turn", shop.scope)
    assert claim.id("conversation_id") == conversation.id
    assert (claim.attempt, claim.max_attempts, claim.expired) == (1, 5, False)


async def test_a_person_attends_so_no_turn_is_made(world: World, shop: Tenant) -> None:
    conversation = await world.conversation(shop)
    async with world.begin(shop.scope) as at:
        conversation = await at.conversations.lock(shop.scope, conversation.id)
        conversation.take_over()
        await at.conversations.save(conversation)
    await world.advance(CAP)
    await world.queue.finish(await world.claim())
    await world.inbox.receive([world.said(shop)])
    await world.advance(CAP)
    assert await world.claim() == []
    assert await world.count("message") == 2


async def test_g20_who_opts_out_is_left_alone_until_they_opt_in(world: World, shop: Tenant) -> None:
    await world.inbox.receive([world.said(shop), replace(world.said(shop, "SAIR"), opt="out")])
    await world.advance(CAP)
    assert await world.claim() == [], "nothing is said after STOP, not even to what came before it"
    async with world.begin(shop.scope) as at:
        (conversation,) = (await at.conversations.page(shop.scope, page=1, limit=10)).data
        assert conversation.opted_out
        conversation.close(CloseReason.MANUAL, at=world.now())
        await at.conversations.save(conversation)
    await world.inbox.receive([world.said(shop, "oi de novo")])
    await world.advance(CAP)
    assert await world.claim() == [], "a new conversation remembers it"
    await world.inbox.receive([replace(world.said(shop, "VOLTAR"), opt="in")])
    await world.advance(CAP)
    assert len(await world.claim()) == 1


@pytest.mark.parametrize("words", [("out", "in"), ("in", "out")])
async def test_g20_the_last_word_counts_also_within_a_batch(world: World, shop: Tenant, words: tuple[str, str]) -> None:
    await world.inbox.receive([replace(world.said(shop), opt=word) for word in words])
    async with world.begin(shop.scope) as at:
        (conversation,) = (await at.conversations.page(shop.scope, page=1, limit=10)).data
    assert conversation.opted_out is (words[-1] == "out")
    await world.advance(CAP)
    assert len(await world.claim()) == (0 if conversation.opted_out else 1)


async def test_a_number_that_nobody_connected_brings_nothing(world: World, shop: Tenant) -> None:
    lost = replace(world.said(shop), account_id=world.ids.new())
    assert await world.inbox.receive([lost, world.said(shop)]) == [False, True]
    assert await world.count("message") == 1


async def test_g12_a_message_belongs_to_the_tenant_of_its_number(world: World, shop: Tenant, stranger: Tenant) -> None:
    await world.inbox.receive([world.said(shop, "ours"), world.said(stranger, "theirs")])
    for tenant, other in ((shop, stranger), (stranger, shop)):
        async with world.begin(tenant.scope) as at:
            (seen,) = (await at.conversations.page(tenant.scope, page=1, limit=10)).data
            assert seen.owner == tenant.owner
            assert (await at.conversations.page(other.scope, page=1, limit=10)).data == []
    await world.advance(CAP)
    assert {claim.scope for claim in await world.claim()} == {shop.scope, stranger.scope}


async def test_g03_what_cannot_be_processed_is_kept_once(world: World, shop: Tenant) -> None:
    strange = Quarantined(source="whatsapp", account="who", external_id="x-1", reason="unknown account", body=b"{}")
    await world.inbox.quarantine([strange, replace(strange, external_id="x-2")])
    await world.inbox.quarantine([strange])
    await world.inbox.quarantine([])
    assert await world.count("inbox") == 2
    assert await world.count("message") == 0


async def test_g03_what_cannot_be_stored_keeps_nothing_else_from_being_stored(world: World) -> None:
    """Calls that come at once are written together; each still gets its own answer."""
    shop = await world.found("shop")
    bad = replace(world.said(shop), text="\0")
    calls = [[world.said(shop, f"{n}")] for n in range(30)]
    calls[7], calls[21] = [world.said(shop), bad], [replace(bad, external_id="other", address="x" * 300, text="")]
    answers = await asyncio.gather(*(world.inbox.receive(items) for items in calls), return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if isinstance(answer, BaseException)] == [7, 21]
    assert await world.count("message") == 28


async def test_a_caller_that_gives_up_costs_the_others_nothing(world: World) -> None:
    shop = await world.found("shop")
    calls = [asyncio.create_task(world.inbox.receive([world.said(shop, f"{n}")])) for n in range(20)]
    await asyncio.sleep(0)
    for task in calls[::4]:
        task.cancel()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [answer for answer in answers if not isinstance(answer, asyncio.CancelledError)] == [[True]] * 15
    assert 15 <= await world.count("message") <= 20


async def test_a_reaction_is_stored_and_queues_no_turn(world: World, shop: Tenant) -> None:
    message = InboundMessage(
        account_id=shop.account.id, external_id="r-1", address="+5511987654321", text="👍", kind="reaction"
    )
    assert await world.inbox.receive([message]) == [True]
    assert await world.count("message") == 1
    assert await world.count("job") == 0
