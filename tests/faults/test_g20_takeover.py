"""Once a takeover or a STOP is committed, the agent says nothing more."""

import asyncio
from random import Random
from uuid import UUID

import pytest

from atende.core.conversation.attend import GiveBack, TakeOver
from atende.core.conversation.model import Delivery, ReplyInFlight
from atende.core.kernel import Unavailable
from tests.faults.support.shop import QUESTION, SECOND, Shop


async def _conversation(shop: Shop) -> UUID:
    found: UUID = await shop.value("SELECT id FROM conversation ORDER BY created_at DESC LIMIT 1")
    return found


async def _take_over(shop: Shop, conversation: UUID) -> None:
    for _ in range(10):
        async with shop.use(TakeOver) as take_over:
            try:
                await take_over(shop.scope, conversation, by="Bia")
            except (
                Unavailable
            ):  # a slow machine may wait longer for the lock than the database lets us; people try again too
                continue
            return
    raise TimeoutError("nobody could take the conversation over")


async def _give_back(shop: Shop, conversation: UUID) -> None:
    async with shop.use(GiveBack) as give_back:
        await give_back(shop.scope, conversation, by="Bia")


async def test_g20_before_the_turn_begins(shop: Shop) -> None:
    await shop.receive(QUESTION)
    await _take_over(shop, await _conversation(shop))
    await shop.work()
    assert shop.channel.sent == []
    assert shop.model.asked == []
    assert await shop.broken() == {}


@pytest.mark.parametrize("word", ["takeover", "STOP"])
async def test_g20_while_the_model_is_asked(shop: Shop, word: str) -> None:
    gate = shop.model.gates.hold()
    await shop.receive(QUESTION)
    worker = await shop.worker()
    await worker.take()
    await gate.reached()
    if word == "STOP":
        await shop.receive("STOP")
    else:
        await _take_over(shop, await _conversation(shop))
    gate.open()
    await shop.idle(worker)
    await shop.work()
    assert shop.channel.sent == []
    assert await shop.broken() == {}
    assert await shop.value("SELECT held + spent FROM credit_account") == 0, "what was held flows back"


@pytest.mark.parametrize("newer", [0, 1, 5])
async def test_g20_a_reply_on_its_way_is_waited_for(shop: Shop, newer: int) -> None:
    """However much the customer writes meanwhile."""
    gate = shop.channel.gates.hold()
    await shop.receive(QUESTION)
    worker = await shop.worker()
    await worker.take()
    await gate.reached()
    conversation = await _conversation(shop)
    await shop.receive(*[SECOND] * newer)
    with pytest.raises(ReplyInFlight) as refused:
        await _take_over(shop, conversation)
    assert refused.value.retry_after == 1
    gate.open()
    await shop.idle(worker)
    await _take_over(shop, conversation)
    await shop.work()
    assert len(shop.channel.sent) == 1
    assert await shop.broken() == {}


@pytest.mark.parametrize("word", ["takeover", "STOP"])
async def test_g20_a_reply_that_waits_to_be_tried_again_is_withdrawn(shop: Shop, word: str) -> None:
    shop.channel.delay_next()
    await shop.receive(QUESTION)
    await shop.work()
    assert await shop.column("SELECT delivery FROM message WHERE sender = 'ai'") == [Delivery.PENDING]
    if word == "STOP":
        await shop.receive("STOP")
    else:
        await _take_over(shop, await _conversation(shop))
    await shop.make_due()
    await shop.work()
    assert shop.channel.sent == []
    assert await shop.column("SELECT delivery FROM message WHERE sender = 'ai'") == [Delivery.FAILED]
    assert await shop.column("SELECT kind FROM credit_entry WHERE kind = 'refund'") == ["refund"]
    assert await shop.broken() == {}


async def test_g20_given_back_while_the_model_is_asked(shop: Shop) -> None:
    """What was said before a person came is the person's to answer, also for a worker that never noticed the person."""
    gate = shop.model.gates.hold()
    await shop.receive(QUESTION)
    worker = await shop.worker()
    await worker.take()
    await gate.reached()
    conversation = await _conversation(shop)
    await _take_over(shop, conversation)
    await shop.receive(SECOND)
    await _give_back(shop, conversation)
    gate.open()
    await shop.idle(worker)
    await shop.work()
    assert shop.channel.sent == []
    assert await shop.value("SELECT attendance FROM conversation") == "ai", (
        "nobody is called to what a person has settled"
    )
    await shop.receive("Vocês aceitam Pix?")
    await shop.work()
    assert shop.model.asked[1:] == ["Vocês aceitam Pix?"], "what was said meanwhile is not answered late"
    assert len(shop.channel.sent) == 1
    answered, last = tuple((await shop.rows("SELECT answered_seq, last_seq FROM conversation"))[0])
    assert (answered, last) == (3, 4)


async def test_g20_given_back_before_a_lost_turn_is_taken_up_again(shop: Shop) -> None:
    gate = shop.model.gates.hold()
    await shop.receive(QUESTION)
    lost = await shop.worker("lost")
    await lost.take()
    await gate.reached()
    await shop.kill_workers(lost)
    conversation = await _conversation(shop)
    await _take_over(shop, conversation)
    await _give_back(shop, conversation)
    await shop.work()
    assert shop.channel.sent == []
    assert await shop.value("SELECT attendance FROM conversation") == "ai"
    assert await shop.value("SELECT held FROM credit_account") == 0


async def test_g20_races(shop: Shop) -> None:
    """Takeovers at any moment of many turns: no send begins after the takeover of its conversation was answered."""
    dice = Random(20)
    senders = [f"+55819999900{number:02d}" for number in range(24)]
    for sender in senders:
        await shop.receive(QUESTION, sender=sender)
    conversations = await shop.rows("SELECT id, contact_address AS sender FROM conversation")
    taken: dict[str, int] = {}

    async def person(conversation: UUID, sender: str, patience: int) -> None:
        for _ in range(patience):
            await asyncio.sleep(0)
        while True:
            try:
                await _take_over(shop, conversation)
            except ReplyInFlight:
                await asyncio.sleep(0)
            else:
                taken[sender] = len(shop.channel.tried)
                return

    worker = await shop.worker()
    async with asyncio.TaskGroup() as group:
        for row in conversations:
            group.create_task(person(row["id"], row["sender"], dice.randrange(400)))
        await worker.take()
        await shop.idle(worker)
    await shop.work()
    for number, one in enumerate(shop.channel.sent):
        assert number < taken[one.message.to], "sent before its conversation was taken"
    assert await shop.broken() == {}
