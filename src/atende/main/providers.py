"""What there is, and what it is made of. `UseCases` is the readable index of the product."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import NewType

import asyncpg
from dishka import (
    AsyncContainer,
    Provider,
    Scope,
    WithParents,
    from_context,
    make_async_container,
    provide,
    provide_all,
)
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from atende.core.audit.model import Origin
from atende.core.audit.ports import AuditChain, AuditLog
from atende.core.audit.seal import SealRecords
from atende.core.audit.verify import VerifyAudit
from atende.core.conversation.answer_customer import AbandonTurn, AnswerCustomer
from atende.core.conversation.attend import GiveBack, TakeOver
from atende.core.conversation.channel import ChannelKind
from atende.core.conversation.closure import ClosureDetector
from atende.core.conversation.connect_channel import ConnectChannel
from atende.core.conversation.hand_over import HandOver
from atende.core.conversation.open_turn import OpenTurn, TurnPolicy
from atende.core.conversation.ports import Channel, ChannelDirectory, Inbox
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.core.conversation.record_reply import RecordReply
from atende.core.conversation.refund_reply import RefundReply
from atende.core.conversation.send_reply import ResolveSend, SendReply, SettleFailedSend
from atende.core.credits.admit import Admit, ExpireHolds
from atende.core.credits.grant_credits import GrantCredits
from atende.core.credits.ports import HoldsDue, Ledgers, Prices
from atende.core.identity.api_keys import Authenticate
from atende.core.identity.ports import ApiKeys, Operators, People, Roles
from atende.core.identity.provider_ports import ProviderKeyRing
from atende.core.identity.resolve_provider_key import ResolveProviderKey
from atende.core.identity.send_mail import SendMail
from atende.core.kernel import Clock, Ids, Transaction
from atende.core.knowledge.ask_documents import AskDocuments
from atende.core.knowledge.compose_answer import ComposeAnswer
from atende.core.knowledge.create_agent import CreateAgent
from atende.core.knowledge.ports import Agents, Answerer, Blobs, Documents, Embedding, Passages, TextExtractor
from atende.core.knowledge.process_document import ProcessDocument
from atende.core.knowledge.purge_projects import PurgeProjects
from atende.core.knowledge.upload_document import UploadDocument
from atende.core.tenancy.found_organization import FoundOrganization
from atende.core.tenancy.ports import BillingAccounts, Cipher, Entitlements, Plans, Projects, Purge, TenantNames
from atende.core.tenancy.rotate_secrets import SealedSecrets
from atende.core.work.dead_letters import DiscardDeadLetter, ReplayDeadLetter
from atende.core.work.idempotency import IdempotencyKeys
from atende.core.work.ports import JobQueue, Jobs, JobWatch
from atende.main.counting import counting
from atende.main.key_desk import KeyCases, KeyParts
from atende.main.mailing import Mailing
from atende.main.settings import Settings
from atende.main.signing_in import SigningIn
from atende.main.tenancy_desk import TenancyCases
from atende.outbound.channels import ChannelByKind
from atende.outbound.cipher import AesGcmCipher
from atende.outbound.extraction import SubprocessTextExtractor
from atende.outbound.files import FileBlobs
from atende.outbound.pgvector import PgvectorPassages
from atende.outbound.postgres.audit import PostgresAuditChain, PostgresAuditLog, PostgresAuditTrail
from atende.outbound.postgres.conversation import (
    PostgresChannelAccounts,
    PostgresChannelDirectory,
    PostgresConversations,
    PostgresMessages,
)
from atende.outbound.postgres.credits import PostgresHoldsDue, PostgresLedgers, PostgresPrices
from atende.outbound.postgres.idempotency import PostgresIdempotencyKeys
from atende.outbound.postgres.identity import PostgresMemberships, PostgresUsers
from atende.outbound.postgres.identity_keys import PostgresApiKeys
from atende.outbound.postgres.inbox import PostgresInbox
from atende.outbound.postgres.invitations import PostgresInvitations
from atende.outbound.postgres.jobs import PostgresDeadLetters, PostgresJobQueue, PostgresJobs
from atende.outbound.postgres.knowledge import PostgresAgents, PostgresAnswers, PostgresDocuments, PostgresModelCalls
from atende.outbound.postgres.limits import PostgresRateLimits
from atende.outbound.postgres.login_sessions import PostgresSessions
from atende.outbound.postgres.operators import PostgresOperators
from atende.outbound.postgres.payers import PostgresBillingAccounts
from atende.outbound.postgres.people import PostgresPeople, PostgresRoleDesk, PostgresRoles
from atende.outbound.postgres.plans import PostgresEntitlements, PostgresPlans, PostgresTenantNames
from atende.outbound.postgres.provider_keys import PostgresProviderKeyRing, PostgresProviderKeys
from atende.outbound.postgres.purge import PostgresPurge
from atende.outbound.postgres.sealed_secrets import PostgresSealedSecrets
from atende.outbound.postgres.tenancy import PostgresFeatures, PostgresOrganizations, PostgresProjects
from atende.outbound.postgres.transaction import PostgresTransaction, make_engine, make_sessions
from atende.outbound.postgres.turns import PostgresHandoffs, PostgresTurns
from atende.outbound.postgres.usage import PostgresUsageReports
from atende.outbound.system import SystemClock, Uuid7Ids

Pool = NewType("Pool", asyncpg.Pool)
OPENAI = "https://api.openai.com/v1"
TWILIO = "https://api.twilio.com"
WHATSAPP = "https://graph.facebook.com"


class UseCases(KeyCases, TenancyCases):
    """All that the product does."""

    scope = Scope.REQUEST

    tenancy = provide_all(FoundOrganization)
    identity = provide_all(Authenticate)
    credits = provide_all(Admit, GrantCredits)
    knowledge = provide_all(CreateAgent, AskDocuments, ComposeAnswer, ProcessDocument, PurgeProjects)
    mail = provide_all(SendMail)
    conversation = provide_all(
        ConnectChannel,
        OpenTurn,
        RecordReply,
        SendReply,
        AnswerCustomer,
        AbandonTurn,
        ResolveSend,
        SettleFailedSend,
        HandOver,
        RefundReply,
        TakeOver,
        GiveBack,
    )
    work = provide_all(ReplayDeadLetter, DiscardDeadLetter)
    receive = provide(ReceiveMessages, scope=Scope.APP)

    @provide
    def upload(
        self,
        documents: Documents,
        agents: Agents,
        blobs: Blobs,
        jobs: Jobs,
        projects: Projects,
        audit: AuditLog,
        transaction: Transaction,
        clock: Clock,
        ids: Ids,
        settings: Settings,
    ) -> UploadDocument:
        return UploadDocument(
            documents=documents,
            agents=agents,
            blobs=blobs,
            jobs=jobs,
            projects=projects,
            audit=audit,
            transaction=transaction,
            clock=clock,
            ids=ids,
            largest=settings.max_upload_bytes,
        )

    @provide(scope=Scope.APP)
    def seal_records(self, chain: AuditChain) -> SealRecords:
        return SealRecords(chain=chain)

    @provide(scope=Scope.APP)
    def verify_audit(self, chain: AuditChain) -> VerifyAudit:
        return VerifyAudit(chain=chain)

    @provide
    def origin(self) -> Origin:
        """Of a job and of the command line; the HTTP edge fills it in before a use case is made."""
        return Origin()

    @provide
    def expire_holds(
        self, ledgers: Ledgers, holds: HoldsDue, transaction: Transaction, ids: Ids, clock: Clock
    ) -> ExpireHolds:
        return ExpireHolds(ledgers=ledgers, holds=holds, transaction=transaction, ids=ids, clock=clock)

    @provide(scope=Scope.APP)
    def detector(self) -> ClosureDetector:
        return ClosureDetector()

    @provide(scope=Scope.APP)
    def turn_policy(self, settings: Settings) -> TurnPolicy:
        return TurnPolicy(
            max_age=timedelta(seconds=settings.turn_max_age),
            doubt=timedelta(seconds=settings.send_doubt),
            min_score=settings.turn_min_score,
        )


class Postgres(Provider):
    """The adapters on PostgreSQL; those of a unit of work share its session."""

    scope = Scope.REQUEST

    @provide(scope=Scope.APP)
    async def pool(self, settings: Settings) -> AsyncIterator[Pool]:
        async with asyncpg.create_pool(settings.database_url, min_size=1, max_size=settings.database_pool_size) as pool:
            yield Pool(pool)

    @provide(scope=Scope.APP)
    async def engine(self, settings: Settings) -> AsyncIterator[AsyncEngine]:
        engine = make_engine(settings.database_url, size=settings.database_pool_size)
        yield engine
        await engine.dispose()

    @provide(scope=Scope.APP)
    def sessions(self, engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
        return make_sessions(engine)

    @provide
    async def session(self, sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
        async with sessions() as session:
            yield session

    units = provide_all(
        WithParents[PostgresTransaction],
        WithParents[PostgresOrganizations],
        WithParents[PostgresProjects],
        WithParents[PostgresFeatures],
        WithParents[PostgresUsers],
        WithParents[PostgresMemberships],
        WithParents[PostgresInvitations],
        WithParents[PostgresSessions],
        WithParents[PostgresRoleDesk],
        WithParents[PostgresLedgers],
        WithParents[PostgresAgents],
        WithParents[PostgresDocuments],
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
    def api_keys(self, session: AsyncSession, pool: Pool) -> ApiKeys:
        return PostgresApiKeys(session, pool)

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

    @provide(scope=Scope.APP)
    def idempotency_keys(self, pool: Pool, ids: Ids) -> IdempotencyKeys:
        return PostgresIdempotencyKeys(pool, ids)

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
    def prices(self, pool: Pool) -> Prices:
        return PostgresPrices(pool)

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

    @provide(scope=Scope.APP)
    def passages(self, pool: Pool, embedding: Embedding) -> Passages:
        return PgvectorPassages(pool, model=embedding.model, dimension=embedding.dimension)


class Outside(Mailing, KeyParts):
    """Everything else that we drive. Vendors' SDKs are imported when they are used, not before."""

    scope = Scope.APP
    settings = from_context(Settings)

    @provide
    def clock(self) -> Clock:
        return SystemClock()

    @provide
    def ids(self) -> Ids:
        return Uuid7Ids()

    @provide
    def blobs(self, settings: Settings) -> Blobs:
        return FileBlobs(settings.data_dir / "files")

    @provide
    def extractor(self) -> TextExtractor:
        return SubprocessTextExtractor()

    @provide
    async def embedding(self, settings: Settings) -> AsyncIterator[Embedding]:
        if not settings.model_is_real:
            from atende.outbound.hashed import HashedEmbedding

            yield HashedEmbedding()
            return
        from atende.outbound.openai import OpenAIEmbedding

        made = OpenAIEmbedding(
            api_key=settings.openai_api_key,
            base_url=settings.openai_base_url or OPENAI,
            model=settings.openai_embedding_model,
            dimension=settings.openai_embedding_dimension,
            per_minute=settings.openai_embeddings_per_minute,
        )
        yield made
        await made.close()

    @provide
    async def answerer(self, settings: Settings, keys: ResolveProviderKey) -> AsyncIterator[Answerer]:
        if not settings.model_is_real:
            from atende.outbound.extractive import ExtractiveAnswerer

            yield ExtractiveAnswerer()
            return
        from atende.outbound.openai import OpenAIAnswerer

        made = OpenAIAnswerer(
            api_key=settings.openai_api_key,
            base_url=settings.openai_base_url or OPENAI,
            model=settings.openai_llm_model,
            keys=keys,
        )
        yield made
        await made.close()

    @provide
    async def channel(self, settings: Settings) -> AsyncIterator[Channel]:
        from atende.outbound.twilio import TwilioChannel
        from atende.outbound.whatsapp import WhatsAppChannel

        twilio = TwilioChannel(public_url=settings.public_url, base_url=settings.twilio_base_url or TWILIO)
        whatsapp = WhatsAppChannel(
            base_url=settings.whatsapp_base_url or WHATSAPP,
            version=settings.whatsapp_api_version,
            per_second=settings.whatsapp_messages_per_second,
        )
        kinds = {ChannelKind.WHATSAPP: whatsapp, ChannelKind.SMS: twilio, ChannelKind.TWILIO_WHATSAPP: twilio}
        yield ChannelByKind(kinds)
        await twilio.close()
        await whatsapp.close()


def make_container(settings: Settings, *overrides: Provider) -> AsyncContainer:
    """The whole product over these settings; `overrides` replace what they provide."""
    return make_async_container(
        UseCases(), Postgres(), Outside(), *counting(settings), SigningIn(), *overrides, context={Settings: settings}
    )
