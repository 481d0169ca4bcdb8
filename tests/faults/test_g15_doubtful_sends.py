"""A send whose outcome nobody knows is shown, left to a person, and never blindly repeated."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from atende.core.conversation.channel import DeliveryReport
from atende.core.conversation.model import Delivery
from atende.fakes.faults import Fault, accept_then_hang, reset, status
from atende.fakes.whatsapp import FakeWhatsApp
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.whatsapp import WhatsAppChannel
from tests.faults.support.shop import QUESTION, Shop, open_shop

DELIVERIES = "SELECT delivery FROM message WHERE sender = 'ai'"
QUEUE = "SELECT message_id FROM handoff WHERE reason = 'send_unknown' AND settled_at IS NULL"


@asynccontextmanager
async def _channel(fake: FakeWhatsApp) -> AsyncIterator[WhatsAppChannel]:
    made = WhatsAppChannel(base_url=fake.url, timeout=2.0)
    yield made
    await made.close()


async def _echo(shop: Shop, message_id: UUID, delivery: Delivery = Delivery.SENT) -> None:
    await shop.report(
        DeliveryReport(
            account_id=shop.account, provider_message_id=f"wamid.{message_id}", delivery=delivery, message_id=message_id
        )
    )


@pytest.mark.parametrize(
    "fault",
    [
        accept_then_hang(times=3),
        reset(works=True, times=3),
        status(503, works=True, times=3),
        reset(times=3),
        status(500, times=3),
    ],
    ids=["accepted_then_silent", "accepted_then_reset", "accepted_then_503", "reset", "500"],
)
async def test_g15_what_a_provider_leaves_open_is_sent_at_most_once(database: Urls, fault: Fault) -> None:
    async with (
        FakeWhatsApp(window=False, statuses=(), faults=[fault]) as fake,
        _channel(fake) as channel,
        open_shop(database, channel=channel) as shop,
    ):
        for number in range(6):
            await shop.receive(QUESTION, sender=f"+558199999000{number}")
        await shop.work()
        assert max(Counter(one.reference for one in fake.sent).values()) == 1
        assert len(fake.sent) == (6 if fault.works else 3)
        assert len(fake.requests) == 6, "nothing was tried twice"
        assert Counter(await shop.column(DELIVERIES)) == {"sent": 3, "unknown": 3}
        unknown = await shop.column("SELECT id FROM message WHERE delivery = 'unknown'")
        assert set(await shop.column(QUEUE)) == set(unknown), "each is in front of a person"
        assert await shop.broken() == {}

        await _echo(shop, unknown[0])
        await _echo(shop, unknown[1], Delivery.READ)
        assert Counter(await shop.column(DELIVERIES)) == {"sent": 4, "read": 1, "unknown": 1}
        assert await shop.broken() == {}


async def test_g15_a_worker_dies_between_the_send_and_its_note(shop: Shop) -> None:
    gates = [shop.channel.gates.hold(after=True) for _ in range(8)]
    for number in range(8):
        await shop.receive(QUESTION, sender=f"+558199999000{number}")
    lost = await shop.worker("lost")
    await lost.take()
    for gate in gates:
        await gate.reached()
    await shop.kill_workers(lost)
    await shop.work(await shop.worker("heir"))
    assert len(shop.channel.sent) == 8
    assert len(set(shop.channel.tried)) == 8
    assert set(await shop.column(DELIVERIES)) == {"unknown"}
    assert len(set(await shop.column(QUEUE))) == 8
    assert await shop.broken() == {}
    for reference in shop.channel.tried:
        await _echo(shop, reference)
    assert set(await shop.column(DELIVERIES)) == {"sent"}


async def test_g15_a_worker_that_was_away_sends_once_and_nobody_else_does(shop: Shop) -> None:
    """Frozen right before its request, past its lease: the heir must not send, the zombie still will."""
    gate = shop.channel.gates.hold()
    await shop.receive(QUESTION)
    zombie, heir = await shop.worker("zombie"), await shop.worker("heir")
    await zombie.take()
    await gate.reached()
    await shop.expire_leases(zombie)
    await shop.work(heir)
    assert await shop.column(DELIVERIES) == ["unknown"]
    assert shop.channel.sent == []
    gate.open()
    await shop.idle(zombie)
    await shop.work(heir)
    assert len(shop.channel.sent) == 1
    assert await shop.column(DELIVERIES) == ["unknown"], "a zombie writes nothing"
    assert len(await shop.column(QUEUE)) == 1
    await _echo(shop, shop.channel.tried[0])
    assert await shop.column(DELIVERIES) == ["sent"]
    assert await shop.broken() == {}


async def test_g15_a_provider_that_can_be_asked_proves_the_send(shop: Shop) -> None:
    shop.channel._can_find = True
    gate = shop.channel.gates.hold(after=True)
    await shop.receive(QUESTION)
    lost = await shop.worker("lost")
    await lost.take()
    await gate.reached()
    await shop.kill_workers(lost)
    await shop.work()
    assert await shop.column(DELIVERIES) == ["sent"]
    assert await shop.column(QUEUE) == []
    assert len(shop.channel.sent) == 1
    assert await shop.broken() == {}


async def test_g15_what_certainly_did_not_leave_is_no_doubt(shop: Shop) -> None:
    """The lease ran out while the answer was made: the reply has not left, and the next attempt may send it."""
    gate = shop.model.gates.hold(after=True)
    await shop.receive(QUESTION)
    slow = await shop.worker("slow")
    await slow.take()
    await gate.reached()
    for held in slow._held.values():
        held.ends = 0.0
    gate.open()
    await shop.idle(slow)
    assert shop.channel.sent == []
    assert await shop.column(DELIVERIES) == ["pending"]
    await shop.make_due()
    await shop.work()
    assert len(shop.channel.sent) == 1
    assert await shop.column(DELIVERIES) == ["sent"]
    assert len(shop.model.asked) == 1, "the answer was kept"
    assert await shop.broken() == {}
