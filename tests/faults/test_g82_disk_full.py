"""When PostgreSQL cannot write, nothing is acknowledged and nothing is half there; afterwards all goes on by itself."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
import pytest_asyncio

from atende.fakes.whatsapp import FakeWhatsApp
from atende.fakes.whatsapp_numbers import Number
from atende.main.processes.lifecycle import bind, serving
from atende.main.processes.web import make_web
from tests.faults.support.shop import QUESTION, Shop

FULL = """
    CREATE FUNCTION public.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"""
WHEN = {
    "at_the_write": "CREATE TRIGGER full_disk BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION public.full_disk()",
    "at_the_commit": "CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT ON {} DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION public.full_disk()",
}
"""A commit that fails is the honest case: everything before it went well."""


@pytest_asyncio.fixture
async def fake(shop: Shop) -> AsyncIterator[FakeWhatsApp]:
    """WhatsApp in front of the shop's own web server."""
    line = shop.tenant.channel("whatsapp")
    async with AsyncExitStack() as stack:
        door = bind("127.0.0.1", 0)
        stack.callback(door.close)
        url = f"http://127.0.0.1:{door.getsockname()[1]}/whatsapp/webhook"
        made = await stack.enter_async_context(FakeWhatsApp(backoff=0.05))
        made.add_number(
            Number(id=line.external_id, access_token=line.access, app_secret=line.signing, callback_url=url)
        )
        await stack.enter_async_context(serving(await make_web(shop.container, shop.settings), door))
        yield made


async def _fill(shop: Shop, when: str, table: str) -> None:
    await shop.rows(FULL)
    await shop.rows(WHEN[when].format(table))


async def _empty(shop: Shop, table: str) -> None:
    await shop.rows(f"DROP TRIGGER full_disk ON {table}")


@pytest.mark.parametrize("when", list(WHEN))
@pytest.mark.parametrize("table", ["inbox", "message", "job"])
async def test_g82_a_message_that_cannot_be_stored_is_not_acknowledged(
    shop: Shop, fake: FakeWhatsApp, table: str, when: str
) -> None:
    await _fill(shop, when, table)
    for number in range(8):
        await fake.customer_writes(QUESTION, sender=f"+558199999000{number}")
    await fake.until(lambda: len(fake.log.of("callback")) >= 16)
    assert fake.acknowledged == set()
    assert {entry.data["failed"] for entry in fake.log.of("callback")} == {"503"}
    assert await shop.value("SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM message)") == 0

    await _empty(shop, table)
    wrote = {entry.data["id"] for entry in fake.log.of("wrote")}
    await fake.until(lambda: fake.acknowledged >= wrote)
    assert set(await shop.column("SELECT provider_message_id FROM message")) == wrote
    await shop.work()
    assert len(shop.channel.sent) == 8
    assert await shop.broken() == {}


@pytest.mark.parametrize("when", list(WHEN))
@pytest.mark.parametrize("table", ["answer", "credit_entry", "turn"])
async def test_g82_a_reply_that_cannot_be_recorded_is_not_sent(shop: Shop, table: str, when: str) -> None:
    await shop.receive(QUESTION)
    await _fill(shop, when, table)
    for _ in range(2):
        await shop.work()
        await shop.make_due()
    assert shop.channel.sent == []
    await _empty(shop, table)
    await shop.work()
    assert len(shop.channel.sent) == 1
    assert await shop.broken() == {}


@pytest.mark.parametrize("table", ["message", "job"])
async def test_g82_an_outcome_that_cannot_be_noted_is_never_sent_again(shop: Shop, table: str) -> None:
    gate = shop.channel.gates.hold(after=True)
    await shop.receive(QUESTION)
    worker = await shop.worker()
    await worker.take()
    await gate.reached()
    await shop.rows(FULL)
    await shop.rows(
        f"CREATE TRIGGER full_disk BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION public.full_disk()"
    )
    gate.open()
    await shop.idle(worker)
    await _empty(shop, table)
    await shop.expire_leases(worker)
    await shop.rows("UPDATE job SET lease_until = now() - interval '1 s' WHERE status = 'running'")
    for _ in range(3):
        await shop.make_due()
        await shop.work()
    assert len(shop.channel.sent) == 1
    assert await shop.column("SELECT delivery FROM message WHERE sender = 'ai'") == ["unknown"]
    assert await shop.column("SELECT reason FROM handoff") == ["send_unknown"]
    assert await shop.broken() == {}


async def test_g82_an_upload_that_cannot_be_stored_is_told_so(shop: Shop, fake: FakeWhatsApp) -> None:
    """Uploads answer 503 in the form of every other error while their row cannot be written."""
    await _fill(shop, "at_the_commit", "document")
    url = next(iter(fake.numbers.values())).callback_url.removesuffix("/whatsapp/webhook")
    async with httpx.AsyncClient(base_url=url, headers={"X-API-Key": shop.tenant.api_key}, trust_env=False) as client:
        answer = await client.post("/api/v1/documents/upload", files={"file": ("a.txt", b"Abrimos aos domingos.")})
        assert answer.status_code == 503, answer.text
        assert await shop.value("SELECT count(*) FROM document") == 1, "the shop's first one"
        await _empty(shop, "document")
        answer = await client.post("/api/v1/documents/upload", files={"file": ("a.txt", b"Abrimos aos domingos.")})
        assert answer.is_success, answer.text
