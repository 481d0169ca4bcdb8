"""The same world twice: every outbound port over memory, and over PostgreSQL. A contract is what holds in both."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Protocol
from uuid import UUID

from atende.core.audit.model import Origin
from atende.core.audit.ports import AuditChain, AuditLog, AuditTrail
from atende.core.conversation.channel import ChannelAccount, ChannelKind, ChannelSecrets, InboundMessage
from atende.core.conversation.model import Conversation
from atende.core.conversation.ports import (
    ChannelAccounts,
    ChannelDirectory,
    Conversations,
    Handoffs,
    Inbox,
    Messages,
    Turns,
)
from atende.core.conversation.usage import UsageReports
from atende.core.credits.ports import HoldsDue, Ledgers, Prices
from atende.core.identity.keys.ports import ProviderKeyRing, ProviderKeys
from atende.core.identity.ports import (
    ApiKeys,
    Invitations,
    Memberships,
    Operators,
    People,
    RoleChanges,
    Roles,
    Sessions,
    Users,
)
from atende.core.kernel import Clock, Ids, Owner, TenantScope, Transaction
from atende.core.knowledge.ports import Agents, Answers, Documents, ModelCalls, Passages
from atende.core.tenancy.model import BillingAccount, Organization, Project
from atende.core.tenancy.ports import (
    BillingAccounts,
    Entitlements,
    Features,
    Organizations,
    Plans,
    Projects,
    Purge,
    TenantNames,
)
from atende.core.work.idempotency import IdempotencyKeys
from atende.core.work.model import Claim
from atende.core.work.ports import DeadLetters, JobQueue, Jobs, JobWatch

WINDOW, CAP, LEASE = timedelta(seconds=3), timedelta(seconds=12), timedelta(seconds=30)
MODEL, DIMENSION = "hashed-384", 384
OF_PLATFORM = {"organization", "billing_account", "project"}
"""Tables in which the installation has a row of its own from the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of work: a transaction and the repositories that take part in it."""

    transaction: Transaction
    idempotency: IdempotencyKeys
    organizations: Organizations
    projects: Projects
    features: Features
    billing_accounts: BillingAccounts
    users: Users
    memberships: Memberships
    invitations: Invitations
    sessions: Sessions
    role_changes: RoleChanges
    api_keys: ApiKeys
    ledgers: Ledgers
    agents: Agents
    documents: Documents
    answers: Answers
    model_calls: ModelCalls
    accounts: ChannelAccounts
    conversations: Conversations
    messages: Messages
    turns: Turns
    handoffs: Handoffs
    jobs: Jobs
    dead_letters: DeadLetters
    provider_keys: ProviderKeys
    audit: AuditLog
    trail: AuditTrail
    usage: UsageReports


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


class World(ABC):
    """Ports that work on connections of their own, and units of work for the others."""

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

    def __init__(self) -> None:
        self._numbers, self.origin = count(1), Origin()

    @abstractmethod
    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """A unit of work that may run several transactions, one after the other."""

    @abstractmethod
    def passages_of(self, model: str, *, dimension: int = DIMENSION) -> Passages:
        """The same index, asked by those who use another embedding."""

    @abstractmethod
    def ring(self) -> ProviderKeyRing:
        """One that has looked nothing up yet."""

    @abstractmethod
    def now(self) -> datetime:
        """The time by which this world judges what is due."""

    @abstractmethod
    async def advance(self, by: timedelta) -> None:
        """Let time pass."""

    @abstractmethod
    async def count(self, table: str) -> int:
        """All rows of a table, of all tenants but the installation itself."""

    @asynccontextmanager
    async def begin(self, scope: TenantScope) -> AsyncIterator[Unit]:
        """One transaction in a unit of its own."""
        async with self.unit() as unit, unit.transaction(scope):
            yield unit

    def number(self) -> int:
        """Another one at each call, for names that must differ."""
        return next(self._numbers)

    async def found(self, slug: str = "shop", *, kind: ChannelKind = ChannelKind.WHATSAPP) -> Tenant:
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

    def account(self, owner: Owner, kind: ChannelKind = ChannelKind.WHATSAPP) -> ChannelAccount:
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
