"""The product on a database of the test's own, in the test's own process, where every step can be held and every worker lost.

Nothing runs by itself: a test says when a worker takes a job, and where a job must wait.
"""

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from dishka import AsyncContainer, Provider, provide
from dishka import Scope as Lifetime

from atende.core.conversation.channel import ChannelAccount, DeliveryReport, InboundMessage, Outgoing
from atende.core.conversation.ports import Channel, ChannelDirectory
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.core.credits.ports import Prices
from atende.core.kernel import TenantScope
from atende.core.knowledge.model import Draft, Question
from atende.core.knowledge.ports import Answerer, Embedding, OnSentence
from atende.core.work.ports import JobQueue
from atende.fakes.ports.channel import FakeChannel
from atende.inbound.jobs.handlers import make_handlers
from atende.inbound.jobs.worker import Worker, WorkerOptions
from atende.main.providers.configuration import read_settings
from atende.main.providers.container import Pool, make_container
from atende.main.seeding import Tenant, seed_tenant, upload_files
from atende.main.settings import Settings
from atende.outbound.extractive import ExtractiveAnswerer
from atende.outbound.postgres.credits import PostgresPrices
from atende.outbound.postgres.embedded.launcher import Urls
from tests.faults.support.gates import WAIT, Gates, Search
from tests.faults.support.invariants import broken

SHOP = """O frete para Recife custa R$ 18,00. O prazo de entrega para Recife é de 5 dias úteis.

Aceitamos Pix e cartão de crédito. O prazo de troca é de 30 dias corridos.
"""
QUESTION = "Quanto custa o frete para Recife?"
SECOND = "Qual é o prazo de troca?"
ANA = "+5581999990001"
T = TypeVar("T")


class GatedChannel(FakeChannel):
    """`gates` hold a send before it leaves, or its answer before it comes back."""

    def __init__(self, *, can_find: bool = False) -> None:
        super().__init__(can_find=can_find)
        self.gates = Gates()
        self.tried: list[UUID] = []

    @property
    def texts(self) -> list[str]:
        return [one.message.text for one in self.sent]

    async def send(self, account: ChannelAccount, message: Outgoing) -> str:
        send = super().send

        async def leave() -> str:
            self.tried.append(message.reference)
            return await send(account, message)

        return await self.gates.around(leave)


class Model(Answerer):
    """The built-in answerer, held at `gates`, failing as `failures` say; `asked` is what it saw."""

    def __init__(self) -> None:
        self._answerer = ExtractiveAnswerer()
        self.gates = Gates()
        self.failures: deque[Exception] = deque()
        self.asked: list[str] = []

    @property
    def provider(self) -> str:
        return self._answerer.provider

    def model(self, asked: str | None) -> str:
        return self._answerer.model(asked)

    async def answer(self, question: Question, *, on_sentence: OnSentence | None = None) -> Draft:
        self.asked.append(question.text)
        if self.failures:
            raise self.failures.popleft()
        return await self.gates.around(lambda: self._answerer.answer(question))


class _Given(Provider):
    scope = Lifetime.APP

    def __init__(self, channel: Channel, model: Model, search: Search) -> None:
        super().__init__()
        self._channel, self._model, self._search = channel, model, search

    @provide(override=True)
    def prices(self, pool: Pool) -> Prices:
        """Those of this moment: tests change them."""
        return PostgresPrices(pool)

    @provide(override=True)
    def embedding(self) -> Embedding:
        return self._search

    @provide(override=True)
    def channel(self) -> Channel:
        return self._channel

    @provide(override=True)
    def answerer(self) -> Answerer:
        return self._model


@dataclass(slots=True, kw_only=True)
class Shop:
    """One shop with a WhatsApp number and one document, and whoever works for it."""

    container: AsyncContainer
    settings: Settings
    tenant: Tenant
    account: UUID
    channel: GatedChannel
    model: Model
    search: Search
    admin: "asyncpg.Pool[asyncpg.Record]"
    written: int = 0
    workers: list[Worker] = field(default_factory=list)

    @property
    def scope(self) -> TenantScope:
        return self.tenant.owner.scope

    async def receive(self, *texts: str, sender: str = ANA) -> None:
        """A customer writes, one callback for each text; nothing is worked on yet."""
        receive = await self.container.get(ReceiveMessages)
        for text in texts:
            self.written += 1
            await receive(
                [InboundMessage(account_id=self.account, external_id=f"m{self.written}", address=sender, text=text)]
            )

    async def report(self, *reports: DeliveryReport) -> None:
        """The provider says what became of our messages."""
        await (await self.container.get(ReceiveMessages))(reports=reports)

    @asynccontextmanager
    async def use(self, wanted: type[T]) -> AsyncIterator[T]:
        async with self.container() as unit:
            yield await unit.get(wanted)

    async def worker(
        self, name: str = "worker", *, queue: JobQueue | None = None, heartbeat: float = 10.0, grace: float = 5.0
    ) -> Worker:
        """Its lease outlasts every pause of a busy machine; `lapse` and `lose` end it."""
        options = WorkerOptions(name=name, lease=120.0, heartbeat=heartbeat, grace=grace)
        queue = queue or await self.queue()
        made = Worker(queue, make_handlers(self.container), options)
        self.workers.append(made)
        return made

    async def queue(self) -> JobQueue:
        found: JobQueue = await self.container.get(JobQueue)
        return found

    async def work(self, worker: Worker | None = None) -> None:
        """Everything that is due is done, and what it leads to, until nothing is due."""
        worker = worker or await self.worker("whoever")
        while await worker.take():
            await self.idle(worker)

    async def idle(self, worker: Worker) -> None:
        await self.until(lambda: _idle(worker), "the worker has nothing more to do")

    async def kill_workers(self, *workers: Worker) -> None:
        """These workers die where they stand, and their leases are over."""
        for worker in workers:
            tasks = [held.task for held in worker._held.values() if held.task]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.expire_leases(worker)

    async def expire_leases(self, worker: Worker) -> None:
        """The worker's leases are over, by the database's clock and by its own."""
        for held in worker._held.values():
            held.ends = 0.0
        await self.rows(
            "UPDATE job SET lease_until = now() - interval '1 s' WHERE status = 'running' AND worker = $1",
            worker.options.name,
        )

    async def make_due(self) -> None:
        """What is to be done later is due now."""
        await self.rows("UPDATE job SET run_at = now() WHERE status = 'queued'")

    async def rows(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        return await self.admin.fetch(query, *arguments)

    async def value(self, query: str, *arguments: Any) -> Any:
        return await self.admin.fetchval(query, *arguments)

    async def column(self, query: str, *arguments: Any) -> list[Any]:
        return [row[0] for row in await self.admin.fetch(query, *arguments)]

    async def until(self, true: Callable[[], Awaitable[Any]], what: str) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAIT):
                while not await true():
                    await asyncio.sleep(0.005)
                return
        raise AssertionError(f"not within {WAIT:g} s: {what}")

    async def broken(self) -> dict[str, Any]:
        """The invariants that do not hold."""
        return await broken(self.rows)


async def _idle(worker: Worker) -> bool:
    return not worker.running and not worker._done


@asynccontextmanager
async def open_shop(urls: Urls, *, channel: Channel | None = None, **settings: Any) -> AsyncIterator[Shop]:
    """`settings` are the product's, in lower case. `channel` replaces the fake one."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="atende-shop-")))
        given = {"database_url": urls.app, "encryption_key": secrets.token_hex(32), "data_dir": folder}
        chosen = read_settings(
            {}, **({"burst_window": 0.0, "send_doubt": 0.0, "log_level": "error"} | given | settings)
        )
        phones, model, search = GatedChannel(), Model(), Search()
        container = make_container(chosen, _Given(channel or phones, model, search))
        stack.push_async_callback(container.close)
        admin = await stack.enter_async_context(asyncpg.create_pool(urls.admin, min_size=0, max_size=2))
        tenant = await seed_tenant(container, name="Loja", slug="loja", agent="Ana", granted=10_000)
        file = folder / "loja.txt"
        file.write_text(SHOP, encoding="utf-8")
        await upload_files(container, tenant.owner, [file])
        directory = await container.get(ChannelDirectory)
        (account,) = await directory.named(["whatsapp"], [tenant.channel("whatsapp").external_id])
        made = Shop(
            container=container,
            settings=chosen,
            tenant=tenant,
            account=account.id,
            channel=phones,
            model=model,
            search=search,
            admin=admin,
        )
        await made.work()
        try:
            yield made
        finally:
            for worker in made.workers:
                await worker.stop()
