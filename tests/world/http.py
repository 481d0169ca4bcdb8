"""The whole product behind its HTTP API, in one process: real database and files, a fake channel."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from dishka import AsyncContainer, Provider, Scope, provide
from litestar import Litestar

from atende.core.conversation.channel import InboundMessage
from atende.core.conversation.ports import Channel, ChannelDirectory
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.core.identity.keys.issue_api_key import IssueApiKey
from atende.core.kernel import Ids, TenantScope, Transaction
from atende.core.tenancy.model import Project
from atende.core.tenancy.ports import Projects
from atende.core.work.ports import JobQueue, Jobs
from atende.fakes.ports.channel import FakeChannel
from atende.inbound.http.app import WebOptions, make_app
from atende.inbound.jobs.handlers import make_handlers
from atende.main.providers.container import make_container
from atende.main.seeding import Tenant, seed_tenant
from atende.main.settings import Settings
from atende.outbound.postgres.embedded.launcher import Urls

GUIDE = """# Entregas

O prazo de entrega para capitais é de três dias úteis. O frete é grátis para compras acima de duzentos reais.

# Trocas

A troca pode ser pedida em até trinta dias depois do recebimento, com a nota fiscal.
"""
QUESTION = "Qual é o prazo de entrega para capitais?"


class GivenChannel(Provider):
    """Messages go nowhere but into a list."""

    def __init__(self, channel: FakeChannel) -> None:
        super().__init__()
        self._channel = channel

    @provide(scope=Scope.APP, override=True)
    def channel(self) -> Channel:
        return self._channel


@dataclass(slots=True)
class HttpWorld:
    container: AsyncContainer
    app: Litestar
    phones: FakeChannel

    def caller(self, key: str = "", **headers: str) -> httpx.AsyncClient:
        """A client with this API key."""
        shown = {"X-API-Key": key} if key else {}
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        transport = httpx.ASGITransport(self.app)  # type: ignore[arg-type]  # the two spell ASGI differently
        return httpx.AsyncClient(transport=transport, base_url="http://atende.test", headers=shown | sent)

    async def tenant(self, slug: str) -> Tenant:
        return await seed_tenant(self.container, name=slug.title(), slug=slug, agent="Ana")

    async def key(self, tenant: Tenant, *scopes: str, project_id: UUID | None = None) -> str:
        """Another key of the tenant's organization."""
        owner = tenant.owner
        async with self.container() as scope:
            issue = await scope.get(IssueApiKey)
            made = await issue(TenantScope(owner.organization_id), name="test", scopes=scopes, project_id=project_id)
        return made.text

    async def second_project(self, tenant: Tenant, slug: str) -> Project:
        owner = tenant.owner
        async with self.container() as scope:
            projects: Projects = await scope.get(Projects)
            transaction: Transaction = await scope.get(Transaction)
            ids: Ids = await scope.get(Ids)
            async with transaction(TenantScope(owner.organization_id)):
                first = await projects.get(TenantScope(owner.organization_id))
            made = Project(
                id=ids.new(),
                organization_id=owner.organization_id,
                tenant_id=slug,
                billing_account_id=first.billing_account_id,
                name=slug,
                created_at=first.created_at,
            )
            async with transaction(made.owner.scope):
                await projects.add(made)
        return made

    async def write(self, tenant: Tenant, text: str, *, number: str = "+5511900000001") -> None:
        """A customer writes on WhatsApp."""
        line = tenant.channels[0]
        directory: ChannelDirectory = await self.container.get(ChannelDirectory)
        (account,) = await directory.named([line.kind], [line.external_id])
        receive = await self.container.get(ReceiveMessages)
        await receive([InboundMessage(account_id=account.id, external_id=uuid4().hex, address=number, text=text)])

    async def work(self) -> int:
        """Runs every job that is due, once; the number of them."""
        handlers = make_handlers(self.container)
        queue: JobQueue = await self.container.get(JobQueue)
        claims = await queue.claim("test", limit=100, lease=timedelta(seconds=30))
        for claim in claims:
            await handlers[claim.kind].run(claim)
        await queue.finish(claims)
        return len(claims)

    async def bury_all(self) -> list[int]:
        """Gives up every job that is due; their ids."""
        queue: JobQueue = await self.container.get(JobQueue)
        claims = await queue.claim("test", limit=100, lease=timedelta(seconds=30))
        for claim in claims:
            async with self.container() as scope:
                jobs: Jobs = await scope.get(Jobs)
                transaction: Transaction = await scope.get(Transaction)
                async with transaction(claim.scope):
                    await jobs.bury(claim, "it never worked")
        return [claim.job_id for claim in claims]

    async def upload(self, tenant: Tenant, text: str = GUIDE, *, filename: str = "guia.md") -> str:
        """A document of the tenant, read and searchable; its id."""
        async with self.caller(tenant.api_key) as caller:
            answer = await caller.post("/api/v1/documents/upload", files={"file": (filename, text.encode())})
        assert answer.status_code == 201, answer.text
        while await self.work():  # it is read, then embedded
            pass
        return str(answer.json()["id"])


@asynccontextmanager
async def make_world(
    database: Urls, folder: Path, *, providers: Sequence[Provider] = (), **given: Any
) -> AsyncIterator[HttpWorld]:
    """`given` are options of the API; `providers` replace adapters. Without `aliases=True` under its own prefix only: quicker to make."""
    given.setdefault("aliases", False)
    options = WebOptions(version="1.2.3", **given)
    settings = Settings(
        app_env="test",
        database_url=database.app,
        encryption_key="ab" * 32,
        data_dir=folder,
        database_pool_size=4,
        burst_window=0.0,
        burst_cap=0.0,
        password_cost=4,
        auth_cache_seconds=0.0,
        max_upload_bytes=options.max_upload,
    )
    phones = FakeChannel()
    container = make_container(settings, GivenChannel(phones), *providers)
    try:
        yield HttpWorld(container, make_app(container, options), phones)
    finally:
        await container.close()
