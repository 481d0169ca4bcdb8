"""The index of the API: every controller, by feature."""

from litestar import Controller

from atende.inbound.http.api.audit.audit_logs import AuditLogsController, PlatformAuditLogsController
from atende.inbound.http.api.conversation.channels import ChannelsController
from atende.inbound.http.api.conversation.conversations import ConversationsController
from atende.inbound.http.api.conversation.messages import MessagesController
from atende.inbound.http.api.conversation.usage import UsageController
from atende.inbound.http.api.credits.credits import CreditsController
from atende.inbound.http.api.health import HealthController
from atende.inbound.http.api.identity.accounts import AccountsController, SessionsController, SigningKeysController
from atende.inbound.http.api.identity.api_keys import ApiKeysController
from atende.inbound.http.api.identity.invitations import InvitationAcceptanceController
from atende.inbound.http.api.identity.me import MyAccountController
from atende.inbound.http.api.identity.members import InvitationsController, MembersController
from atende.inbound.http.api.identity.operators import OperatorsController
from atende.inbound.http.api.identity.passwords import PasswordsController
from atende.inbound.http.api.identity.provider_keys import ProviderKeysController
from atende.inbound.http.api.identity.roles import RolesController
from atende.inbound.http.api.identity.users import UsersController
from atende.inbound.http.api.knowledge.chat_completions import ChatCompletionsController
from atende.inbound.http.api.knowledge.documents import DocumentsController
from atende.inbound.http.api.knowledge.questions import QuestionsController
from atende.inbound.http.api.knowledge.search_index import SearchIndexController
from atende.inbound.http.api.knowledge.uploads import UploadsController
from atende.inbound.http.api.tenancy.features import FeaturesController
from atende.inbound.http.api.tenancy.organizations import OrganizationsController
from atende.inbound.http.api.tenancy.plans import PlansController
from atende.inbound.http.api.tenancy.projects import ProjectsController
from atende.inbound.http.api.work.dead_letters import DeadLettersController

IDENTITY: list[type[Controller]] = [
    AccountsController,
    PasswordsController,
    SessionsController,
    InvitationAcceptanceController,
    MyAccountController,
    UsersController,
    MembersController,
    InvitationsController,
    ProviderKeysController,
    RolesController,
    OperatorsController,
]
TENANCY: list[type[Controller]] = [OrganizationsController, ProjectsController, FeaturesController, PlansController]
KNOWLEDGE: list[type[Controller]] = [
    DocumentsController,
    SearchIndexController,
    QuestionsController,
]
CONVERSATION: list[type[Controller]] = [
    ChannelsController,
    ConversationsController,
    MessagesController,
    UsageController,
]
CREDITS: list[type[Controller]] = [CreditsController]
AUDIT: list[type[Controller]] = [AuditLogsController, PlatformAuditLogsController]
WORK: list[type[Controller]] = [DeadLettersController]

CONTROLLERS = [*IDENTITY, *TENANCY, *KNOWLEDGE, *CONVERSATION, *CREDITS, *AUDIT, *WORK]
"""Served under each prefix of the API."""
OPENAI = ChatCompletionsController
"""Served under `/v1` only, where clients of OpenAI look for it: bodies and errors are in their schema, not in ours."""
API_KEYS = ApiKeysController
"""Served under `/auth`, and without it for older clients."""
UPLOADS = UploadsController
"""Accepts larger bodies than the others."""
PROBES = HealthController
"""Served at the root too, and not counted by rate limits."""
SIGNING_KEYS = SigningKeysController
"""Served at the root only."""
