"""All that the product does: the readable index."""

from datetime import timedelta

from dishka import (
    Scope,
    provide,
    provide_all,
)

from atende.core.audit.model import Origin
from atende.core.audit.ports import AuditChain, AuditLog
from atende.core.audit.seal import SealRecords
from atende.core.audit.verify import VerifyAudit
from atende.core.conversation.attend import GiveBack, TakeOver
from atende.core.conversation.closure.detector import ClosureDetector
from atende.core.conversation.connect_channel import ConnectChannel
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.core.conversation.turn.answer_customer import AbandonTurn, AnswerCustomer
from atende.core.conversation.turn.hand_over import HandOver
from atende.core.conversation.turn.open_turn import OpenTurn, TurnPolicy
from atende.core.conversation.turn.record_reply import RecordReply
from atende.core.conversation.turn.refund_reply import RefundReply
from atende.core.conversation.turn.send_reply import ResolveSend, SendReply, SettleFailedSend
from atende.core.credits.admit import Admit, ExpireHolds
from atende.core.credits.grant_credits import GrantCredits
from atende.core.credits.ports import HoldsDue, Ledgers
from atende.core.identity.keys.issue_api_key import Authenticate
from atende.core.identity.mail.send_mail import SendMail
from atende.core.kernel import Clock, Ids, Transaction
from atende.core.knowledge.ask_documents import AskDocuments
from atende.core.knowledge.compose_answer import ComposeAnswer
from atende.core.knowledge.create_agent import CreateAgent
from atende.core.knowledge.ports import Agents, Blobs, Documents
from atende.core.knowledge.process_document import ProcessDocument
from atende.core.knowledge.purge_projects import PurgeProjects
from atende.core.knowledge.upload_document import UploadDocument
from atende.core.tenancy.found_organization import FoundOrganization
from atende.core.tenancy.ports import Projects
from atende.core.work.dead_letters import DiscardDeadLetter, ReplayDeadLetter
from atende.core.work.ports import Jobs
from atende.main.providers.keys import KeyCases
from atende.main.providers.tenancy import TenancyCases
from atende.main.settings import Settings


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
