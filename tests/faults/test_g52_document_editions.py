"""Documents whose worker dies between two batches, or whose file changes meanwhile: paid once, and never half of an edition."""

from uuid import UUID

import pytest

from atende.core.kernel import Unavailable
from atende.core.knowledge import embed_document
from atende.core.knowledge.change_document import DeleteDocument, ReplaceFile
from atende.core.knowledge.upload_document import UploadDocument
from tests.faults.support.shop import Shop

TEXT = "O estacionamento abre todos os dias das oito às vinte e duas horas. " * 120
OTHER = "A piscina abre de terça a domingo, das nove às dezoito horas. " * 120
PRICE = 1_000


@pytest.fixture(autouse=True)
def _one_chunk_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed_document, "BATCH", 1)


async def _read(shop: Shop) -> tuple[UUID, int]:
    """A document that waits to be embedded, and its chunks."""
    await shop.rows("UPDATE price SET credits_per_unit = $1 WHERE model = 'hashed-384'", PRICE)
    await shop.rows("DELETE FROM model_call")  # of the documents that the shop began with
    shop.search.tokens = 600
    async with shop.use(UploadDocument) as upload:
        document = await upload(shop.tenant.owner, filename="novo.txt", data=TEXT.encode())
    await _step(shop)
    cut: int = await shop.value("SELECT cut FROM document WHERE id = $1", document.id)
    assert cut > 3
    return document.id, cut


async def _step(shop: Shop) -> None:
    worker = await shop.worker("reader")
    await worker.take()
    await shop.idle(worker)


async def _paid(shop: Shop) -> int:
    paid: int = await shop.value("SELECT coalesce(sum(captured), 0) FROM credit_hold WHERE reference LIKE 'document:%'")
    return paid


async def _left(shop: Shop, document: UUID) -> tuple[str, int, int, int]:
    """Its status, its chunks and passages, and the credits that are still held."""
    status = await shop.value("SELECT status FROM document WHERE id = $1", document)
    chunks = await shop.value("SELECT count(*) FROM chunk WHERE document_id = $1", document)
    passages = await shop.value("SELECT count(*) FROM passage WHERE document_id = $1", document)
    held = await shop.value("SELECT count(*) FROM credit_hold WHERE state = 'held' AND reference LIKE 'document:%'")
    return status, chunks, passages, held


async def test_g52_after_a_death_it_goes_on_behind_the_last_batch(shop: Shop) -> None:
    document, cut = await _read(shop)
    gates = [shop.search.gates.hold() for _ in range(3)]
    worker = await shop.worker("killed")
    await worker.take()
    for gate in gates[:2]:
        await gate.reached()
        gate.open()
    await gates[2].reached()
    await shop.kill_workers(worker)
    assert await shop.value("SELECT embedded FROM document WHERE id = $1", document) == 2
    await shop.work()
    assert await _left(shop, document) == ("processed", cut, cut, 0)
    calls = await shop.rows("SELECT state, cost FROM model_call WHERE purpose = 'embed'")
    assert sorted(call["state"] for call in calls) == ["done"] * cut + ["intent"], "one batch was under way"
    assert await _paid(shop) == sum(call["cost"] for call in calls) == cut * PRICE
    assert await shop.broken() == {}


async def test_g52_a_batch_that_fails_does_not_make_the_others_be_paid_again(shop: Shop) -> None:
    document, cut = await _read(shop)
    gate = shop.search.gates.hold()
    worker = await shop.worker()
    await worker.take()
    await gate.reached()
    shop.search.failures.append(Unavailable("the embedding endpoint answered 503"))
    gate.open()
    await shop.idle(worker)
    assert (await _left(shop, document))[3] == 0, "the failed attempt gave its hold back"
    await shop.make_due()
    await shop.work()
    assert await _left(shop, document) == ("processed", cut, cut, 0)
    done = await shop.value("SELECT count(*) FROM model_call WHERE purpose = 'embed' AND state = 'done'")
    assert (done, await _paid(shop)) == (cut, cut * PRICE)
    assert await shop.broken() == {}


@pytest.mark.parametrize("change", ["replace", "delete"])
async def test_g52_what_changes_while_it_is_embedded_ends_it(shop: Shop, change: str) -> None:
    document, _ = await _read(shop)
    gate = shop.search.gates.hold()
    worker = await shop.worker()
    await worker.take()
    await gate.reached()
    if change == "replace":
        async with shop.use(ReplaceFile) as replace:
            await replace(shop.tenant.owner, document, filename="novo.txt", data=OTHER.encode())
    else:
        async with shop.use(DeleteDocument) as delete:
            await delete(shop.tenant.owner.scope, document)
    gate.open()
    await shop.idle(worker)
    await shop.work()
    status, chunks, passages, held = await _left(shop, document)
    if change == "delete":
        assert (status, chunks, passages, held) == ("deleted", 0, 0, 0)
        assert await _paid(shop) == 0
    else:
        assert (status, held) == ("processed", 0)
        assert chunks == passages > 0
        assert await shop.value("SELECT count(*) FROM chunk WHERE content LIKE '%estacionamento%'") == 0
        assert await _paid(shop) == chunks * PRICE, "only what is in use is paid for"
    assert await shop.broken() == {}
