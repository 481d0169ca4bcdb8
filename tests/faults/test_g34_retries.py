"""Transient errors are tried again with growing, jittered pauses or when the other side says; permanent ones are not."""

import pytest

from atende.core.conversation.turn.answer_customer import TURN
from atende.core.kernel import Invalid, Unavailable
from atende.fakes.faults import Fault, status
from atende.fakes.whatsapp import FakeWhatsApp
from atende.inbound.jobs.worker import Worker
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.whatsapp import WhatsAppChannel
from tests.faults.support.recording_queue import WatchedQueue
from tests.faults.support.shop import QUESTION, Shop, open_shop


async def _worker(shop: Shop) -> tuple[Worker, WatchedQueue]:
    heard = WatchedQueue(await shop.queue())
    worker = await shop.worker(queue=heard)
    worker.handlers = heard.watch(worker.handlers)
    return worker, heard


async def _until_settled(shop: Shop, worker: Worker) -> None:
    for _ in range(TURN.max_attempts + 1):
        await shop.work(worker)
        await shop.make_due()
    await shop.work(worker)


async def test_g34_four_failures_and_then_the_fifth_attempt_is_the_answer(shop: Shop) -> None:
    shop.model.failures.extend([Unavailable("the model answered 500")] * 4)
    await shop.receive(QUESTION)
    worker, heard = await _worker(shop)
    await _until_settled(shop, worker)
    assert [pause == pytest.approx(planned, rel=0.2) for pause, planned in zip(heard.pauses, (1, 2, 4, 8), strict=True)]
    assert heard.pauses != [1, 2, 4, 8], "pauses are spread, so that not everybody comes back at once"
    assert await shop.column("SELECT attempts FROM job WHERE kind = 'turn'") == [5]
    assert len(shop.channel.sent) == 1
    assert await shop.broken() == {}


async def test_g34_the_fifth_failure_is_the_last(shop: Shop) -> None:
    shop.model.failures.extend([Unavailable("the model answered 500")] * 5)
    await shop.receive(QUESTION)
    worker, heard = await _worker(shop)
    await _until_settled(shop, worker)
    assert len(heard.pauses) == 4
    assert await shop.column("SELECT status FROM job WHERE kind = 'turn'") == ["dead"]
    assert await shop.column("SELECT reason FROM handoff") == ["turn_failed"]
    assert await shop.value("SELECT held + spent FROM credit_account") == 0
    assert await shop.broken() == {}


async def test_g34_what_will_never_work_is_not_tried_again(shop: Shop) -> None:
    shop.model.failures.append(Invalid("the model answered 400"))
    await shop.receive(QUESTION)
    worker, heard = await _worker(shop)
    await _until_settled(shop, worker)
    assert heard.pauses == []
    assert len(shop.model.asked) == 1
    assert await shop.column("SELECT status FROM job WHERE kind = 'turn'") == ["dead"]
    assert await shop.broken() == {}


async def test_g34_an_error_that_nobody_foresaw_is_tried_again(shop: Shop) -> None:
    shop.model.failures.append(ZeroDivisionError("a mistake in the program"))
    await shop.receive(QUESTION)
    worker, heard = await _worker(shop)
    await _until_settled(shop, worker)
    assert len(heard.pauses) == 1
    assert len(shop.channel.sent) == 1
    assert await shop.broken() == {}


@pytest.mark.parametrize(
    ("fault", "pauses", "requests", "deliveries"),
    [
        (status(429, retry_after=7, times=2), [7.0, 7.0], 3, ["sent"]),
        (status(429, retry_after=100_000, times=1), [300.0], 2, ["sent"]),
        (status(400, code=100), [], 1, ["failed"]),
        (status(403, code=200), [], 1, ["failed"]),
        (status(500), [], 1, ["unknown"]),
    ],
    ids=["429", "429_for_a_day", "400", "403", "500"],
)
async def test_g34_what_a_channel_answers(
    database: Urls, fault: Fault, pauses: list[float], requests: int, deliveries: list[str]
) -> None:
    """Retry-After is kept to, up to five minutes; a refusal is final; what may have been sent is not sent again."""
    async with FakeWhatsApp(window=False, statuses=(), faults=[fault]) as fake:
        channel = WhatsAppChannel(base_url=fake.url, timeout=2)
        async with open_shop(database, channel=channel) as shop:
            await shop.receive(QUESTION)
            worker, heard = await _worker(shop)
            await _until_settled(shop, worker)
            assert heard.pauses == pauses
            assert len(fake.requests) == requests
            assert await shop.column("SELECT delivery FROM message WHERE sender = 'ai'") == deliveries
            assert await shop.broken() == {}
        await channel.close()
