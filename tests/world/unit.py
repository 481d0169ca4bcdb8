"""A unit of work: a transaction, and every repository that takes part in it, over PostgreSQL."""

from dataclasses import dataclass

import asyncpg

from atende.core.audit.model import Origin
from atende.core.audit.ports import AuditLog, AuditTrail
from atende.core.conversation.ports import (
    ChannelAccounts,
    Conversations,
    Handoffs,
    Messages,
    TurnRecords,
    Turns,
)
from atende.core.conversation.usage import UsageReports
from atende.core.credits.ports import Ledgers
from atende.core.identity.keys.ports import ProviderKeys
from atende.core.identity.ports import (
    ApiKeys,
    Invitations,
    Memberships,
    RoleChanges,
    Sessions,
    Users,
)
from atende.core.kernel import Clock, Ids, Transaction
from atende.core.knowledge.ports import Agents, Answers, Documents, ModelCalls, SearchIndexes
from atende.core.tenancy.ports import (
    BillingAccounts,
    Features,
    Organizations,
    Projects,
)
from atende.core.work.idempotency import IdempotencyKeys
from atende.core.work.ports import DeadLetters, Jobs
from atende.outbound.postgres import credits as postgres_credits
from atende.outbound.postgres.audit import PostgresAuditLog, PostgresAuditTrail
from atende.outbound.postgres.conversation import turns as postgres_turns
from atende.outbound.postgres.conversation.channel_accounts import PostgresChannelAccounts
from atende.outbound.postgres.conversation.conversations import PostgresConversations
from atende.outbound.postgres.conversation.messages import PostgresMessages
from atende.outbound.postgres.conversation.turn_records import PostgresTurnRecords
from atende.outbound.postgres.conversation.usage import PostgresUsageReports
from atende.outbound.postgres.idempotency import PostgresIdempotencyKeys
from atende.outbound.postgres.identity import people as postgres_people
from atende.outbound.postgres.identity import users as postgres_identity
from atende.outbound.postgres.identity.api_keys import PostgresApiKeys
from atende.outbound.postgres.identity.invitations import PostgresInvitations
from atende.outbound.postgres.identity.login_sessions import PostgresSessions
from atende.outbound.postgres.identity.provider_keys import PostgresProviderKeys
from atende.outbound.postgres.jobs import PostgresDeadLetters, PostgresJobs
from atende.outbound.postgres.knowledge.agents import PostgresAgents
from atende.outbound.postgres.knowledge.answers import PostgresAnswers, PostgresModelCalls
from atende.outbound.postgres.knowledge.documents import PostgresDocuments
from atende.outbound.postgres.knowledge.search_indexes import PostgresSearchIndexes
from atende.outbound.postgres.tenancy.payers import PostgresBillingAccounts
from atende.outbound.postgres.tenancy.projects import PostgresFeatures, PostgresOrganizations, PostgresProjects
from atende.outbound.postgres.transaction import PostgresTransaction
from atende.outbound.postgres.unit import Unit as PostgresUnit
from atende.outbound.security.cipher import AesGcmCipher

CIPHER = AesGcmCipher({1: bytes(range(32))})


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
    search_indexes: SearchIndexes
    answers: Answers
    model_calls: ModelCalls
    accounts: ChannelAccounts
    conversations: Conversations
    messages: Messages
    turns: Turns
    turn_records: TurnRecords
    handoffs: Handoffs
    jobs: Jobs
    dead_letters: DeadLetters
    provider_keys: ProviderKeys
    audit: AuditLog
    trail: AuditTrail
    usage: UsageReports


def unit_over(
    unit: PostgresUnit,
    pool: "asyncpg.Pool[asyncpg.Record]",
    *,
    ids: Ids,
    clock: Clock,
    origin: Origin,
) -> Unit:
    session = unit.session
    return Unit(
        transaction=PostgresTransaction(unit),
        idempotency=PostgresIdempotencyKeys(unit, pool, ids),
        organizations=PostgresOrganizations(session),
        projects=PostgresProjects(session),
        features=PostgresFeatures(session),
        billing_accounts=PostgresBillingAccounts(session, pool),
        users=postgres_identity.PostgresUsers(session),
        memberships=postgres_identity.PostgresMemberships(session),
        invitations=PostgresInvitations(session),
        sessions=PostgresSessions(session),
        role_changes=postgres_people.PostgresRoleChanges(session),
        api_keys=PostgresApiKeys(session, pool),
        ledgers=postgres_credits.PostgresLedgers(unit),
        agents=PostgresAgents(session),
        documents=PostgresDocuments(session),
        search_indexes=PostgresSearchIndexes(unit),
        answers=PostgresAnswers(unit),
        model_calls=PostgresModelCalls(unit),
        accounts=PostgresChannelAccounts(unit, CIPHER),
        conversations=PostgresConversations(unit),
        messages=PostgresMessages(unit),
        turns=postgres_turns.PostgresTurns(unit),
        turn_records=PostgresTurnRecords(unit, pool, CIPHER),
        handoffs=postgres_turns.PostgresHandoffs(unit),
        jobs=PostgresJobs(unit),
        dead_letters=PostgresDeadLetters(session),
        provider_keys=PostgresProviderKeys(session, CIPHER),
        audit=PostgresAuditLog(unit, origin, ids, clock),
        trail=PostgresAuditTrail(session),
        usage=PostgresUsageReports(session),
    )
