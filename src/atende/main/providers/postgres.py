"""The adapters on PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import NewType

import asyncpg
from dishka import (
    Provider,
    Scope,
    WithParents,
    provide,
    provide_all,
)
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from atende.core.audit.ports import AuditChain
from atende.core.conversation.ports import ChannelDirectory, Inbox, TurnRecords
from atende.core.conversation.usage import UsageSums
from atende.core.credits.ports import HoldsDue, Prices
from atende.core.identity.keys.ports import ProviderKeyRing
from atende.core.identity.ports import ApiKeys, Operators, People, Roles
from atende.core.kernel import Clock, Ids
from atende.core.knowledge.ports import IndexNames
from atende.core.tenancy.ports import BillingAccounts, Cipher, Entitlements, Plans, Purge, TenantNames
from atende.core.tenancy.rotate_secrets import SealedSecrets
from atende.core.work.idempotency import IdempotencyKeys
from atende.core.work.ports import JobQueue, JobWatch
from atende.main.settings import Settings
from atende.main.settings.models import own_prices
from atende.outbound.configured_prices import ConfiguredPrices
from atende.outbound.postgres.audit import PostgresAuditChain, PostgresAuditLog, PostgresAuditTrail
from atende.outbound.postgres.conversation.channel_accounts import PostgresChannelAccounts, PostgresChannelDirectory
from atende.outbound.postgres.conversation.conversations import PostgresConversations
from atende.outbound.postgres.conversation.inbox import PostgresInbox
from atende.outbound.postgres.conversation.messages import PostgresMessages
from atende.outbound.postgres.conversation.turn_records import PostgresTurnRecords
from atende.outbound.postgres.conversation.turns import PostgresHandoffs, PostgresTurns
from atende.outbound.postgres.conversation.usage import PostgresUsageReports, PostgresUsageSums
from atende.outbound.postgres.credits import PostgresHoldsDue, PostgresLedgers, PostgresPrices
from atende.outbound.postgres.idempotency import PostgresIdempotencyKeys
from atende.outbound.postgres.identity.api_keys import PostgresApiKeys
from atende.outbound.postgres.identity.invitations import PostgresInvitations
from atende.outbound.postgres.identity.login_sessions import PostgresSessions
from atende.outbound.postgres.identity.operators import PostgresOperators
from atende.outbound.postgres.identity.people import PostgresPeople, PostgresRoleChanges, PostgresRoles
from atende.outbound.postgres.identity.provider_keys import PostgresProviderKeyRing, PostgresProviderKeys
from atende.outbound.postgres.identity.sealed_secrets import PostgresSealedSecrets
from atende.outbound.postgres.identity.users import PostgresMemberships, PostgresUsers
from atende.outbound.postgres.jobs import PostgresDeadLetters, PostgresJobQueue, PostgresJobs
from atende.outbound.postgres.knowledge.agents import PostgresAgents
from atende.outbound.postgres.knowledge.answers import PostgresAnswers, PostgresModelCalls
from atende.outbound.postgres.knowledge.documents import PostgresDocuments
from atende.outbound.postgres.knowledge.search_indexes import PostgresIndexNames, PostgresSearchIndexes
from atende.outbound.postgres.limits import PostgresRateLimits
from atende.outbound.postgres.pool import make_pool
from atende.outbound.postgres.tenancy.payers import PostgresBillingAccounts
from atende.outbound.postgres.tenancy.plans import PostgresEntitlements, PostgresPlans, PostgresTenantNames
from atende.outbound.postgres.tenancy.projects import PostgresFeatures, PostgresOrganizations, PostgresProjects
from atende.outbound.postgres.tenancy.purge import PostgresPurge
from atende.outbound.postgres.transaction import PostgresTransaction, make_engine
from atende.outbound.postgres.unit import Unit
from atende.outbound.security.cipher import AesGcmCipher

Pool = NewType("Pool", asyncpg.Pool)
PRICES_KEPT = 4.0
"""Seconds for which a process goes on with the prices that it read."""


class Postgres(Provider):
    """The adapters on PostgreSQL; those of a unit of work share its session."""

    scope = Scope.REQUEST

    @provide(scope=Scope.APP)
    async def pool(self, settings: Settings) -> AsyncIterator[Pool]:
        async with make_pool(settings.database_url, size=settings.database_pool_size) as pool:
            yield Pool(pool)

    @provide(scope=Scope.APP)
    async def engine(self, settings: Settings) -> AsyncIterator[AsyncEngine]:
        engine = make_engine(settings.database_url, size=settings.database_pool_size)
        yield engine
        await engine.dispose()

    @provide
    async def unit(self, engine: AsyncEngine) -> AsyncIterator[Unit]:
        unit = Unit(engine)
        yield unit
        await unit.rollback()

    @provide
    def session(self, unit: Unit) -> AsyncSession:
        return unit.session

    units = provide_all(
        WithParents[PostgresTransaction],
        WithParents[PostgresOrganizations],
        WithParents[PostgresProjects],
        WithParents[PostgresFeatures],
        WithParents[PostgresUsers],
        WithParents[PostgresMemberships],
        WithParents[PostgresInvitations],
        WithParents[PostgresSessions],
        WithParents[PostgresRoleChanges],
        WithParents[PostgresLedgers],
        WithParents[PostgresAgents],
        WithParents[PostgresDocuments],
        WithParents[PostgresSearchIndexes],
        WithParents[PostgresAnswers],
        WithParents[PostgresModelCalls],
        WithParents[PostgresChannelAccounts],
        WithParents[PostgresConversations],
        WithParents[PostgresMessages],
        WithParents[PostgresTurns],
        WithParents[PostgresHandoffs],
        WithParents[PostgresJobs],
        WithParents[PostgresDeadLetters],
        WithParents[PostgresProviderKeys],
        WithParents[PostgresAuditLog],
        WithParents[PostgresAuditTrail],
        WithParents[PostgresUsageReports],
    )

    @provide
    def billing_accounts(self, session: AsyncSession, pool: Pool) -> BillingAccounts:
        return PostgresBillingAccounts(session, pool)

    @provide
    def turn_records(self, unit: Unit, pool: Pool, cipher: Cipher) -> TurnRecords:
        return PostgresTurnRecords(unit, pool, cipher)

    @provide
    def api_keys(self, session: AsyncSession, pool: Pool) -> ApiKeys:
        return PostgresApiKeys(session, pool)

    @provide(scope=Scope.APP)
    def usage_sums(self, pool: Pool) -> UsageSums:
        return PostgresUsageSums(pool)

    @provide(scope=Scope.APP)
    def people(self, pool: Pool) -> People:
        return PostgresPeople(pool)

    @provide(scope=Scope.APP)
    def roles(self, pool: Pool) -> Roles:
        return PostgresRoles(pool)

    @provide(scope=Scope.APP)
    def queue(self, pool: Pool) -> PostgresJobQueue:
        return PostgresJobQueue(pool)

    @provide(scope=Scope.APP)
    def job_queue(self, queue: PostgresJobQueue) -> JobQueue:
        return queue

    @provide(scope=Scope.APP)
    def job_watch(self, queue: PostgresJobQueue) -> JobWatch:
        return queue

    @provide(scope=Scope.APP)
    def audit_chain(self, pool: Pool) -> AuditChain:
        return PostgresAuditChain(pool)

    @provide
    def idempotency_keys(self, unit: Unit, pool: Pool, ids: Ids) -> IdempotencyKeys:
        return PostgresIdempotencyKeys(unit, pool, ids)

    @provide(scope=Scope.APP)
    def operators(self, pool: Pool) -> Operators:
        return PostgresOperators(pool)

    @provide(scope=Scope.APP)
    def plans(self, pool: Pool) -> Plans:
        return PostgresPlans(pool)

    @provide(scope=Scope.APP)
    def entitlements(self, pool: Pool) -> Entitlements:
        return PostgresEntitlements(pool)

    @provide(scope=Scope.APP)
    def tenant_names(self, pool: Pool) -> TenantNames:
        return PostgresTenantNames(pool)

    @provide(scope=Scope.APP)
    def counts(self, pool: Pool, clock: Clock) -> PostgresRateLimits:
        return PostgresRateLimits(pool, clock)

    @provide(scope=Scope.APP)
    def purge(self, pool: Pool) -> Purge:
        return PostgresPurge(pool)

    @provide(scope=Scope.APP)
    def holds_due(self, pool: Pool) -> HoldsDue:
        return PostgresHoldsDue(pool)

    @provide(scope=Scope.APP)
    def prices(self, pool: Pool, settings: Settings) -> Prices:
        return ConfiguredPrices(PostgresPrices(pool, kept=PRICES_KEPT), own_prices(settings))

    @provide(scope=Scope.APP)
    def index_names(self, pool: Pool, settings: Settings) -> IndexNames:
        return PostgresIndexNames(pool, kept=settings.auth_cache_seconds)

    @provide(scope=Scope.APP)
    def inbox(self, pool: Pool, ids: Ids, settings: Settings) -> Inbox:
        window, cap = timedelta(seconds=settings.burst_window), timedelta(seconds=settings.burst_cap)
        return PostgresInbox(pool, ids, window=window, cap=cap)

    @provide(scope=Scope.APP)
    def directory(self, pool: Pool, cipher: Cipher) -> ChannelDirectory:
        return PostgresChannelDirectory(pool, cipher)

    @provide(scope=Scope.APP)
    async def provider_key_ring(self, pool: Pool, cipher: Cipher) -> AsyncIterator[ProviderKeyRing]:
        made = PostgresProviderKeyRing(pool, cipher)
        yield made
        await made.close()

    @provide(scope=Scope.APP)
    def sealed_secrets(self, pool: Pool, cipher: AesGcmCipher) -> SealedSecrets:
        return PostgresSealedSecrets(pool, cipher)
