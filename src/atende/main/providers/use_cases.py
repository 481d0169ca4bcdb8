"""The index of the product: every use case, by feature. How each is built follows from its fields."""

from dishka import Provider, Scope, provide_all

from atende.core.audit.seal import SealRecords
from atende.core.audit.verify import VerifyAudit
from atende.core.conversation.attend import GiveBack, TakeOver
from atende.core.conversation.connect_channel import ConnectChannel
from atende.core.conversation.manage_channels import ChangeChannel, CheckChannel, ConnectNumber, DisconnectChannel
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.core.conversation.turn.answer_customer import AnswerCustomer
from atende.core.conversation.turn.doubtful_send import LeaveInDoubt, ResolveSend
from atende.core.conversation.turn.end_turn import EndTurn
from atende.core.conversation.turn.failed_send import SettleFailedSend
from atende.core.conversation.turn.give_up_turn import AbandonTurn, RetryTurn
from atende.core.conversation.turn.hand_over import HandOver
from atende.core.conversation.turn.open_turn import OpenTurn
from atende.core.conversation.turn.prepare_answer import PrepareAnswer
from atende.core.conversation.turn.record_reply import RecordReply
from atende.core.conversation.turn.refund_reply import RefundReply
from atende.core.conversation.turn.send_reply import SendReply
from atende.core.conversation.usage import RollUpUsage
from atende.core.credits.admit import Admit, ExpireHolds
from atende.core.credits.grant_credits import GrantCredits
from atende.core.identity.accounts.change_password import ChangePassword, ConfirmPassword
from atende.core.identity.accounts.delete_account import AnonymizeUsers, DeleteAccount
from atende.core.identity.accounts.enrol import Enrol
from atende.core.identity.accounts.export_account import ExportAccount
from atende.core.identity.accounts.login_limits import LoginLimits
from atende.core.identity.accounts.profile import ReadProfile, UpdateProfile
from atende.core.identity.accounts.refresh import Refresh
from atende.core.identity.accounts.register import Register
from atende.core.identity.accounts.sign_in import SignIn
from atende.core.identity.accounts.sign_out import ListSessions, SignOut, SignOutEverywhere
from atende.core.identity.accounts.switch import Switch
from atende.core.identity.accounts.tokens import IssueTokens
from atende.core.identity.keys.issue_api_key import Authenticate, IssueApiKey
from atende.core.identity.keys.manage_api_keys import RevokeApiKey, RotateApiKey, UpdateApiKey
from atende.core.identity.keys.manage_provider_keys import PutProviderKey, RemoveProviderKey, ValidateProviderKey
from atende.core.identity.keys.resolve_provider_key import ResolveProviderKey
from atende.core.identity.mail.links import RequestMail, ResetPassword, VerifyEmail
from atende.core.identity.mail.send_mail import SendMail
from atende.core.identity.members.accept_invitation import AcceptInvitation
from atende.core.identity.members.act_in import ActIn
from atende.core.identity.members.change_member import ApproveMember, ChangeMember, RemoveMember
from atende.core.identity.members.create_organization import CreateOrganization
from atende.core.identity.members.find_person import FindPerson
from atende.core.identity.members.invite import InvitationRules, Invite, RevokeInvitation, SendInvitation
from atende.core.identity.members.operators import ChangeRole, LiftUser, ListOrganizations, SetLimits, SuspendUser
from atende.core.identity.members.update_organization import RestoreOrganization, UpdateOrganization
from atende.core.knowledge.ask_documents import AskDocuments
from atende.core.knowledge.build_index import BuildIndex, EndIndexAttempt, RemoveIndex
from atende.core.knowledge.change_document import DeleteDocument, PurgeDocument, ReplaceFile, ReprocessDocument
from atende.core.knowledge.change_index import ChangeIndex, DropIndex, EstimateIndexes, SwitchIndex
from atende.core.knowledge.compare_indexes import CompareIndexes
from atende.core.knowledge.compose_answer import ComposeAnswer
from atende.core.knowledge.create_agent import CreateAgent
from atende.core.knowledge.embed_document import EmbedDocument
from atende.core.knowledge.end_attempt import EndAttempt
from atende.core.knowledge.indexes import Indexes
from atende.core.knowledge.process_document import ProcessDocument
from atende.core.knowledge.purge_projects import PurgeProjects
from atende.core.knowledge.reindex_documents import ReindexDocuments
from atende.core.knowledge.search_documents import SearchDocuments
from atende.core.knowledge.store_file import StoreFile
from atende.core.knowledge.upload_document import UploadDocument
from atende.core.tenancy.change_project import (
    ChangeProject,
    ConfigureProject,
    DeleteProject,
    MakeDefaultProject,
    RestoreProject,
    SwitchProject,
    UpdateProject,
)
from atende.core.tenancy.create_project import CreateProject
from atende.core.tenancy.delete_organization import DeleteOrganization
from atende.core.tenancy.features import PutFeature, RemoveFeature
from atende.core.tenancy.found_organization import FoundOrganization
from atende.core.tenancy.rotate_secrets import RotateSecrets
from atende.core.tenancy.suspend_payer import LiftPayer, SuspendPayer
from atende.core.work.dead_letters import DiscardDeadLetter, ReplayDeadLetter


class UseCases(Provider):
    """One instance for each unit of work, but for the last group: those hold nothing of a unit, and are made once."""

    scope = Scope.REQUEST

    conversation = provide_all(
        ConnectChannel, ConnectNumber, ChangeChannel, CheckChannel, DisconnectChannel, TakeOver, GiveBack, RollUpUsage
    )
    turn = provide_all(AnswerCustomer, OpenTurn, PrepareAnswer, RecordReply, SendReply, RetryTurn, AbandonTurn)
    turn_ends = provide_all(EndTurn, HandOver, RefundReply)
    sends = provide_all(LeaveInDoubt, ResolveSend, SettleFailedSend)
    knowledge = provide_all(CreateAgent, AskDocuments, SearchDocuments, ComposeAnswer, PurgeProjects)
    documents = provide_all(StoreFile, UploadDocument, ReplaceFile, ReprocessDocument, DeleteDocument, ReindexDocuments)
    document_jobs = provide_all(ProcessDocument, EmbedDocument, PurgeDocument, EndAttempt)
    index_changes = provide_all(EstimateIndexes, ChangeIndex, SwitchIndex, DropIndex)
    index_jobs = provide_all(BuildIndex, CompareIndexes, RemoveIndex, EndIndexAttempt)
    credits = provide_all(Admit, GrantCredits, ExpireHolds)

    accounts = provide_all(Register, SignIn, Refresh, Switch, SignOut, SignOutEverywhere, ListSessions, Enrol)
    account = provide_all(
        ReadProfile, UpdateProfile, ChangePassword, ConfirmPassword, DeleteAccount, ExportAccount, AnonymizeUsers
    )
    mail = provide_all(SendMail, RequestMail, VerifyEmail, ResetPassword)
    api_keys = provide_all(Authenticate, IssueApiKey, UpdateApiKey, RotateApiKey, RevokeApiKey)
    provider_keys = provide_all(PutProviderKey, ValidateProviderKey, RemoveProviderKey)
    members = provide_all(FindPerson, ChangeMember, ApproveMember, RemoveMember)
    invitations = provide_all(InvitationRules, Invite, SendInvitation, RevokeInvitation, AcceptInvitation)
    operators = provide_all(ListOrganizations, ChangeRole, SetLimits, SuspendUser, LiftUser, SuspendPayer, LiftPayer)

    organizations = provide_all(
        ActIn, FoundOrganization, CreateOrganization, UpdateOrganization, DeleteOrganization, RestoreOrganization
    )
    projects = provide_all(
        CreateProject, ChangeProject, UpdateProject, ConfigureProject, SwitchProject, MakeDefaultProject
    )
    more_of_projects = provide_all(DeleteProject, RestoreProject, PutFeature, RemoveFeature)
    work = provide_all(ReplayDeadLetter, DiscardDeadLetter)

    shared = provide_all(
        ReceiveMessages,
        IssueTokens,
        LoginLimits,
        Indexes,
        ResolveProviderKey,
        RotateSecrets,
        SealRecords,
        VerifyAudit,
        scope=Scope.APP,
    )
