"""What channels report of our messages: forward only, each number its own, and a failure is made good."""

from dataclasses import replace

from atende.core.conversation.channel import DeliveryReport
from atende.core.conversation.model import Delivery, Direction, Message, Sender
from tests.world import CAP, Tenant, World


async def _reply(world: World, tenant: Tenant, provider_id: str | None = None) -> Message:
    """An outbound message that is being sent."""
    conversation = await world.conversation(tenant)
    async with world.begin(tenant.scope) as at:
        conversation = await at.conversations.lock(tenant.scope, conversation.id)
        message = Message(
            id=world.ids.new(),
            conversation_id=conversation.id,
            seq=conversation.next_seq(),
            direction=Direction.OUTBOUND,
            sender=Sender.SYSTEM,
            text="olá",
            created_at=world.now(),
            delivery=Delivery.PENDING,
            provider_message_id=provider_id,
        )
        message.sending(world.now())
        await at.conversations.save(conversation)
        await at.messages.save(tenant.scope, message)
    return message


async def _message(world: World, tenant: Tenant, message: Message) -> Message:
    async with world.begin(tenant.scope) as at:
        return await at.messages.get(tenant.scope, message.id)


async def test_g10_reports_move_a_message_forward_only(world: World, shop: Tenant) -> None:
    message = await _reply(world, shop)

    async def report(delivery: Delivery) -> bool:
        by_our_id = DeliveryReport(
            account_id=shop.account.id, provider_message_id="p-1", delivery=delivery, message_id=message.id
        )
        (moved,) = await world.inbox.report([by_our_id])
        return moved

    assert await report(Delivery.SENT)
    assert not await report(Delivery.SENT)
    assert await report(Delivery.READ)
    assert not await report(Delivery.DELIVERED)
    assert not await report(Delivery.FAILED)
    stored = await _message(world, shop, message)
    assert (stored.delivery, stored.provider_message_id) == (Delivery.READ, "p-1")
    assert stored.sent_at is not None


async def test_g10_a_batch_of_reports_in_any_order_ends_the_same(world: World, shop: Tenant) -> None:
    message = await _reply(world, shop, "p-1")
    order = (Delivery.READ, Delivery.SENT, Delivery.DELIVERED, Delivery.SENT)
    reports = [DeliveryReport(account_id=shop.account.id, provider_message_id="p-1", delivery=d) for d in order]
    assert await world.inbox.report(reports) == [True, True, True, False]
    assert (await _message(world, shop, message)).delivery is Delivery.READ


async def test_g10_a_failure_is_made_good_once_and_yields_to_a_proof(world: World, shop: Tenant) -> None:
    message = await _reply(world, shop, "p-1")
    failed = DeliveryReport(
        account_id=shop.account.id, provider_message_id="p-1", delivery=Delivery.FAILED, error="131047"
    )
    assert await world.inbox.report([failed, failed]) == [True, False]
    stored = await _message(world, shop, message)
    assert (stored.delivery, stored.error, stored.sent_at) == (Delivery.FAILED, "131047", None)
    await world.advance(CAP)
    repair = next(claim for claim in await world.claim() if claim.kind == "send.failed")
    assert (repair.kind, repair.id("message_id"), repair.scope) == ("send.failed", message.id, shop.scope)
    assert await world.inbox.report([replace(failed, delivery=Delivery.DELIVERED, error=None)]) == [True]
    stored = await _message(world, shop, message)
    assert (stored.delivery, stored.error) == (Delivery.DELIVERED, None)


async def test_g12_a_report_moves_messages_of_its_own_number_only(world: World, shop: Tenant, stranger: Tenant) -> None:
    message = await _reply(world, shop, "p-1")
    forged = DeliveryReport(
        account_id=stranger.account.id, provider_message_id="p-1", delivery=Delivery.FAILED, message_id=message.id
    )
    assert await world.inbox.report([forged]) == [False]
    assert await world.inbox.report([replace(forged, account_id=world.ids.new())]) == [False]
    assert (await _message(world, shop, message)).delivery is Delivery.SENDING


async def test_a_report_about_what_a_customer_wrote_moves_nothing(world: World, shop: Tenant) -> None:
    item = world.said(shop)
    await world.inbox.receive([item])
    report = DeliveryReport(account_id=shop.account.id, provider_message_id=item.external_id, delivery=Delivery.READ)
    assert await world.inbox.report([report]) == [False]
