"""An attempt that fails holds no credits from then on: what it held is released with the note of its failure."""

from uuid import UUID

import pytest

from atende.core.kernel import CREDIT, Unavailable
from atende.core.knowledge.upload_document import UploadDocument
from tests.faults.support.gates import Gate
from tests.faults.support.shop import QUESTION, Shop

BALANCE, DOCUMENT = 8_947_000, 5_954_000
"""Micro-credits: what there is, and what one document holds. Two such holds do not fit."""

TEXT = "O estacionamento abre todos os dias das oito às vinte e duas horas. " * 32
TURN = 5_000_000


async def _poor(shop: Shop, *, embed: int = 0, chat: int = CREDIT) -> None:
    """The account has `BALANCE`, and prices are such that work costs what these tests say."""
    await shop.rows("ALTER TABLE credit_entry DISABLE TRIGGER USER")
    await shop.rows("DELETE FROM credit_entry")
    await shop.rows("UPDATE credit_account SET available = $1, issued = $1, spent = 0, held = 0", BALANCE)
    await shop.rows(
        "INSERT INTO credit_entry (id, organization_id, kind, reference, debit, credit, amount, available_after, held_after, at)"
        " SELECT gen_random_uuid(), organization_id, 'grant', 'all', 'issued', 'available', $1, $1, 0, now() FROM credit_account"
        " WHERE available = $1",
        BALANCE,
    )
    await shop.rows("UPDATE price SET credits_per_unit = $1 WHERE model = 'hashed-384'", embed)
    await shop.rows("UPDATE price SET credits_per_unit = $1 WHERE model = 'extractive'", chat)
    shop.search.tokens = 600


async def _uploaded(shop: Shop) -> UUID:
    """It is read; the embedding is what comes next."""
    async with shop.use(UploadDocument) as upload:
        document = await upload(shop.tenant.owner, filename="novo.txt", data=TEXT.encode())
    reader = await shop.worker("reader")
    await reader.take()
    await shop.idle(reader)
    return document.id


async def _balance(shop: Shop) -> tuple[int, int]:
    """What is available and what is held."""
    row = (await shop.rows("SELECT available, held FROM credit_account WHERE issued = $1", BALANCE))[0]
    return row["available"], row["held"]


async def _status(shop: Shop, document: UUID) -> str:
    status: str = await shop.value("SELECT status FROM document WHERE id = $1", document)
    return status


async def test_g26_an_embedding_that_answers_503_once_costs_the_document_nothing(shop: Shop) -> None:
    await _poor(shop, embed=DOCUMENT // 2)
    shop.search.failures.append(Unavailable("the embedding endpoint answered 503"))
    document = await _uploaded(shop)
    gate = shop.search.gates.hold()
    await shop.work()
    assert await _balance(shop) == (BALANCE, 0), "the failed attempt gave its hold back"
    await shop.make_due()
    worker = await shop.worker()
    await worker.take()
    await gate.reached()
    assert await _balance(shop) == (BALANCE - DOCUMENT, DOCUMENT)
    gate.open()
    await shop.idle(worker)
    assert await _status(shop, document) == "processed"
    assert await _balance(shop) == (BALANCE - DOCUMENT // 2, 0)
    assert await shop.value("SELECT hold_id FROM document WHERE id = $1", document) is None
    assert await shop.broken() == {}


async def test_g26_a_document_that_is_given_up_holds_nothing(shop: Shop) -> None:
    await _poor(shop, embed=DOCUMENT // 2)
    shop.search.failures.extend([Unavailable("the embedding endpoint answered 503")] * 4)
    document = await _uploaded(shop)
    for _ in range(4):
        await shop.work()
        await shop.make_due()
    assert await _status(shop, document) == "failed"
    assert await _balance(shop) == (BALANCE, 0)
    assert await shop.broken() == {}


async def _killed(shop: Shop, gate: Gate) -> None:
    """The worker ends where it stands: nothing of the attempt is noted."""
    worker = await shop.worker("killed")
    await worker.take()
    await gate.reached()
    await shop.kill_workers(worker)


async def test_g26_a_document_whose_worker_is_killed_has_one_hold(shop: Shop) -> None:
    await _poor(shop, embed=DOCUMENT // 2)
    document = await _uploaded(shop)
    await _killed(shop, shop.search.gates.hold())
    assert await _balance(shop) == (BALANCE - DOCUMENT, DOCUMENT)
    gate, worker = shop.search.gates.hold(), await shop.worker()
    await worker.take()
    await gate.reached()
    assert await _balance(shop) == (BALANCE - DOCUMENT, DOCUMENT), "never two holds for the same work"
    gate.open()
    await shop.idle(worker)
    assert await _status(shop, document) == "processed"
    assert await _balance(shop) == (BALANCE - DOCUMENT // 2, 0)
    assert await shop.broken() == {}


async def test_g26_a_turn_whose_model_fails_holds_nothing_until_it_is_tried_again(shop: Shop) -> None:
    await _poor(shop, chat=TURN)
    shop.model.failures.append(Unavailable("the model answered 503"))
    await shop.receive(QUESTION)
    await shop.work()
    assert await _balance(shop) == (BALANCE, 0)
    await shop.make_due()
    await shop.work()
    assert len(shop.channel.sent) == 1
    assert await _balance(shop) == (BALANCE - TURN, 0)
    assert await shop.broken() == {}


async def test_g26_a_turn_whose_worker_is_killed_has_one_hold(shop: Shop) -> None:
    await _poor(shop, chat=TURN)
    await shop.receive(QUESTION)
    await _killed(shop, shop.model.gates.hold())
    assert await _balance(shop) == (BALANCE - TURN, TURN)
    gate, worker = shop.model.gates.hold(), await shop.worker()
    await worker.take()
    await gate.reached()
    assert await _balance(shop) == (BALANCE - TURN, TURN), "never two holds for the same work"
    gate.open()
    await shop.idle(worker)
    assert len(shop.channel.sent) == 1
    assert await _balance(shop) == (BALANCE - TURN, 0)
    assert await shop.broken() == {}


@pytest.mark.parametrize("work", ["turn", "document"])
async def test_g26_a_worker_that_lost_its_lease_releases_nothing(shop: Shop, work: str) -> None:
    """Its failure comes late: the hold is another worker's by then."""
    await _poor(shop, embed=DOCUMENT // 2 if work == "document" else 0, chat=TURN)
    gates = (shop.model if work == "turn" else shop.search).gates
    first, second = gates.hold(), gates.hold()
    await (shop.receive(QUESTION) if work == "turn" else _uploaded(shop))
    late, heir = await shop.worker("late"), await shop.worker("heir")
    await late.take()
    await first.reached()
    await shop.expire_leases(late)
    await heir.take()
    await second.reached()
    held = await _balance(shop)
    assert held[1] > 0
    (claim,) = [held_.claim for held_ in late._held.values()]
    await late._retry(late.handlers[claim.kind], claim, "too late", None)
    assert await _balance(shop) == held
    first.open()
    second.open()
    await shop.idle(late)
    await shop.idle(heir)
    assert (await _balance(shop))[1] == 0
    assert await shop.broken() == {}
