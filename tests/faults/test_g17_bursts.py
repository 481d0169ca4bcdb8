"""A burst gets one answer that saw all of it."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest

from atende.outbound.postgres.embedded.launcher import Urls
from tests.faults.support.shop import QUESTION, Shop, open_shop

BURST = ["oi", "tudo bem?", "quanto custa", "o frete", "para Recife?", "é urgente"]
WAITS = "SELECT run_at - created_at FROM job WHERE kind = 'turn' AND status = 'queued'"
LAST = "(SELECT max(created_at) FROM message)"


def _slow(database: Urls) -> AbstractAsyncContextManager[Shop]:
    """With the pauses of the product."""
    return open_shop(database, burst_window=3.0, burst_cap=12.0)


@pytest.mark.parametrize("size", [2, 4, 6])
async def test_g17_a_burst_is_one_turn_that_saw_all_of_it(database: Urls, size: int) -> None:
    async with _slow(database) as shop:
        for sender in ("+5581999990001", "+5581999990002", "+5581999990003"):
            await shop.receive(*BURST[-size:], sender=sender)
        await shop.work()
        assert shop.model.asked == [], "the customer may still be writing"
        await shop.make_due()
        await shop.work()
        assert shop.model.asked == ["\n".join(BURST[-size:])] * 3
        assert len(shop.channel.sent) == 3
        assert await shop.broken() == {}


async def test_g17_each_message_begins_the_pause_again_up_to_the_cap(database: Urls) -> None:
    async with _slow(database) as shop:
        await shop.receive(QUESTION)
        assert await shop.column(WAITS) == [timedelta(seconds=3)]
        await _pass(shop, 2)
        await shop.receive("e quanto demora?")
        assert await shop.column(f"SELECT run_at - {LAST} FROM job WHERE kind = 'turn'") == [timedelta(seconds=3)]
        for _ in range(4):
            await _pass(shop, 2)
            await shop.receive("alô?")
        assert await shop.column(WAITS) == [timedelta(seconds=12)], "nobody waits longer than the cap"


async def test_g17_a_burst_that_goes_on_while_it_is_answered(database: Urls) -> None:
    """What comes during the answer is part of it; what comes after it is the next turn, and waits for its own pause."""
    async with _slow(database) as shop:
        gate = shop.model.gates.hold()
        await shop.receive("quanto custa o frete")
        await shop.make_due()
        worker = await shop.worker()
        await worker.take()
        await gate.reached()
        await shop.receive("para Recife?", "obrigada")
        gate.open()
        await shop.idle(worker)
        assert shop.model.asked[-1] == "quanto custa o frete\npara Recife?\nobrigada"
        assert len(shop.channel.sent) == 1
        assert len(await shop.column(WAITS)) == 1, (
            "it was queued before it was known that there is nothing left to answer"
        )
        await shop.make_due()
        await shop.work()
        assert len(shop.channel.sent) == 1
        assert await shop.broken() == {}


async def _pass(shop: Shop, seconds: float) -> None:
    """Time passes for everything that was written down."""
    await shop.rows(
        "UPDATE job SET run_at = run_at - $1::interval, created_at = created_at - $1::interval WHERE status = 'queued'",
        timedelta(seconds=seconds),
    )
