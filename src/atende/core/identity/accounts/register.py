"""Registration: an account with its own organization."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from atende.core.audit.model import Actor, ActorKind, Event
from atende.core.audit.ports import AuditLog
from atende.core.identity.accounts.login_limits import LoginLimits
from atende.core.identity.accounts.passwords import require_good_password
from atende.core.identity.accounts.policy import AccountPolicy
from atende.core.identity.accounts.tokens import Client, IssueTokens, SignedIn, opened
from atende.core.identity.model import EmailTaken, Membership, User
from atende.core.identity.names import clean_email, person_names
from atende.core.identity.permissions import Role
from atende.core.identity.ports import Memberships, PasswordHasher, People, Sessions, Users, WelcomeGift
from atende.core.kernel import Clock, Credits, Ids, TenantScope, Transaction, checked_name, personal
from atende.core.mail.model import MAIL
from atende.core.tenancy.found_organization import FoundOrganization
from atende.core.tenancy.model import LONGEST_NAME, Organization, SlugTaken
from atende.core.tenancy.names import free_name, spellings
from atende.core.tenancy.ports import Organizations, TenantNames
from atende.core.work.model import NewJob
from atende.core.work.ports import Jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Input of a registration. Without `organization_name`, the organization is named after the user."""

    email: str
    password: str
    first_name: str = ""
    last_name: str = ""
    organization_name: str | None = None
    language: str = "pt"

    def __post_init__(self) -> None:
        """Checks names before any look-up, so that an error does not reveal whether the address is known. Raises Invalid."""
        person_names(self.first_name, self.last_name)
        self.named_organization()

    def named_organization(self) -> str:
        """The name from the input; empty if there is none."""
        wanted = self.organization_name or ""
        return checked_name(wanted, what="the name of an organization", longest=LONGEST_NAME, needed=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Creates an account with its own organization, a default project and the credits of the free plan.

    The response holds tokens, and a mail asks to confirm the address; until then you can do everything except invite others.
    An address that is registered already is refused.

    In installations that confirm addresses first, nobody can find out which addresses are registered: every response is the
    same 202 without tokens, and the mail says how to go on.
    """

    people: People
    users: Users
    organizations: Organizations
    memberships: Memberships
    sessions: Sessions
    names: TenantNames
    found: FoundOrganization
    gift: WelcomeGift
    passwords: PasswordHasher
    tokens: IssueTokens
    limits: LoginLimits
    jobs: Jobs
    audit: AuditLog
    transaction: Transaction
    clock: Clock
    ids: Ids
    policy: AccountPolicy

    async def __call__(self, asked: Registration, client: Client) -> SignedIn | None:
        """None if the address must be confirmed first.

        Raises EmailTaken, PasswordRefused, Invalid, EndpointRateLimitExceeded.
        """
        email = clean_email(asked.email)
        require_good_password(asked.password, email=email)
        await self.limits.check_registration(email, client)
        known = await self.people.by_email(email)
        password_hash = await self.passwords.hash(asked.password)
        try:
            if known is not None and known.deleted_at is None:
                raise EmailTaken
            made = await self._register(asked, email, password_hash, client)
        except EmailTaken:
            if not self.policy.verified_only:
                raise
            await self._tell(email)
            return None
        return None if self.policy.verified_only else made

    async def _register(self, asked: Registration, email: str, password_hash: str, client: Client) -> SignedIn:
        now = self.clock.now()
        user = User(
            id=self.ids.new(),
            email=email,
            created_at=now,
            updated_at=now,
            password_hash=password_hash,
            first_name=asked.first_name,
            last_name=asked.last_name,
            last_login_at=None if self.policy.verified_only else now,
        )
        name = asked.named_organization() or user.name or email.partition("@")[0]
        amount = await self.gift.choose()
        slug = await free_name(self.names, name, self.ids.new())
        try:
            return await self._found(user, client, name=name, slug=slug, asked=asked, amount=amount)
        except SlugTaken:  # somebody took it meanwhile
            marked = spellings(name, self.ids.new())[-1]
            return await self._found(user, client, name=name, slug=marked, asked=asked, amount=amount)

    async def _found(
        self, user: User, client: Client, *, name: str, slug: str, asked: Registration, amount: Credits
    ) -> SignedIn:
        now, scope = self.clock.now(), TenantScope(self.ids.new(), slug, user.id)
        async with self.transaction(scope):
            await self.users.add(user)
            await self.found.within(scope, name=name, language=asked.language, email=user.email)
            await self.memberships.add(_ownership(scope.organization_id, user.id, now))
            organization = await self.organizations.get(scope)
            session = opened(self.ids.new(), user, client, now, organization_id=organization.id)
            if not self.policy.verified_only:
                await self.sessions.add(session)
            await self.gift.give(scope, amount)
            told = {"kind": "verify", "id": str(user.id), "sent": "1"}
            await self.jobs.put(scope, NewJob(kind=MAIL, payload=told))
            await self.audit.add(scope, _event(user, organization))
        device = "" if self.policy.verified_only else self.limits.remember(user.email, now=now)
        return self.tokens(user, session, now, organization=organization, device=device)

    async def _tell(self, email: str) -> None:
        """Sends a mail to the owner of an address that somebody tries to register again."""
        known = await self.people.by_email(email)
        if known is None:
            return
        scope = personal(known.id)
        async with self.transaction(scope):
            told = {"kind": "registered_again", "id": str(known.id), "sent": "1"}
            await self.jobs.put(scope, NewJob(kind=MAIL, payload=told))
            await self.audit.add(
                scope, Event(action="user.register_again", resource_type="user", resource_id=str(known.id))
            )


def _ownership(organization_id: UUID, user_id: UUID, now: datetime) -> Membership:
    return Membership(organization_id=organization_id, user_id=user_id, role=Role.OWNER, created_at=now, updated_at=now)


def _event(user: User, organization: Organization) -> Event:
    return Event(
        action="user.register",
        resource_type="user",
        resource_id=str(user.id),
        new={"organization_id": str(organization.id), "slug": organization.slug},
        actor=Actor(ActorKind.USER, user.id),
    )
