"""Rules that SQL functions evaluate themselves, held equal to the core: one side that changes alone makes a test fail."""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import permutations, product
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from tests.contract.world import CAP, WINDOW, Tenant
from tests.contract.worlds import PostgresWorld

from atende.core.conversation.channel import DeliveryReport, InboundMessage
from atende.core.conversation.model import Attendance, Conversation, Delivery, Direction, Message, Sender, Status
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.core.conversation.turn.job import DEDUPE_KEY, ORDER_KEY, SILENT_KINDS
from atende.core.tenancy.model import UNDO
from atende.core.work.idempotency import KEPT
from atende.core.work.model import FAILED_SEND, TURN, NewJob

JOB = (
    "SELECT kind, payload, order_key, dedupe_key, status, attempts, max_attempts, time_limit, organization_id, tenant_id"
    " FROM job ORDER BY id DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Located(InboundMessage):
    """What a channel may bring some day."""

    latitude: float


@pytest_asyncio.fixture
async def shop(postgres: PostgresWorld) -> Tenant:
    return await postgres.found("shop")


async def _conversation(postgres: PostgresWorld, shop: Tenant, conversation_id: UUID) -> Conversation:
    async with postgres.begin(shop.scope) as at:
        return await at.conversations.get(shop.scope, conversation_id)


async def _conversation_of(postgres: PostgresWorld, external_id: str) -> UUID:
    """The conversation that a message went into."""
    found: UUID = await postgres.admin.fetchval(
        "SELECT conversation_id FROM message WHERE provider_message_id = $1", external_id
    )
    return found


async def test_a_turn_is_queued_when_the_agent_may_speak(postgres: PostgresWorld, shop: Tenant) -> None:
    """Every state of a conversation: a message goes into it while it is open, and queues a turn as the entity says."""
    for number, case in enumerate(product(Status, Attendance, (False, True))):
        address = f"+5511{number:09}"
        first = await postgres.conversation(shop, address=address)
        await postgres.admin.execute("DELETE FROM job")
        await postgres.admin.execute(
            "UPDATE conversation SET status = $2::text, attendance = $3, opted_out = $4,"
            " closed_at = CASE WHEN $2 IN ('closed', 'archived') THEN now() END WHERE id = $1",
            first.id,
            *case,
        )
        was = await _conversation(postgres, shop, first.id)
        said = postgres.said(shop, address=address)
        assert await postgres.inbox.receive([said]) == [True]
        now = await _conversation(postgres, shop, await _conversation_of(postgres, said.external_id))
        assert (now.id == first.id) is was.is_open, case
        assert (await postgres.count("job") == 1) is now.agent_may_speak, case


async def test_silent_kinds_queue_no_turn(postgres: PostgresWorld, shop: Tenant) -> None:
    for kind in ("text", "image", "location", *SILENT_KINDS):
        await postgres.admin.execute("DELETE FROM job")
        await postgres.inbox.receive([replace(postgres.said(shop), kind=kind)])
        assert (await postgres.count("job") == 0) is (kind in SILENT_KINDS), kind


async def test_what_is_stored_is_what_the_core_would_make(postgres: PostgresWorld, shop: Tenant) -> None:
    """A new conversation and its first message have the defaults of their entities."""
    said = replace(postgres.said(shop, "oi"), contact_name="Ana", kind="image")
    await postgres.inbox.receive([said])
    made = await _conversation(postgres, shop, await _conversation_of(postgres, said.external_id))
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
    async with postgres.begin(shop.scope) as at:
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


async def test_jobs_are_those_that_the_core_would_put(postgres: PostgresWorld, shop: Tenant) -> None:
    conversation = await postgres.conversation(shop)
    queued = await postgres.admin.fetchrow(JOB)
    await postgres.admin.execute("DELETE FROM job")
    turn = NewJob(
        kind=TURN,
        payload={"conversation_id": str(conversation.id)},
        order_key=f"{ORDER_KEY}{conversation.id}",
        dedupe_key=f"{DEDUPE_KEY}{conversation.id}",
    )
    async with postgres.begin(shop.scope) as at:
        await at.jobs.put(shop.scope, turn)
    assert queued == await postgres.admin.fetchrow(JOB)

    message = await _outbound(postgres, shop, conversation.id, Delivery.SENDING)
    assert await postgres.inbox.report([_report(shop, message, Delivery.FAILED)]) == [True]
    queued = await postgres.admin.fetchrow(JOB)
    async with postgres.begin(shop.scope) as at:
        await at.jobs.put(shop.scope, NewJob(kind=FAILED_SEND, payload={"message_id": str(message.id)}))
    assert queued == await postgres.admin.fetchrow(JOB)


async def test_a_burst_waits_for_the_window_and_never_beyond_the_cap(postgres: PostgresWorld, shop: Tenant) -> None:
    for passed in (timedelta(0), WINDOW, CAP - WINDOW, CAP - WINDOW / 2, CAP):
        await postgres.admin.execute("DELETE FROM job")
        await postgres.inbox.receive([postgres.said(shop)])
        await postgres.admin.execute("UPDATE job SET created_at = created_at - $1::interval", passed)
        await postgres.inbox.receive([postgres.said(shop)])
        row = await postgres.admin.fetchrow(
            "SELECT now() - created_at AS since_first, run_at - created_at AS due FROM job"
        )
        assert row is not None
        since_first, due = row["since_first"], row["due"]
        assert due == pytest.approx(min(since_first + WINDOW, CAP), abs=timedelta(seconds=0.5)), passed


async def test_the_last_wish_counts_in_the_order_of_the_messages(postgres: PostgresWorld, shop: Tenant) -> None:
    receive, minute = ReceiveMessages(inbox=postgres.inbox), postgres.now().replace(second=0, microsecond=0)
    orders = ((0, 1, 2), (2, 1, 0), (1, 1, 1), (None, 1, 2), (1, None, None))
    for case, (texts, times) in enumerate(product(permutations(["SAIR", "VOLTAR", "oi"]), orders)):
        items = [
            replace(
                postgres.said(shop, text, address=f"+5511{case:09}"),
                provider_at=None if second is None else minute + timedelta(seconds=second),
            )
            for text, second in zip(texts, times, strict=True)
        ]
        assert await receive(items) == len(items)
        conversation = await _conversation(postgres, shop, await _conversation_of(postgres, items[0].external_id))
        async with postgres.begin(shop.scope) as at:
            stored = [message.text for message in await at.messages.of(shop.scope, conversation.id)]
        wishes = [text for text in stored if text != "oi"]
        assert conversation.opted_out is (wishes[-1] == "SAIR"), (texts, times)
        remembered = "SELECT opted_out FROM contact WHERE id = $1"
        assert await postgres.admin.fetchval(remembered, conversation.contact_id) is conversation.opted_out


async def _outbound(postgres: PostgresWorld, shop: Tenant, conversation_id: UUID, delivery: Delivery) -> Message:
    async with postgres.begin(shop.scope) as at:
        conversation = await at.conversations.lock(shop.scope, conversation_id)
        message = Message(
            id=postgres.ids.new(),
            conversation_id=conversation.id,
            seq=conversation.next_seq(),
            direction=Direction.OUTBOUND,
            sender=Sender.AI,
            text="olá",
            created_at=postgres.now(),
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


async def test_deliveries_move_as_the_message_says(postgres: PostgresWorld, shop: Tenant) -> None:
    """From every state to every other: the row changes as `Message.moved` changes the entity."""
    conversation = await postgres.conversation(shop)
    for before, after in product(Delivery, Delivery):
        message = await _outbound(postgres, shop, conversation.id, before)
        report = _report(shop, message, after)
        expected = message.moved(
            after, at=message.created_at, provider_message_id=report.provider_message_id, error=report.error
        )
        assert await postgres.inbox.report([report]) == [expected], (before, after)
        async with postgres.begin(shop.scope) as at:
            stored = await at.messages.get(shop.scope, message.id)
        if expected:
            assert stored == message, (before, after)
        else:
            assert (stored.delivery, stored.error) == (before, "as it was")


async def test_nothing_is_removed_before_its_time_whoever_asks(postgres: PostgresWorld, shop: Tenant) -> None:
    """The two times that SQL knows itself are those of the core, to the minute."""
    minute = timedelta(minutes=1)
    await postgres.admin.execute("UPDATE project SET status = 'deleted', deleted_at = now() WHERE tenant_id = 'shop'")
    await postgres.advance(UNDO - minute)
    with pytest.raises(asyncpg.CheckViolationError, match="is not due"):
        await postgres.pool.fetchval("SELECT purge_project($1, 1000)", shop.owner.project_id)
    await postgres.advance(2 * minute)
    assert await postgres.pool.fetchval("SELECT purge_project($1, 1000)", shop.owner.project_id) is True

    await postgres.idempotency.begin(
        shop.owner.organization_id, key_hash=bytes(32), request_hash=bytes(32), now=postgres.now()
    )
    await postgres.advance(KEPT - minute)
    assert await postgres.idempotency.purge(postgres.now()) == 0
    await postgres.advance(2 * minute)
    assert await postgres.idempotency.purge(postgres.now()) == 1


async def test_a_new_field_of_a_message_reaches_the_function_by_itself(postgres: PostgresWorld, shop: Tenant) -> None:
    """The repository hands over whatever the dataclass has; a function that does not know a field yet ignores it."""
    said = postgres.said(shop)
    fields = {name: getattr(said, name) for name in InboundMessage.__dataclass_fields__}
    assert await postgres.inbox.receive([_Located(**fields, latitude=-23.5)]) == [True]
