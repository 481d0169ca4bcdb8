"""Rules that SQL functions evaluate themselves, held equal to the core: one side that changes alone makes a test fail."""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import permutations, product
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from atende.core.conversation.channel import DeliveryReport, InboundMessage
from atende.core.conversation.model import Attendance, Conversation, Delivery, Direction, Message, Sender, Status
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.core.conversation.turn.answer_customer import TURN
from atende.core.conversation.turn.failed_send import FAILED_SEND
from atende.core.conversation.turn.job import DEDUPE_KEY, ORDER_KEY, SILENT_KINDS
from atende.core.tenancy.model import UNDO
from atende.core.work.idempotency import KEPT
from atende.core.work.model import NewJob
from tests.world import CAP, WINDOW, Tenant, World

JOB = (
    "SELECT kind, payload, order_key, dedupe_key, status, attempts, max_attempts, time_limit, organization_id, tenant_id"
    " FROM job ORDER BY id DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Located(InboundMessage):
    """What a channel may bring some day."""

    latitude: float


@pytest_asyncio.fixture
async def shop(world: World) -> Tenant:
    return await world.found("shop")


async def _conversation(world: World, shop: Tenant, conversation_id: UUID) -> Conversation:
    async with world.begin(shop.scope) as at:
        return await at.conversations.get(shop.scope, conversation_id)


async def _conversation_of(world: World, external_id: str) -> UUID:
    """The conversation that a message went into."""
    found: UUID = await world.admin.fetchval(
        "SELECT conversation_id FROM message WHERE provider_message_id = $1", external_id
    )
    return found


async def test_a_turn_is_queued_when_the_agent_may_speak(world: World, shop: Tenant) -> None:
    """Every state of a conversation: a message goes into it while it is open, and queues a turn as the entity says."""
    for number, case in enumerate(product(Status, Attendance, (False, True))):
        address = f"+5511{number:09}"
        first = await world.conversation(shop, address=address)
        await world.admin.execute("DELETE FROM job")
        await world.admin.execute(
            "UPDATE conversation SET status = $2::text, attendance = $3, opted_out = $4,"
            " closed_at = CASE WHEN $2 IN ('closed', 'archived') THEN now() END WHERE id = $1",
            first.id,
            *case,
        )
        was = await _conversation(world, shop, first.id)
        said = world.said(shop, address=address)
        assert await world.inbox.receive([said]) == [True]
        now = await _conversation(world, shop, await _conversation_of(world, said.external_id))
        assert (now.id == first.id) is was.is_open, case
        assert (await world.count("job") == 1) is now.agent_may_speak, case


async def test_silent_kinds_queue_no_turn(world: World, shop: Tenant) -> None:
    for kind in ("text", "image", "location", *SILENT_KINDS):
        await world.admin.execute("DELETE FROM job")
        await world.inbox.receive([replace(world.said(shop), kind=kind)])
        assert (await world.count("job") == 0) is (kind in SILENT_KINDS), kind


async def test_what_is_stored_is_what_the_core_would_make(world: World, shop: Tenant) -> None:
    """A new conversation and its first message have the defaults of their entities."""
    said = replace(world.said(shop, "oi"), contact_name="Ana", kind="image")
    await world.inbox.receive([said])
    made = await _conversation(world, shop, await _conversation_of(world, said.external_id))
    assert made == Conversation(
        id=made.id,
        owner=shop.owner,
        channel_account_id=shop.account.id,
        contact_id=made.contact_id,
        contact_address=said.address,
        contact_name="Ana",
        created_at=made.created_at,
        started_at=made.created_at,
        last_message_at=made.created_at,
        last_customer_at=made.created_at,
        last_seq=1,
    )
    async with world.begin(shop.scope) as at:
        (message,) = await at.messages.of(shop.scope, made.id)
    assert message == Message(
        id=message.id,
        conversation_id=made.id,
        seq=1,
        direction=Direction.INBOUND,
        sender=Sender.CONTACT,
        text="oi",
        kind="image",
        created_at=message.created_at,
        provider_message_id=said.external_id,
        provider_at=said.provider_at,
    )


async def test_jobs_are_those_that_the_core_would_put(world: World, shop: Tenant) -> None:
    conversation = await world.conversation(shop)
    queued = await world.admin.fetchrow(JOB)
    await world.admin.execute("DELETE FROM job")
    turn = NewJob(
        kind=TURN,
        payload={"conversation_id": str(conversation.id)},
        order_key=f"{ORDER_KEY}{conversation.id}",
        dedupe_key=f"{DEDUPE_KEY}{conversation.id}",
    )
    async with world.begin(shop.scope) as at:
        await at.jobs.put(shop.scope, turn)
    assert queued == await world.admin.fetchrow(JOB)

    message = await _outbound(world, shop, conversation.id, Delivery.SENDING)
    assert await world.inbox.report([_report(shop, message, Delivery.FAILED)]) == [True]
    queued = await world.admin.fetchrow(JOB)
    async with world.begin(shop.scope) as at:
        await at.jobs.put(shop.scope, NewJob(kind=FAILED_SEND, payload={"message_id": str(message.id)}))
    assert queued == await world.admin.fetchrow(JOB)


async def test_a_burst_waits_for_the_window_and_never_beyond_the_cap(world: World, shop: Tenant) -> None:
    for passed in (timedelta(0), WINDOW, CAP - WINDOW, CAP - WINDOW / 2, CAP):
        await world.admin.execute("DELETE FROM job")
        await world.inbox.receive([world.said(shop)])
        await world.admin.execute("UPDATE job SET created_at = created_at - $1::interval", passed)
        await world.inbox.receive([world.said(shop)])
        row = await world.admin.fetchrow(
            "SELECT now() - created_at AS since_first, run_at - created_at AS due FROM job"
        )
        assert row is not None
        since_first, due = row["since_first"], row["due"]
        assert due == pytest.approx(min(since_first + WINDOW, CAP), abs=timedelta(seconds=0.5)), passed


async def test_the_last_wish_counts_in_the_order_of_the_messages(world: World, shop: Tenant) -> None:
    receive, minute = ReceiveMessages(inbox=world.inbox), world.now().replace(second=0, microsecond=0)
    orders = ((0, 1, 2), (2, 1, 0), (1, 1, 1), (None, 1, 2), (1, None, None))
    for case, (texts, times) in enumerate(product(permutations(["SAIR", "VOLTAR", "oi"]), orders)):
        items = [
            replace(
                world.said(shop, text, address=f"+5511{case:09}"),
                provider_at=None if second is None else minute + timedelta(seconds=second),
            )
            for text, second in zip(texts, times, strict=True)
        ]
        assert await receive(items) == len(items)
        conversation = await _conversation(world, shop, await _conversation_of(world, items[0].external_id))
        async with world.begin(shop.scope) as at:
            stored = [message.text for message in await at.messages.of(shop.scope, conversation.id)]
        wishes = [text for text in stored if text != "oi"]
        assert conversation.opted_out is (wishes[-1] == "SAIR"), (texts, times)
        remembered = "SELECT opted_out FROM contact WHERE id = $1"
        assert await world.admin.fetchval(remembered, conversation.contact_id) is conversation.opted_out


async def _outbound(world: World, shop: Tenant, conversation_id: UUID, delivery: Delivery) -> Message:
    async with world.begin(shop.scope) as at:
        conversation = await at.conversations.lock(shop.scope, conversation_id)
        message = Message(
            id=world.ids.new(),
            conversation_id=conversation.id,
            seq=conversation.next_seq(),
            direction=Direction.OUTBOUND,
            sender=Sender.AI,
            text="olá",
            created_at=world.now(),
            delivery=delivery,
            error="as it was",
        )
        await at.conversations.save(conversation)
        await at.messages.save(shop.scope, message)
    return message


def _report(shop: Tenant, message: Message, delivery: Delivery) -> DeliveryReport:
    return DeliveryReport(
        account_id=shop.account.id,
        provider_message_id=f"p-{message.id}",
        delivery=delivery,
        message_id=message.id,
        at=message.created_at,
        error="as reported",
    )


async def test_deliveries_move_as_the_message_says(world: World, shop: Tenant) -> None:
    """From every state to every other: the row changes as `Message.moved` changes the entity."""
    conversation = await world.conversation(shop)
    for before, after in product(Delivery, Delivery):
        message = await _outbound(world, shop, conversation.id, before)
        report = _report(shop, message, after)
        expected = message.moved(
            after, at=message.created_at, provider_message_id=report.provider_message_id, error=report.error
        )
        assert await world.inbox.report([report]) == [expected], (before, after)
        async with world.begin(shop.scope) as at:
            stored = await at.messages.get(shop.scope, message.id)
        if expected:
            assert stored == message, (before, after)
        else:
            assert (stored.delivery, stored.error) == (before, "as it was")


async def test_nothing_is_removed_before_its_time_whoever_asks(world: World, shop: Tenant) -> None:
    """The two times that SQL knows itself are those of the core, to the minute."""
    minute = timedelta(minutes=1)
    await world.admin.execute("UPDATE project SET status = 'deleted', deleted_at = now() WHERE tenant_id = 'shop'")
    await world.advance(UNDO - minute)
    with pytest.raises(asyncpg.CheckViolationError, match="is not due"):
        await world.pool.fetchval("SELECT purge_project($1, 1000)", shop.owner.project_id)
    await world.advance(2 * minute)
    assert await world.pool.fetchval("SELECT purge_project($1, 1000)", shop.owner.project_id) is True

    await world.idempotency.begin(
        shop.owner.organization_id, key_hash=bytes(32), request_hash=bytes(32), now=world.now()
    )
    await world.advance(KEPT - minute)
    assert await world.idempotency.purge(world.now()) == 0
    await world.advance(2 * minute)
    assert await world.idempotency.purge(world.now()) == 1


async def test_a_new_field_of_a_message_reaches_the_function_by_itself(world: World, shop: Tenant) -> None:
    """The repository hands over whatever the dataclass has; a function that does not know a field yet ignores it."""
    said = world.said(shop)
    fields = {name: getattr(said, name) for name in InboundMessage.__dataclass_fields__}
    assert await world.inbox.receive([_Located(**fields, latitude=-23.5)]) == [True]
