"""A project that is switched off says nothing and pays nothing, and answers when it is switched on."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio
from dishka import Provider, provide
from dishka import Scope as Lifetime

from atende.core.conversation.channel import InboundMessage
from atende.core.conversation.ports import Channel, ChannelDirectory
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.core.kernel import Transaction
from atende.core.knowledge.model import Draft, Question
from atende.core.knowledge.ports import Answerer, OnSentence
from atende.core.knowledge.upload_document import UploadDocument
from atende.core.tenancy.ports import Projects
from atende.fakes.ports.channel import FakeChannel
from atende.main.library import App, app
from atende.main.providers.container import Pool
from atende.main.seeding import Tenant
from atende.outbound.extractive import ExtractiveAnswerer
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.transaction import scoped

SHOP = "O frete para Recife custa R$ 18,00. O prazo de entrega para Recife é de 5 dias úteis."
QUESTION = "Quanto custa o frete para Recife?"


class Shop(ExtractiveAnswerer):
    """One shop, its phones, and its model; while the model is asked, the project may be switched off."""

    product: App
    tenant: Tenant
    off_while_asked = False
    asked = 0

    def __init__(self) -> None:
        super().__init__()
        self.phones = FakeChannel()

    async def answer(self, question: Question, *, on_sentence: OnSentence | None = None) -> Draft:
        self.asked += 1
        if self.off_while_asked:
            self.off_while_asked = False
            await self.switch(on=False)
        return await super().answer(question)

    async def switch(self, *, on: bool) -> None:
        scope = self.tenant.owner.scope
        async with self.product.container() as unit:
            projects = await unit.get(Projects)
            async with (await unit.get(Transaction))(scope):
                project = await projects.get(scope, lock=True)
                project.switch(datetime.now(UTC), on=on)
                await projects.save(project)

    async def hears(self) -> None:
        async with self.product.use(ChannelDirectory) as directory:
            (account,) = await directory.named(["whatsapp"], [self.tenant.channel("whatsapp").external_id])
        async with self.product.use(ReceiveMessages) as receive:
            await receive(
                [InboundMessage(account_id=account.id, external_id="m1", address="+5581999990000", text=QUESTION)]
            )

    async def stored(self, table: str) -> int:
        async with scoped(await self.product.container.get(Pool), self.tenant.owner.scope) as connection:
            return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))


class Given(Provider):
    scope = Lifetime.APP

    def __init__(self, shop: Shop) -> None:
        super().__init__()
        self._shop = shop

    @provide(override=True)
    def channel(self) -> Channel:
        return self._shop.phones

    @provide(override=True)
    def answerer(self) -> Answerer:
        return self._shop


@pytest_asyncio.fixture
async def shop(database: Urls, tmp_path: Path) -> AsyncIterator[Shop]:
    made, given = (
        Shop(),
        {"database_url": database.app, "data_dir": tmp_path, "burst_window": 0.0, "log_level": "error"},
    )
    async with app(Given(made), **given) as product:
        made.product, made.tenant = product, await product.tenant("Loja")
        async with product.use(UploadDocument) as upload:
            await upload(made.tenant.owner, filename="loja.txt", data=SHOP.encode())
        await product.work()
        yield made


async def test_g63_what_comes_meanwhile_is_stored_and_answered_later(shop: Shop) -> None:
    await shop.switch(on=False)
    await shop.hears()
    assert await shop.product.work() == 0
    assert (await shop.stored("message"), shop.asked, shop.phones.sent) == (1, 0, [])
    await shop.switch(on=True)
    await shop.product.work()
    assert (await shop.stored("message"), len(shop.phones.sent)) == (2, 1)


async def test_g63_a_turn_that_runs_is_neither_recorded_nor_paid(shop: Shop) -> None:
    shop.off_while_asked = True
    entries = await shop.stored("credit_entry")
    await shop.hears()
    await shop.product.work()
    assert (shop.asked, shop.phones.sent, await shop.stored("message"), await shop.stored("answer")) == (1, [], 1, 0)
    assert await shop.stored("credit_entry") == entries + 2, "what was held is released, nothing is captured"
    await shop.switch(on=True)
    await shop.product.work()
    assert (shop.asked, len(shop.phones.sent), await shop.stored("answer")) == (2, 1, 1)
