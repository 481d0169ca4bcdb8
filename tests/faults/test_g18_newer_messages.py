"""A message that arrives during generation is neither ignored nor answered twice."""

from datetime import timedelta

import pytest

from atende.core.conversation.model import Delivery
from atende.core.conversation.turn.open_turn import OpenTurn
from atende.core.conversation.turn.send_reply import SendReply
from atende.core.conversation.turn.steps import SendNow
from atende.core.work.ports import JobQueue
from tests.faults.support.shop import QUESTION, SECOND, Shop


async def _answered(shop: Shop) -> list[tuple[int, int, str, int]]:
    rows = await shop.rows("SELECT from_seq, to_seq, state, discards FROM turn ORDER BY from_seq")
    return [tuple(row) for row in rows]


async def _settled(shop: Shop) -> None:
    await shop.work()
    assert await shop.broken() == {}
    assert set(await shop.column("SELECT delivery FROM message WHERE direction = 'outbound'")) == {Delivery.SENT}


async def test_g18_before_the_turn_begins(shop: Shop) -> None:
    await shop.receive(QUESTION)
    await shop.receive(SECOND)
    await _settled(shop)
    assert await _answered(shop) == [(1, 2, "replied", 0)]
    assert shop.model.asked == [f"{QUESTION}\n{SECOND}"]


@pytest.mark.parametrize("after", [False, True], ids=["before_the_model_answers", "after_the_model_answered"])
async def test_g18_while_the_model_is_asked(shop: Shop, *, after: bool) -> None:
    gate = shop.model.gates.hold(after=after)
    await shop.receive(QUESTION)
    worker = await shop.worker()
    await worker.take()
    await gate.reached()
    await shop.receive(SECOND)
    gate.open()
    await shop.idle(worker)
    await _settled(shop)
    assert await _answered(shop) == [(1, 2, "replied", 1)]
    assert shop.model.asked == [QUESTION, f"{QUESTION}\n{SECOND}"], "one extra model call, and it saw everything"
    assert len(shop.channel.sent) == 1


async def test_g18_again_while_the_model_is_asked_again(shop: Shop) -> None:
    gates = [shop.model.gates.hold(), shop.model.gates.hold()]
    await shop.receive(QUESTION)
    worker = await shop.worker()
    await worker.take()
    await gates[0].reached()
    await shop.receive(SECOND)
    gates[0].open()
    await gates[1].reached()
    await shop.receive("Vocês aceitam Pix?")
    gates[1].open()
    await shop.idle(worker)
    await _settled(shop)
    assert await _answered(shop) == [(1, 2, "replied", 1), (3, 3, "replied", 0)]
    assert len(shop.model.asked) == 3
    assert len(shop.channel.sent) == 2


@pytest.mark.parametrize("after", [False, True], ids=["before_it_leaves", "before_its_answer_is_noted"])
async def test_g18_while_the_reply_is_sent(shop: Shop, *, after: bool) -> None:
    gate = shop.channel.gates.hold(after=after)
    await shop.receive(QUESTION)
    worker = await shop.worker()
    await worker.take()
    await gate.reached()
    await shop.receive(SECOND)
    assert await worker.take() == 0, "one turn of a conversation at a time"
    gate.open()
    await shop.idle(worker)
    await _settled(shop)
    assert await _answered(shop) == [(1, 1, "replied", 0), (3, 3, "replied", 0)]
    assert shop.model.asked == [QUESTION, SECOND]


async def test_g18_a_question_after_a_greeting(shop: Shop) -> None:
    """The greeting needs no model: its reply is recorded as the turn is opened, and the question has a turn of its own."""
    await shop.receive("oi")
    (claim,) = await (await shop.container.get(JobQueue)).claim("worker", limit=1, lease=timedelta(seconds=30))
    async with shop.container() as unit:
        leaving = await (await unit.get(OpenTurn))(claim)
        assert isinstance(leaving, SendNow)
        await shop.receive(QUESTION)
        await (await unit.get(SendReply))(claim, leaving.dispatch)
    await _settled(shop)
    assert await _answered(shop) == [(1, 1, "replied", 0), (3, 3, "replied", 0)]
    assert len(shop.channel.sent) == 2
    assert shop.model.asked == [QUESTION]


async def test_g18_a_question_without_credits_is_left_to_a_person_at_once(shop: Shop) -> None:
    await shop.rows("UPDATE credit_account SET available = 0, spent = 0, issued = 0")
    await shop.rows("ALTER TABLE credit_entry DISABLE TRIGGER USER")
    await shop.rows("DELETE FROM credit_entry")
    await shop.receive(QUESTION)
    (claim,) = await (await shop.container.get(JobQueue)).claim("worker", limit=1, lease=timedelta(seconds=30))
    async with shop.container() as unit:
        leaving = await (await unit.get(OpenTurn))(claim)
        assert isinstance(leaving, SendNow)
        await shop.receive(SECOND)
        await (await unit.get(SendReply))(claim, leaving.dispatch)
    assert await shop.column("SELECT reason FROM handoff") == ["no_credits"]
    await shop.work()
    assert len(shop.channel.sent) == 1
    assert await shop.broken() == {}


@pytest.mark.parametrize("point", ["asked", "answered", "recorded"])
async def test_g18_the_worker_dies_and_more_was_written(shop: Shop, point: str) -> None:
    gate = shop.channel.gates.hold() if point == "recorded" else shop.model.gates.hold(after=point == "answered")
    await shop.receive(QUESTION)
    worker = await shop.worker("first")
    await worker.take()
    await gate.reached()
    await shop.receive(SECOND)
    await shop.kill_workers(worker)
    await shop.work(await shop.worker("second"))
    await shop.make_due()
    await shop.work()
    assert await shop.broken() == {}
    covered = [seq for begin, end, *_ in await _answered(shop) for seq in range(begin, end + 1)]
    inbound = await shop.column("SELECT seq FROM message WHERE direction = 'inbound' ORDER BY seq")
    assert sorted(set(covered) & set(inbound)) == inbound
    assert len(covered) == len(set(covered)), "no message belongs to two turns"
