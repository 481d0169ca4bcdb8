"""No reply without its captured charge, no charge without its reply, and what a customer never got is given back, once."""

from uuid import UUID

from atende.core.conversation.channel import DeliveryReport
from atende.core.conversation.model import Delivery
from atende.core.kernel import CREDIT, Unavailable
from tests.faults.support.shop import QUESTION, Shop

UNMATCHED = """
    SELECT m.id, h.id FROM (SELECT m.*, a.cost, t.hold_id FROM message m JOIN answer a ON a.id = m.answer_id
      JOIN turn t ON t.id = m.turn_id WHERE a.cost > 0) m
    FULL JOIN (SELECT h.* FROM credit_hold h WHERE h.captured > 0 AND h.reference LIKE 'turn:%') h ON h.id = m.hold_id
    WHERE m.id IS NULL OR h.id IS NULL OR h.captured <> m.cost"""


async def _ledger(shop: Shop) -> dict[str, int]:
    rows = await shop.rows("SELECT kind, count(*) FROM credit_entry WHERE kind IN ('capture', 'refund') GROUP BY 1")
    return {row[0]: row[1] for row in rows}


async def _failed(shop: Shop, message_id: UUID, times: int = 1) -> None:
    for _ in range(times):
        await shop.report(
            DeliveryReport(
                account_id=shop.account,
                provider_message_id=f"wamid.{message_id}",
                delivery=Delivery.FAILED,
                message_id=message_id,
                error="131026 undeliverable",
            )
        )


async def test_g27_replies_and_charges_match_whatever_happens(shop: Shop) -> None:
    """Answers, courtesies, unknown things, a failing model, refused, delayed and doubtful sends, a lost worker: both ways."""
    shop.channel.refuse_next()
    shop.channel.delay_next()
    shop.channel.doubt_next(arrived=True)
    shop.channel.doubt_next(arrived=False)
    shop.model.failures.extend([Unavailable("the model is away")] * 3)
    texts = [QUESTION, "oi", "Vocês consertam guarda-chuvas?", "quero falar com um atendente", QUESTION, "Aceitam Pix?"]
    for number, text in enumerate(texts * 2):
        await shop.receive(text, sender=f"+55819999900{number:02d}")
    gate = shop.model.gates.hold(after=True)
    lost = await shop.worker("lost")
    await lost.take()
    await gate.reached()
    await shop.kill_workers(lost)
    for _ in range(4):
        await shop.work()
        await shop.make_due()
    await shop.work()
    assert await shop.broken() == {}
    assert await shop.rows(UNMATCHED) == []
    assert (await _ledger(shop))["capture"] >= 4


async def test_g27_a_refused_send_is_refunded_once(shop: Shop) -> None:
    shop.channel.refuse_next()
    await shop.receive(QUESTION)
    await shop.work()
    await _failed(shop, shop.channel.tried[0], times=2)
    await shop.work()
    assert await _ledger(shop) == {"capture": 1, "refund": 1}
    assert await shop.value("SELECT available FROM credit_account") == 10_000 * CREDIT
    assert await shop.column("SELECT reason FROM handoff") == ["send_failed"]
    assert await shop.broken() == {}


async def test_g27_a_failure_told_later_is_refunded_once(shop: Shop) -> None:
    await shop.receive(QUESTION)
    await shop.work()
    await _failed(shop, shop.channel.tried[0], times=3)
    lost = await shop.worker("lost")
    await lost.take()
    await shop.kill_workers(lost)
    await shop.work()
    assert await _ledger(shop) == {"capture": 1, "refund": 1}
    assert await shop.broken() == {}


async def test_g27_a_doubtful_send_stays_paid_until_it_is_known_to_have_failed(shop: Shop) -> None:
    shop.channel.doubt_next(arrived=False)
    await shop.receive(QUESTION)
    await shop.work()
    assert await _ledger(shop) == {"capture": 1}
    assert await shop.broken() == {}
    await _failed(shop, shop.channel.tried[0])
    await shop.work()
    assert await _ledger(shop) == {"capture": 1, "refund": 1}
    assert await shop.broken() == {}
