"""A paused project sends nothing and pays nothing; what came meanwhile is answered when it is active again."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from atende.core.conversation.attend import GiveBack, TakeOver
from atende.core.conversation.model import Delivery
from atende.core.kernel import TenantScope, Transaction
from atende.core.knowledge.ask_documents import AskDocuments
from atende.core.knowledge.compose_answer import Ask
from atende.core.knowledge.upload_document import UploadDocument
from atende.core.tenancy.model import ProjectNotActive
from atende.core.tenancy.ports import Organizations, Projects
from tests.faults.support.shop import QUESTION, SECOND, Shop


async def _switch(shop: Shop, *, on: bool) -> None:
    async with shop.container() as unit:
        transaction, projects = await unit.get(Transaction), await unit.get(Projects)
        async with transaction(shop.scope):
            project = await projects.get(shop.scope, lock=True)
            project.switch(datetime.now(UTC), on=on)
            await projects.save(project)


async def _close(shop: Shop, *, on: bool) -> None:
    async with shop.container() as unit:
        transaction, organizations = await unit.get(Transaction), await unit.get(Organizations)
        scope, now = TenantScope(shop.scope.organization_id), datetime.now(UTC)
        async with transaction(scope):
            organization = await organizations.get(scope, deleted=True, lock=True)
            if on:
                organization.restore(now)
            else:
                organization.delete(now, confirm=organization.slug)
            await organizations.save(organization)


_UNANSWERED = """
SELECT c.contact_address FROM conversation c WHERE c.answered_seq < (
  SELECT max(m.seq) FROM message m WHERE m.conversation_id = c.id AND m.direction = 'inbound')
"""
Switching = Callable[..., Awaitable[None]]
ways = pytest.mark.parametrize("switch", [_switch, _close], ids=["project", "organization"])


async def _nothing_said_or_paid(shop: Shop) -> None:
    assert shop.channel.tried == []
    assert await shop.column("SELECT text FROM message WHERE sender = 'ai'") == []
    assert await shop.column("SELECT id FROM answer") == []
    assert await shop.column("SELECT kind FROM credit_entry WHERE kind IN ('capture', 'refund')") == []
    assert await shop.column("SELECT id FROM handoff") == []


@ways
async def test_g63_what_comes_while_a_project_is_paused_is_stored_and_answered_later(
    shop: Shop, switch: Switching
) -> None:
    await switch(shop, on=False)
    await shop.receive(QUESTION)
    await shop.work()
    assert await shop.column("SELECT text FROM message") == [QUESTION]
    assert shop.model.asked == []
    await _nothing_said_or_paid(shop)
    await switch(shop, on=True)
    await shop.work()
    assert len(shop.channel.sent) == 1
    assert shop.model.asked == [QUESTION]


@ways
async def test_g63_switched_off_while_the_model_is_asked(shop: Shop, switch: Switching) -> None:
    gate = shop.model.gates.hold()
    await shop.receive(QUESTION)
    worker = await shop.worker()
    await worker.take()
    await gate.reached()
    await switch(shop, on=False)
    gate.open()
    await shop.idle(worker)
    await shop.work()
    await _nothing_said_or_paid(shop)
    assert await shop.column("SELECT status FROM job WHERE kind = 'turn'") == ["queued"]
    assert await shop.column("SELECT attempts FROM job WHERE kind = 'turn'") == [0], "it does not count"
    assert await shop.column("SELECT state FROM model_call WHERE purpose <> 'embed'") == ["done"], "it was called"
    await shop.receive(SECOND)
    await switch(shop, on=True)
    await shop.work()
    assert len(shop.channel.sent) == 1
    assert SECOND in shop.model.asked[-1], "what was said meanwhile is answered with it"
    assert await shop.broken() == {}
    held, kinds = (
        await shop.value("SELECT held FROM credit_account"),
        "SELECT kind FROM credit_entry WHERE kind = 'capture'",
    )
    assert (held, len(await shop.column(kinds))) == (0, 1), "the customer pays once"


async def test_g63_switched_off_before_a_reply_is_tried_again(shop: Shop) -> None:
    shop.channel.delay_next()
    await shop.receive(QUESTION)
    await shop.work()
    assert await shop.column("SELECT delivery FROM message WHERE sender = 'ai'") == [Delivery.PENDING]
    await _switch(shop, on=False)
    await shop.make_due()
    await shop.work()
    assert shop.channel.sent == []
    await _switch(shop, on=True)
    await shop.work()
    assert len(shop.channel.sent) == 1
    assert await shop.column("SELECT delivery FROM message WHERE sender = 'ai'") == [Delivery.SENT]
    assert await shop.broken() == {}


async def test_g63_switched_off_between_the_claim_and_another_try(shop: Shop) -> None:
    """The claim was made while the project worked: the reply that was to be sent again waits all the same."""
    shop.channel.delay_next()
    await shop.receive(QUESTION)
    await shop.work()
    await shop.make_due()
    queue = await shop.queue()
    worker = await shop.worker()
    (claim,) = await queue.claim("worker", limit=1, lease=timedelta(minutes=1))
    await _switch(shop, on=False)
    await worker._attempt(claim)
    assert shop.channel.sent == []
    assert await shop.column("SELECT delivery FROM message WHERE sender = 'ai'") == [Delivery.PENDING]
    await _switch(shop, on=True)
    await shop.work()
    assert len(shop.channel.sent) == 1
    assert await shop.broken() == {}


async def test_g63_switched_off_between_the_claim_and_the_turn(shop: Shop) -> None:
    await shop.receive(QUESTION)
    (claim,) = await (await shop.queue()).claim("worker", limit=1, lease=timedelta(minutes=1))
    await _switch(shop, on=False)
    await (await shop.worker())._attempt(claim)
    assert shop.model.asked == []
    assert await shop.column("SELECT id FROM turn") == []
    assert await shop.column("SELECT kind FROM credit_entry WHERE kind = 'hold'") == []
    await _nothing_said_or_paid(shop)
    await _switch(shop, on=True)
    await shop.work()
    assert len(shop.channel.sent) == 1


async def test_g63_a_document_waits_in_a_project_that_rests(shop: Shop) -> None:
    owner = shop.tenant.owner
    async with shop.use(UploadDocument) as upload:
        document = await upload(owner, filename="novo.txt", data=b"O estacionamento abre cedo todos os dias.")
    (claim,) = await (await shop.queue()).claim("worker", limit=1, lease=timedelta(minutes=1))
    await _switch(shop, on=False)
    await (await shop.worker())._attempt(claim)
    await shop.work()
    status = f"SELECT status FROM document WHERE id = '{document.id}'"
    assert await shop.value(status) == "uploaded"
    await _switch(shop, on=True)
    await shop.work()
    assert await shop.value(status) == "processed"
    assert await shop.value("SELECT held FROM credit_account") == 0


async def test_g63_nothing_is_asked_taken_or_uploaded_in_a_project_that_rests(shop: Shop) -> None:
    await shop.receive(QUESTION)
    await shop.work()
    conversation: UUID = await shop.value("SELECT id FROM conversation")
    before = await _figures(shop)
    await _switch(shop, on=False)
    owner = shop.tenant.owner
    async with shop.use(TakeOver) as take, shop.use(GiveBack) as give:
        with pytest.raises(ProjectNotActive):
            await take(shop.scope, conversation, by="Bia")
        with pytest.raises(ProjectNotActive):
            await give(shop.scope, conversation, by="Bia")
    async with shop.use(UploadDocument) as upload:
        with pytest.raises(ProjectNotActive):
            await upload(owner, filename="novo.txt", data=b"Novo.")
    async with shop.use(AskDocuments) as ask:
        with pytest.raises(ProjectNotActive):
            await ask(Ask(owner=owner, text=QUESTION, language="pt"))
    assert await _figures(shop) == before
    files = [path for path in (shop.settings.data_dir / "files").rglob("*") if path.is_file()]
    assert len(files) == 1, "the file that was refused is not kept"


async def _figures(shop: Shop) -> list[int]:
    tables = ("message", "handoff", "document", "answer", "job", "credit_entry", "audit_log", "model_call")
    counted = [await shop.value(f"SELECT count(*) FROM {table}") for table in tables]
    return [*counted, *await shop.column("SELECT count(*) FROM conversation GROUP BY attendance ORDER BY attendance")]


async def test_g63_switched_off_under_load(shop: Shop) -> None:
    """At any moment of many turns: no reply is recorded once the switch is committed, none leaves that was not recorded before,
    and after it is switched on again every customer has their answer.
    """
    dice = Random(63)
    senders = [f"+55819999900{number:02d}" for number in range(24)]
    worker = await shop.worker()
    cut_short = 0
    for round_ in range(4):
        for sender in senders:
            await shop.receive(QUESTION, sender=sender)

        async def off(sends: int) -> tuple[int, datetime]:
            while len(shop.channel.tried) < sends:
                await asyncio.sleep(0)
            await _switch(shop, on=False)
            said = "SELECT count(*) FROM message WHERE sender = 'ai'"
            return await shop.value(said), await shop.value("SELECT clock_timestamp()")

        async with asyncio.TaskGroup() as group:
            switching = group.create_task(off(len(shop.channel.tried) + dice.randrange(1, 16)))
            await worker.take()
            await shop.idle(worker)
        recorded, at = switching.result()
        cut_short += recorded < (round_ + 1) * len(senders)
        await shop.work()
        assert await shop.value("SELECT count(*) FROM message WHERE sender = 'ai'") == recorded
        assert len(shop.channel.sent) == recorded
        assert await shop.rows("SELECT sending_at FROM message WHERE sending_at > $1", at) == []
        await _switch(shop, on=True)
        await shop.work()
        assert await shop.column(_UNANSWERED) == []
    assert cut_short, "a switch came in the middle"
    assert {one.message.to for one in shop.channel.sent} == set(senders)
    assert len(shop.channel.sent) == 4 * len(senders)
    assert await shop.broken() == {}
