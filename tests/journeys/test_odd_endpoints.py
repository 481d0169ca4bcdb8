"""A whole product over endpoints that are compatible in odd ways: what its tenants and their customers see of that."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from atende.core.conversation.channel import InboundMessage
from atende.core.conversation.ports import Channel, ChannelDirectory
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.core.credits.ports import Ledgers
from atende.core.kernel import Clock, TenantScope, Transaction, Unavailable
from atende.core.knowledge.ask_documents import AskDocuments
from atende.core.knowledge.compose_answer import Ask
from atende.core.knowledge.document import Document, DocumentStatus
from atende.core.knowledge.model import Answer, Outcome
from atende.core.knowledge.ports import Documents
from atende.core.knowledge.upload_document import UploadDocument
from atende.fakes import faults
from atende.fakes.openai import FakeOpenAI
from atende.fakes.ports.channel import FakeChannel
from atende.main.library import App, app
from atende.main.providers.container import Pool
from atende.main.seeding import Tenant

SHOP = "The warranty covers two years. Repairs are free during the warranty. The shop opens at nine."
QUESTION = "How long is the warranty?"


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as served:
        yield served


@asynccontextmanager
async def product_over(**settings: object) -> AsyncIterator[tuple[App, Tenant]]:
    async with app(burst_window=0.0, burst_cap=0.0, turn_min_score=0.0, **settings) as product:
        yield product, await product.tenant("Shop", language="en", granted=100)


async def ingested(product: App, tenant: Tenant) -> Document:
    async with product.use(UploadDocument) as upload:
        document = await upload(tenant.owner, filename="shop.txt", data=SHOP.encode())
    await product.work()
    async with product.container() as unit:
        transaction, documents = await unit.get(Transaction), await unit.get(Documents)
        async with transaction(tenant.owner.scope):
            stored: Document = await documents.get(tenant.owner.scope, document.id)
    return stored


async def answered(product: App, tenant: Tenant) -> Answer:
    async with product.use(AskDocuments) as ask:
        return await ask(Ask(owner=tenant.owner, text=QUESTION, language="en", min_score=0.0))


async def customer_asks(product: App, tenant: Tenant) -> None:
    async with product.use(ChannelDirectory) as directory:
        (account,) = await directory.named(["whatsapp"], [tenant.channel("whatsapp").external_id])
    async with product.use(ReceiveMessages) as receive, product.use(Clock) as clock:
        message = InboundMessage(
            account_id=account.id, external_id="m", address="+5581999990000", text=QUESTION, provider_at=clock.now()
        )
        await receive([message])


async def rows(product: App, tenant: Tenant, query: str) -> list[asyncpg.Record]:
    pool = await product.container.get(Pool)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "SELECT set_config('app.current_organization_id', $1, true), set_config('app.current_tenant_id', $2, true)",
            str(tenant.owner.organization_id),
            tenant.tenant_id,
        )
        return list(await connection.fetch(query))


async def balance(product: App, tenant: Tenant) -> tuple[int, int]:
    scope = TenantScope(tenant.owner.organization_id, tenant.tenant_id)
    async with product.container() as unit:
        transaction, ledgers = await unit.get(Transaction), await unit.get(Ledgers)
        async with transaction(scope):
            found = await ledgers.balance(scope.organization_id)
    return found.held, found.spent


async def test_an_answer_is_paid_by_our_own_count_if_no_tokens_are_reported(fake: FakeOpenAI) -> None:
    async with product_over(openai_base_url=f"{fake.url}/v1") as (product, tenant):
        fake.faults.set(faults.odd("no_usage"), faults.odd("refuses_base64"), faults.odd("refuses_response_format"))
        assert (await ingested(product, tenant)).status is DocumentStatus.PROCESSED
        answer = await answered(product, tenant)
        assert (answer.outcome, answer.tokens > 100) == (Outcome.ANSWERED, True)
        assert answer.cost == 513_000
        calls = await rows(product, tenant, "SELECT state, estimated, tokens_in FROM model_call")
        assert [(call["state"], call["estimated"]) for call in calls] == [("done", True)] * 3


async def test_an_answer_never_costs_more_than_was_held(fake: FakeOpenAI) -> None:
    async with product_over(openai_base_url=f"{fake.url}/v1") as (product, tenant):
        fake.faults.set(faults.odd("huge_usage"))
        assert (await ingested(product, tenant)).status is DocumentStatus.PROCESSED
        answer = await answered(product, tenant)
        assert answer.outcome is Outcome.ANSWERED
        held, spent = await balance(product, tenant)
        assert held == 0
        assert answer.cost <= spent < 10_000_000


@pytest.mark.parametrize("name", ["plain_text", "refusal", "no_choices", "truncated"])
async def test_a_model_that_fails_is_no_answer_and_a_person_is_called(fake: FakeOpenAI, name: str) -> None:
    async with product_over(openai_base_url=f"{fake.url}/v1") as (product, tenant):
        await ingested(product, tenant)
        phones = await product.container.get(Channel)
        assert isinstance(phones, FakeChannel)
        before, asked = await balance(product, tenant), len(fake.requests)
        fake.faults.set(faults.odd(name, path="/chat/"))
        with pytest.raises(Unavailable):
            await answered(product, tenant)
        await customer_asks(product, tenant)
        await product.work()
        chats = [entry for entry in fake.requests[asked:] if "chat" in entry.data["path"]]
        assert len(chats) <= 4, "two questions, at most two calls for each"
        assert phones.sent == []
        assert await balance(product, tenant) == before, "what failed costs nothing"
        (handoff,) = await rows(product, tenant, "SELECT reason, note FROM handoff")
        assert handoff["reason"] == "turn_failed"
        assert "UNAVAILABLE: " in handoff["note"]
        calls = await rows(product, tenant, "SELECT purpose, state, error FROM model_call ORDER BY started_at")
        assert [(call["purpose"], call["state"]) for call in calls if call["purpose"] == "chat"] == [
            ("chat", "failed")
        ] * 2
        assert all(call["error"] for call in calls if call["state"] == "failed")


async def test_flawed_vectors_fail_a_document_once_with_a_reason(fake: FakeOpenAI) -> None:
    async with product_over(openai_base_url=f"{fake.url}/v1") as (product, tenant):
        fake.faults.set(faults.odd("vectors_nan"))
        document = await ingested(product, tenant)
        assert document.status is DocumentStatus.FAILED
        assert "numbers that are not finite" in (document.error or "")
        assert len(fake.requests) == 1
        assert await balance(product, tenant) == (0, 0)
        (call,) = await rows(product, tenant, "SELECT state, error FROM model_call")
        assert call["state"] == "failed"


async def test_a_local_server_of_vectors_goes_with_the_built_in_answerer(fake: FakeOpenAI) -> None:
    own = {"embedding_base_url": f"{fake.url}/v1", "embedding_model": "local", "embedding_dimension": 384}
    async with product_over(**own) as (product, tenant):
        fake.faults.set(faults.odd("refuses_dimensions"), faults.odd("refuses_large_batches"))
        fake.default_dimension = 384
        assert (await ingested(product, tenant)).status is DocumentStatus.PROCESSED
        answer = await answered(product, tenant)
        assert (answer.outcome, answer.model) == (Outcome.ANSWERED, "extractive")
        assert "two years" in answer.text
        assert {entry.data["path"] for entry in fake.requests} == {"/v1/embeddings"}
        embeds = await rows(product, tenant, "SELECT cost FROM model_call WHERE purpose = 'embed'")
        assert {call["cost"] for call in embeds} == {0}
