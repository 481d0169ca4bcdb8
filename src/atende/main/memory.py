"""The product without any system beside it: every port has its twin in memory."""

from datetime import timedelta

from dishka import Provider, Scope, WithParents, provide, provide_all

from atende.core.conversation.ports import Channel, Inbox
from atende.core.credits.ports import Prices
from atende.core.kernel import Clock, Ids
from atende.core.knowledge.ports import Blobs, Embedding, Passages
from atende.core.mail.ports import Mailer
from atende.core.work.ports import JobQueue, JobWatch
from atende.main.settings import Settings
from atende.outbound.memory.audit import MemoryAuditChain, MemoryAuditLog, MemoryAuditTrail
from atende.outbound.memory.channel import MemoryChannel
from atende.outbound.memory.conversation import (
    MemoryChannelAccounts,
    MemoryChannelDirectory,
    MemoryConversations,
    MemoryHandoffs,
    MemoryMessages,
    MemoryTurns,
)
from atende.outbound.memory.credits import MemoryHoldsDue, MemoryLedgers, MemoryPrices
from atende.outbound.memory.idempotency import MemoryIdempotencyKeys
from atende.outbound.memory.identity import (
    MemoryInvitations,
    MemoryMemberships,
    MemorySessions,
    MemoryUsers,
)
from atende.outbound.memory.identity_keys import MemoryApiKeys
from atende.outbound.memory.inbox import MemoryInbox
from atende.outbound.memory.job_queue import MemoryJobQueue
from atende.outbound.memory.jobs import MemoryDeadLetters, MemoryJobs
from atende.outbound.memory.knowledge import (
    MemoryAgents,
    MemoryAnswers,
    MemoryBlobs,
    MemoryDocuments,
    MemoryModelCalls,
)
from atende.outbound.memory.mailer import MemoryMailer
from atende.outbound.memory.passages import MemoryPassages
from atende.outbound.memory.payers import MemoryBillingAccounts
from atende.outbound.memory.people import MemoryPeople, MemoryRoleChanges, MemoryRoles
from atende.outbound.memory.plans import MemoryEntitlements, MemoryOperators, MemoryPlans, MemoryTenantNames
from atende.outbound.memory.provider_keys import MemoryProviderKeyRing, MemoryProviderKeys, MemorySealedSecrets
from atende.outbound.memory.purge import MemoryPurge
from atende.outbound.memory.store import MemoryStore, MemoryTransaction
from atende.outbound.memory.tenancy import MemoryFeatures, MemoryOrganizations, MemoryProjects
from atende.outbound.memory.turn_records import MemoryTurnRecords
from atende.outbound.memory.usage import MemoryUsageReports


class Memory(Provider):
    """In place of PostgreSQL, files and channels. All of it is gone when the process ends."""

    scope = Scope.APP

    units = provide_all(
        WithParents[MemoryTransaction],
        WithParents[MemoryOrganizations],
        WithParents[MemoryProjects],
        WithParents[MemoryFeatures],
        WithParents[MemoryBillingAccounts],
        WithParents[MemoryEntitlements],
        WithParents[MemoryPlans],
        WithParents[MemoryTenantNames],
        WithParents[MemoryOperators],
        WithParents[MemoryPurge],
        WithParents[MemoryUsers],
        WithParents[MemoryMemberships],
        WithParents[MemoryInvitations],
        WithParents[MemorySessions],
        WithParents[MemoryPeople],
        WithParents[MemoryRoles],
        WithParents[MemoryRoleChanges],
        WithParents[MemoryApiKeys],
        WithParents[MemoryLedgers],
        WithParents[MemoryHoldsDue],
        WithParents[MemoryAgents],
        WithParents[MemoryDocuments],
        WithParents[MemoryAnswers],
        WithParents[MemoryModelCalls],
        WithParents[MemoryChannelAccounts],
        WithParents[MemoryChannelDirectory],
        WithParents[MemoryConversations],
        WithParents[MemoryMessages],
        WithParents[MemoryTurns],
        WithParents[MemoryTurnRecords],
        WithParents[MemoryHandoffs],
        WithParents[MemoryJobs],
        WithParents[MemoryDeadLetters],
        WithParents[MemoryProviderKeys],
        WithParents[MemoryProviderKeyRing],
        WithParents[MemorySealedSecrets],
        WithParents[MemoryAuditTrail],
        WithParents[MemoryAuditChain],
        WithParents[MemoryIdempotencyKeys],
        WithParents[MemoryUsageReports],
    )
    of_requests = provide_all(WithParents[MemoryAuditLog], scope=Scope.REQUEST)

    @provide
    def store(self, clock: Clock) -> MemoryStore:
        return MemoryStore(clock)

    @provide
    def prices(self) -> Prices:
        return MemoryPrices()

    @provide
    def queue(self, store: MemoryStore) -> MemoryJobQueue:
        return MemoryJobQueue(store)

    @provide
    def job_queue(self, queue: MemoryJobQueue) -> JobQueue:
        return queue

    @provide
    def job_watch(self, queue: MemoryJobQueue) -> JobWatch:
        return queue

    @provide
    def inbox(self, store: MemoryStore, ids: Ids, settings: Settings) -> Inbox:
        window, cap = timedelta(seconds=settings.burst_window), timedelta(seconds=settings.burst_cap)
        return MemoryInbox(store, ids, window=window, cap=cap)

    @provide
    def passages(self, store: MemoryStore, embedding: Embedding) -> Passages:
        return MemoryPassages(store, model=embedding.model)

    @provide(override=True)
    def blobs(self) -> Blobs:
        return MemoryBlobs()

    @provide(override=True)
    def channel(self, line: MemoryChannel) -> Channel:
        return line

    @provide(override=True)
    def mailer(self, post: MemoryMailer) -> Mailer:
        return post

    @provide
    def post(self) -> MemoryMailer:
        return MemoryMailer()

    @provide
    def line(self) -> MemoryChannel:
        return MemoryChannel()
