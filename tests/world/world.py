"""What tests of repositories and use cases stand on: every outbound port over one PostgreSQL database."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Protocol
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from atende.core.audit.model import Origin
from atende.core.audit.ports import AuditChain
from atende.core.conversation.channel import ChannelAccount, ChannelSecrets, InboundMessage
from atende.core.conversation.model import Conversation
from atende.core.conversation.ports import (
    ChannelDirectory,
    Inbox,
)
from atende.core.credits.ports import HoldsDue, Prices
from atende.core.identity.keys.ports import ProviderKeyRing
from atende.core.identity.ports import (
    Operators,
    People,
    Roles,
)
from atende.core.kernel import Clock, Ids, Owner, TenantScope
from atende.core.knowledge.ports import Passages
from atende.core.tenancy.model import BillingAccount, Organization, Project
from atende.core.tenancy.ports import (
    Entitlements,
    Plans,
    Purge,
    TenantNames,
)
from atende.core.work.idempotency import IdempotencyKeys
from atende.core.work.model import Claim
from atende.core.work.ports import JobQueue, JobWatch
from atende.outbound.pgvector import PgvectorPassages
from atende.outbound.postgres import credits as postgres_credits
from atende.outbound.postgres.audit import PostgresAuditChain
from atende.outbound.postgres.conversation.channel_accounts import PostgresChannelDirectory
from atende.outbound.postgres.conversation.inbox import PostgresInbox
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.idempotency import PostgresIdempotencyKeys
from atende.outbound.postgres.identity import people as postgres_people
from atende.outbound.postgres.identity.operators import PostgresOperators
from atende.outbound.postgres.identity.provider_keys import PostgresProviderKeyRing
from atende.outbound.postgres.jobs import PostgresJobQueue
from atende.outbound.postgres.tenancy.plans import PostgresEntitlements, PostgresPlans, PostgresTenantNames
from atende.outbound.postgres.tenancy.purge import PostgresPurge
from atende.outbound.postgres.transaction import make_engine
from atende.outbound.postgres.unit import Unit as PostgresUnit
from atende.outbound.system import Uuid7Ids
from tests.world.time import pass_time
from tests.world.unit import CIPHER, Unit, unit_over

WINDOW, CAP, LEASE = timedelta(seconds=3), timedelta(seconds=12), timedelta(seconds=30)
MODEL, DIMENSION = "hashed-384", 384
OF_PLATFORM = {"organization", "billing_account", "project"}
"""Tables in which the installation has a row of its own from the start."""


class Queue(JobQueue, JobWatch, Protocol):
    """What workers have of the job table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A project of an organization, with one connected number."""

    project: Project
    account: ChannelAccount

    @property
    def owner(self) -> Owner:
        return self.project.owner

    @property
    def scope(self) -> TenantScope:
        return self.owner.scope

    @property
    def whole(self) -> TenantScope:
        """The organization with all of its tenants."""
        return TenantScope(self.owner.organization_id)


class World:
    """The ports that work on connections of their own, and units of work for the others, over one database.

    The database's clock cannot be moved: time passes by moving everything that is written back.
    """

    ids: Ids
    inbox: Inbox
    queue: Queue
    holds_due: HoldsDue
    prices: Prices
    people: People
    roles: Roles
    directory: ChannelDirectory
    passages: Passages
    entitlements: Entitlements
    plans: Plans
    tenant_names: TenantNames
    purge: Purge
    operators: Operators
    chain: AuditChain
    idempotency: IdempotencyKeys
    origin: Origin
    """Of whoever acts; every unit of work that begins from now on reads it."""
    _numbers: Iterator[int]

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        engine: AsyncEngine,
        admin: "asyncpg.Connection[asyncpg.Record]",
    ) -> None:
        self._numbers, self.origin = count(1), Origin()
        self._stopped: datetime | None = None
        self.pool, self.engine, self.admin, self.ids = pool, engine, admin, Uuid7Ids()
        self.inbox = PostgresInbox(pool, self.ids, window=WINDOW, cap=CAP)
        self.queue = PostgresJobQueue(pool)
        self.holds_due = postgres_credits.PostgresHoldsDue(pool)
        self.prices = postgres_credits.PostgresPrices(pool)
        self.people = postgres_people.PostgresPeople(pool)
        self.roles = postgres_people.PostgresRoles(pool)
        self.directory = PostgresChannelDirectory(pool, CIPHER)
        self.passages = self.passages_of(MODEL)
        self.chain = PostgresAuditChain(pool)
        self.idempotency = PostgresIdempotencyKeys(PostgresUnit(engine), pool, self.ids)
        self.entitlements, self.plans = PostgresEntitlements(pool), PostgresPlans(pool)
        self.tenant_names, self.operators = PostgresTenantNames(pool), PostgresOperators(pool)
        self.purge = PostgresPurge(pool, batch=7)

    def passages_of(self, model: str, *, dimension: int = DIMENSION) -> Passages:
        """The search index of another embedding."""
        return PgvectorPassages(self.pool, model=model, dimension=dimension)

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """A unit of work that may run several transactions, one after the other."""
        unit = PostgresUnit(self.engine)
        try:
            yield unit_over(unit, self.pool, ids=self.ids, clock=WorldClock(self), origin=self.origin)
        finally:
            await unit.rollback()

    def ring(self) -> ProviderKeyRing:
        return PostgresProviderKeyRing(self.pool, CIPHER)

    def stop_the_clock(self) -> None:
        """From now on the time of use cases stands still until `advance`; the database's own goes on."""
        self._stopped = datetime.now(UTC)

    def now(self) -> datetime:
        return self._stopped or datetime.now(UTC)

    async def advance(self, by: timedelta) -> None:
        if self._stopped is not None:
            self._stopped += by
            return
        await pass_time(self.admin, by)

    async def count(self, table: str) -> int:
        return int(await self.admin.fetchval(f'SELECT count(*) FROM "{table}"') or 0) - (table in OF_PLATFORM)

    @asynccontextmanager
    async def begin(self, scope: TenantScope) -> AsyncIterator[Unit]:
        """One transaction in a unit of its own."""
        async with self.unit() as unit, unit.transaction(scope):
            yield unit

    def number(self) -> int:
        """Another one at each call, for names that must differ."""
        return next(self._numbers)

    async def found(self, slug: str = "shop", *, kind: str = "whatsapp") -> Tenant:
        """A new organization with one project and one number."""
        now, organization_id = self.now(), self.ids.new()
        payer = BillingAccount(id=self.ids.new(), organization_id=organization_id, name=slug, created_at=now)
        project = _project(self, organization_id, payer.id, slug, is_default=True)
        account = self.account(project.owner, kind)
        async with self.begin(project.owner.scope) as at:
            organization = Organization(id=organization_id, name=slug, slug=slug, created_at=now)
            await at.organizations.add(organization, payer)
            await at.projects.add(project)
            await at.accounts.add(account)
        return Tenant(project=project, account=account)

    async def branch(self, tenant: Tenant, slug: str) -> Tenant:
        """Another project of the same organization, with a number of its own."""
        project = _project(
            self, tenant.owner.organization_id, tenant.project.billing_account_id, slug, is_default=False
        )
        account = self.account(project.owner)
        async with self.begin(project.owner.scope) as at:
            await at.projects.add(project)
            await at.accounts.add(account)
        return Tenant(project=project, account=account)

    def account(self, owner: Owner, kind: str = "whatsapp") -> ChannelAccount:
        number = self.number()
        return ChannelAccount(
            id=self.ids.new(),
            owner=owner,
            kind=kind,
            external_id=f"number-{number}",
            address=f"+55119{number:08}",
            provider_account=f"business-{number}",
            created_at=self.now(),
            secrets=ChannelSecrets("signing", "access"),
        )

    def said(self, tenant: Tenant, text: str = "oi", *, address: str = "+5511987654321") -> InboundMessage:
        """A message that a customer wrote to the tenant's number, with a provider id of its own."""
        return InboundMessage(
            account_id=tenant.account.id,
            external_id=f"wamid-{self.number()}",
            address=address,
            text=text,
            provider_at=self.now().replace(microsecond=0),
        )

    async def conversation(self, tenant: Tenant, text: str = "oi", *, address: str = "+5511987654321") -> Conversation:
        """The open conversation of a contact who wrote this just now."""
        received = await self.inbox.receive([self.said(tenant, text, address=address)])
        assert received == [True]
        async with self.begin(tenant.scope) as at:
            page = await at.conversations.page(tenant.scope, page=1, limit=100, status="active")
        return next(found for found in page.data if found.contact_address == address)

    async def claim(self, limit: int = 100, *, worker: str = "worker", lease: timedelta = LEASE) -> list[Claim]:
        return await self.queue.claim(worker, limit=limit, lease=lease)


class WorldClock(Clock):
    """The time of a world, for use cases."""

    def __init__(self, world: World) -> None:
        self._world = world

    def stop_the_clock(self) -> None:
        """From now on the time of use cases stands still until `advance`; the database's own goes on."""
        self._stopped = datetime.now(UTC)

    def now(self) -> datetime:
        return self._world.now()


def under(claim: Claim, **changes: object) -> Claim:
    """The claim as somebody else might hold it."""
    return replace(claim, **changes)  # type: ignore[arg-type]


def _project(world: World, organization_id: UUID, payer_id: UUID, slug: str, *, is_default: bool) -> Project:
    return Project(
        id=world.ids.new(),
        organization_id=organization_id,
        tenant_id=slug,
        billing_account_id=payer_id,
        name=slug,
        is_default=is_default,
        created_at=world.now(),
    )


@asynccontextmanager
async def open_world(urls: Urls) -> AsyncIterator[World]:
    """A world over one database."""
    engine, admin = make_engine(urls.app, size=20), await asyncpg.connect(urls.admin)
    try:
        async with asyncpg.create_pool(urls.app, min_size=0, max_size=10) as pool:
            yield World(pool, engine, admin)
    finally:
        await admin.close()
        await engine.dispose()
