"""A real model's place taken by its fake: the same checks, tokens and prices."""

from atende.core.credits.ports import Ledgers
from atende.core.credits.price import DEFAULT_PRICES
from atende.core.kernel import TenantScope, Transaction
from atende.core.knowledge.ask_documents import AskDocuments
from atende.core.knowledge.compose_answer import Ask
from atende.core.knowledge.model import Outcome
from atende.core.knowledge.upload_document import UploadDocument
from atende.fakes.providers import FakeProviders
from atende.main.library import app

SHOP = "The warranty covers two years. Repairs are free during the warranty. The shop opens at nine."


async def test_a_model_answers_with_checked_quotes_and_is_paid_by_the_token() -> None:
    async with (
        FakeProviders.serve() as fakes,
        app(openai_base_url=f"{fakes.url}/openai/v1", openai_api_key="key", openai_llm_model="gpt-4o") as product,
    ):
        tenant = await product.tenant("Shop", language="en", granted=100)
        async with product.use(UploadDocument) as upload:
            await upload(tenant.owner, filename="shop.txt", data=SHOP.encode())
        await product.work()
        async with product.use(AskDocuments) as ask:
            question = Ask(owner=tenant.owner, text="How long is the warranty?", language="en", min_score=0.0)
            answer = await ask(question)
        assert answer.outcome is Outcome.ANSWERED
        assert answer.model == "gpt-4o"
        assert answer.tokens > 0
        assert all(c.quote == SHOP[c.start : c.end] for s in answer.sentences for c in s.citations)
        chat = next(price for price in DEFAULT_PRICES if price.model == "gpt-4o" and price.operation == "chat")
        embed = next(price for price in DEFAULT_PRICES if price.model == "text-embedding-3-large")
        assert answer.cost == chat.credits_for(tokens=answer.tokens) + embed.credits_for(tokens=1)
        scope = TenantScope(tenant.owner.organization_id, tenant.tenant_id)
        async with product.container() as unit:
            transaction, ledgers = await unit.get(Transaction), await unit.get(Ledgers)
            async with transaction(scope):
                balance = await ledgers.balance(scope.organization_id)
        assert balance.held == 0
        assert balance.spent == answer.cost + embed.credits_for(tokens=1)
