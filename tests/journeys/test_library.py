"""The product as a library, on a temporary database of its own, without HTTP."""

from uuid import UUID

from dishka import Provider, Scope, provide

import atende
from atende.core.conversation.channel import InboundMessage
from atende.core.conversation.model import CloseReason, Sender, Status
from atende.core.conversation.ports import Channel, ChannelDirectory, Conversations, Messages
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.core.credits.ports import Ledgers
from atende.core.kernel import CREDIT, Clock, TenantScope, Transaction
from atende.core.knowledge.ask_documents import AskDocuments
from atende.core.knowledge.compose_answer import Ask
from atende.core.knowledge.model import Outcome
from atende.core.knowledge.upload_document import UploadDocument
from atende.core.work.ports import JobWatch
from atende.fakes.ports.channel import FakeChannel
from atende.main.library import App
from atende.main.seeding import Tenant

SHOP = """# Entrega

O prazo de entrega para Recife é de 5 dias úteis. O frete para Recife custa R$ 18,00.

# Loja

A loja abre de segunda a sexta, das 9h às 18h.
"""


class GivenChannel(Provider):
    """Every message goes to a channel that the test can look into."""

    def __init__(self, phones: FakeChannel) -> None:
        super().__init__()
        self._phones = phones

    @provide(scope=Scope.APP, override=True)
    def channel(self) -> Channel:
        return self._phones


async def account_of(product: App, tenant: Tenant) -> UUID:
    async with product.use(ChannelDirectory) as directory:
        (account,) = await directory.named(["whatsapp"], [tenant.channel("whatsapp").external_id])
    return account.id


async def test_a_conversation_from_the_first_message_to_the_last_ledger_entry() -> None:
    phones = FakeChannel()
    async with atende.app(GivenChannel(phones), burst_window=0.0, burst_cap=0.0) as product:
        tenant = await product.tenant("Loja Boa")
        async with product.use(UploadDocument) as upload:
            await upload(tenant.owner, filename="loja.md", data=SHOP.encode())
        assert await product.work() == 2, "it is read, and then embedded"

        async with product.use(AskDocuments) as ask:
            answer = await ask(Ask(owner=tenant.owner, text="Quanto custa o frete para Recife?", language="pt"))
        assert answer.outcome is Outcome.ANSWERED
        assert "R$ 18,00" in answer.text
        assert all(c.quote in SHOP for s in answer.sentences for c in s.citations)

        account_id = await account_of(product, tenant)
        for n, text in enumerate(["Qual o prazo de entrega para Recife?", "Era só isso, muito obrigado!"]):
            async with product.use(ReceiveMessages) as receive, product.use(Clock) as clock:
                message = InboundMessage(
                    account_id=account_id,
                    external_id=f"m{n}",
                    address="+5581999990000",
                    text=text,
                    provider_at=clock.now(),
                )
                assert await receive([message]) == 1
            assert await product.work() == 1
        assert "5 dias úteis" in phones.sent[0].message.text
        assert len(phones.sent) == 2

        rows = TenantScope(tenant.owner.organization_id, tenant.tenant_id)
        async with product.container() as unit:
            transaction, conversations = await unit.get(Transaction), await unit.get(Conversations)
            messages, ledgers = await unit.get(Messages), await unit.get(Ledgers)
            async with transaction(rows):
                (conversation,) = (await conversations.page(rows, page=1, limit=10)).data
                said = await messages.of(rows, conversation.id)
                balance = await ledgers.balance(rows.organization_id)
        assert (conversation.status, conversation.close_reason) == (Status.CLOSED, CloseReason.CLOSURE_DETECTED)
        assert [m.sender for m in said] == [Sender.CONTACT, Sender.AI] * 2
        assert (balance.available, balance.held, balance.spent) == (48 * CREDIT, 0, 2 * CREDIT)


async def test_nothing_is_due_when_nothing_was_said() -> None:
    async with atende.app() as product:
        assert await product.work() == 0
        health = await (await product.container.get(JobWatch)).health()
        assert (health.dead, health.next_due) == (0, None)
