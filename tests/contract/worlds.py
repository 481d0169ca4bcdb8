"""The two worlds."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from atende.core.identity.keys.ports import ProviderKeyRing
from atende.core.knowledge.ports import Passages
from atende.outbound.memory import conversation as memory_conversation
from atende.outbound.memory import credits as memory_credits
from atende.outbound.memory import identity as memory_identity
from atende.outbound.memory import knowledge as memory_knowledge
from atende.outbound.memory import people as memory_people
from atende.outbound.memory.audit import MemoryAuditChain, MemoryAuditLog, MemoryAuditTrail
from atende.outbound.memory.clock import FixedClock, SequentialIds
from atende.outbound.memory.idempotency import MemoryIdempotencyKeys
from atende.outbound.memory.identity_keys import MemoryApiKeys
from atende.outbound.memory.inbox import MemoryInbox
from atende.outbound.memory.job_queue import MemoryJobQueue
from atende.outbound.memory.jobs import MemoryDeadLetters, MemoryJobs
from atende.outbound.memory.passages import MemoryPassages
from atende.outbound.memory.payers import MemoryBillingAccounts
from atende.outbound.memory.plans import MemoryEntitlements, MemoryOperators, MemoryPlans, MemoryTenantNames
from atende.outbound.memory.provider_keys import MemoryProviderKeyRing, MemoryProviderKeys
from atende.outbound.memory.purge import MemoryPurge
from atende.outbound.memory.store import MemoryStore, MemoryTransaction
from atende.outbound.memory.tenancy import MemoryFeatures, MemoryOrganizations, MemoryProjects
from atende.outbound.memory.usage import MemoryUsageReports
from atende.outbound.pgvector import PgvectorPassages
from atende.outbound.postgres import credits as postgres_credits
from atende.outbound.postgres import knowledge as postgres_knowledge
from atende.outbound.postgres.audit import PostgresAuditChain, PostgresAuditLog, PostgresAuditTrail
from atende.outbound.postgres.conversation import conversations as postgres_conversation
from atende.outbound.postgres.conversation import turns as postgres_turns
from atende.outbound.postgres.conversation.inbox import PostgresInbox
from atende.outbound.postgres.conversation.usage import PostgresUsageReports
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.idempotency import PostgresIdempotencyKeys
from atende.outbound.postgres.identity import people as postgres_people
from atende.outbound.postgres.identity import users as postgres_identity
from atende.outbound.postgres.identity.api_keys import PostgresApiKeys
from atende.outbound.postgres.identity.invitations import PostgresInvitations
from atende.outbound.postgres.identity.login_sessions import PostgresSessions
from atende.outbound.postgres.identity.operators import PostgresOperators
from atende.outbound.postgres.identity.provider_keys import PostgresProviderKeyRing, PostgresProviderKeys
from atende.outbound.postgres.jobs import PostgresDeadLetters, PostgresJobQueue, PostgresJobs
from atende.outbound.postgres.tenancy.payers import PostgresBillingAccounts
from atende.outbound.postgres.tenancy.plans import PostgresEntitlements, PostgresPlans, PostgresTenantNames
from atende.outbound.postgres.tenancy.projects import PostgresFeatures, PostgresOrganizations, PostgresProjects
from atende.outbound.postgres.tenancy.purge import PostgresPurge
from atende.outbound.postgres.transaction import PostgresTransaction, make_engine, make_sessions
from atende.outbound.security.cipher import AesGcmCipher
from atende.outbound.system import Uuid7Ids
from tests.contract.world import CAP, DIMENSION, MODEL, OF_PLATFORM, WINDOW, Unit, World, WorldClock

CIPHER = AesGcmCipher({1: bytes(range(32))})
_TIMES = """
SELECT format('UPDATE %I SET %s', c.relname, string_agg(format('%1$I = %1$I - $1::interval', a.attname), ', '))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.atttypid = 'timestamptz'::regtype AND a.attnum > 0
GROUP BY c.relname
"""


class MemoryWorld(World):
    def __init__(self) -> None:
        super().__init__()
        self.clock, self.ids = FixedClock(), SequentialIds()
        self.store = store = MemoryStore(self.clock)
        self.inbox = MemoryInbox(store, self.ids, window=WINDOW, cap=CAP)
        self.queue = MemoryJobQueue(store)
        self.holds_due = memory_credits.MemoryHoldsDue(store)
        self.prices = memory_credits.MemoryPrices()
        self.people = memory_people.MemoryPeople(store)
        self.roles = memory_people.MemoryRoles(store)
        self.directory = memory_conversation.MemoryChannelDirectory(store)
        self.passages = self.passages_of(MODEL)
        self.chain = MemoryAuditChain(store)
        self.idempotency = MemoryIdempotencyKeys(store, self.ids)
        self.entitlements, self.plans = MemoryEntitlements(store), MemoryPlans()
        self.tenant_names, self.operators = MemoryTenantNames(store), MemoryOperators(store)
        self.purge = MemoryPurge(store)

    def passages_of(self, model: str, *, dimension: int = DIMENSION) -> Passages:
        return MemoryPassages(self.store, model=model)

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        return self._unit()

    @asynccontextmanager
    async def _unit(self) -> AsyncIterator[Unit]:
        store = self.store
        yield Unit(
            transaction=MemoryTransaction(store),
            idempotency=self.idempotency,
            organizations=MemoryOrganizations(store),
            projects=MemoryProjects(store),
            features=MemoryFeatures(store),
            billing_accounts=MemoryBillingAccounts(store),
            users=memory_identity.MemoryUsers(store),
            memberships=memory_identity.MemoryMemberships(store),
            invitations=memory_identity.MemoryInvitations(store),
            sessions=memory_identity.MemorySessions(store),
            role_changes=memory_people.MemoryRoleChanges(store),
            api_keys=MemoryApiKeys(store),
            ledgers=memory_credits.MemoryLedgers(store),
            agents=memory_knowledge.MemoryAgents(store),
            documents=memory_knowledge.MemoryDocuments(store),
            answers=memory_knowledge.MemoryAnswers(store),
            model_calls=memory_knowledge.MemoryModelCalls(store),
            accounts=memory_conversation.MemoryChannelAccounts(store),
            conversations=memory_conversation.MemoryConversations(store),
            messages=memory_conversation.MemoryMessages(store),
            turns=memory_conversation.MemoryTurns(store),
            handoffs=memory_conversation.MemoryHandoffs(store),
            jobs=MemoryJobs(store),
            dead_letters=MemoryDeadLetters(store),
            provider_keys=MemoryProviderKeys(store),
            audit=MemoryAuditLog(store, self.origin, self.ids, self.clock),
            trail=MemoryAuditTrail(store),
            usage=MemoryUsageReports(store),
        )

    def ring(self) -> ProviderKeyRing:
        return MemoryProviderKeyRing(self.store)

    def now(self) -> datetime:
        return self.clock.now()

    async def advance(self, by: timedelta) -> None:
        self.clock.advance(by)

    async def count(self, table: str) -> int:
        return self.store.count(table) - (table in OF_PLATFORM)


class PostgresWorld(World):
    """The database's clock cannot be moved: time passes by moving everything that is written back."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        sessions: async_sessionmaker[AsyncSession],
        admin: "asyncpg.Connection[asyncpg.Record]",
    ) -> None:
        super().__init__()
        self.pool, self.sessions, self.admin, self.ids = pool, sessions, admin, Uuid7Ids()
        self.inbox = PostgresInbox(pool, self.ids, window=WINDOW, cap=CAP)
        self.queue = PostgresJobQueue(pool)
        self.holds_due = postgres_credits.PostgresHoldsDue(pool)
        self.prices = postgres_credits.PostgresPrices(pool)
        self.people = postgres_people.PostgresPeople(pool)
        self.roles = postgres_people.PostgresRoles(pool)
        self.directory = postgres_conversation.PostgresChannelDirectory(pool, CIPHER)
        self.passages = self.passages_of(MODEL)
        self.chain = PostgresAuditChain(pool)
        self.idempotency = PostgresIdempotencyKeys(sessions(), pool, self.ids)
        self.entitlements, self.plans = PostgresEntitlements(pool), PostgresPlans(pool)
        self.tenant_names, self.operators = PostgresTenantNames(pool), PostgresOperators(pool)
        self.purge = PostgresPurge(pool, batch=7)

    def passages_of(self, model: str, *, dimension: int = DIMENSION) -> Passages:
        return PgvectorPassages(self.pool, model=model, dimension=dimension)

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        return self._unit()

    @asynccontextmanager
    async def _unit(self) -> AsyncIterator[Unit]:
        async with self.sessions() as session:
            yield Unit(
                transaction=PostgresTransaction(session),
                idempotency=PostgresIdempotencyKeys(session, self.pool, self.ids),
                organizations=PostgresOrganizations(session),
                projects=PostgresProjects(session),
                features=PostgresFeatures(session),
                billing_accounts=PostgresBillingAccounts(session, self.pool),
                users=postgres_identity.PostgresUsers(session),
                memberships=postgres_identity.PostgresMemberships(session),
                invitations=PostgresInvitations(session),
                sessions=PostgresSessions(session),
                role_changes=postgres_people.PostgresRoleChanges(session),
                api_keys=PostgresApiKeys(session, self.pool),
                ledgers=postgres_credits.PostgresLedgers(session),
                agents=postgres_knowledge.PostgresAgents(session),
                documents=postgres_knowledge.PostgresDocuments(session),
                answers=postgres_knowledge.PostgresAnswers(session),
                model_calls=postgres_knowledge.PostgresModelCalls(session),
                accounts=postgres_conversation.PostgresChannelAccounts(session, CIPHER),
                conversations=postgres_conversation.PostgresConversations(session),
                messages=postgres_conversation.PostgresMessages(session),
                turns=postgres_turns.PostgresTurns(session),
                handoffs=postgres_turns.PostgresHandoffs(session),
                jobs=PostgresJobs(session),
                dead_letters=PostgresDeadLetters(session),
                provider_keys=PostgresProviderKeys(session, CIPHER),
                audit=PostgresAuditLog(session, self.origin, self.ids, WorldClock(self)),
                trail=PostgresAuditTrail(session),
                usage=PostgresUsageReports(session),
            )

    def ring(self) -> ProviderKeyRing:
        return PostgresProviderKeyRing(self.pool, CIPHER)

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def advance(self, by: timedelta) -> None:
        async with self.admin.transaction():
            await self.admin.execute("SET LOCAL session_replication_role = replica")
            for (statement,) in await self.admin.fetch(_TIMES):
                await self.admin.execute(statement, by)

    async def count(self, table: str) -> int:
        return int(await self.admin.fetchval(f'SELECT count(*) FROM "{table}"') or 0) - (table in OF_PLATFORM)


@asynccontextmanager
async def open_postgres(urls: Urls) -> AsyncIterator[PostgresWorld]:
    """A world over one database."""
    engine, admin = make_engine(urls.app, size=20), await asyncpg.connect(urls.admin)
    try:
        async with asyncpg.create_pool(urls.app, min_size=0, max_size=10) as pool:
            yield PostgresWorld(pool, make_sessions(engine), admin)
    finally:
        await admin.close()
        await engine.dispose()
