"""Accepting an invitation."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from atende.core.audit.model import Actor, ActorKind, Event
from atende.core.audit.ports import AuditLog
from atende.core.identity.accounts.passwords import require_good_password
from atende.core.identity.accounts.tokens import Client, IssueTokens, SignedIn, opened
from atende.core.identity.members.roles import RoleTooHigh, require_rank
from atende.core.identity.model import (
    Invitation,
    LinkNotValid,
    Membership,
    MembershipStatus,
    Session,
    User,
    UserStatus,
)
from atende.core.identity.ports import Invitations, Memberships, PasswordHasher, People, Sessions, Users
from atende.core.identity.signed_tokens import Links, Purpose, invitation_state
from atende.core.kernel import Clock, Ids, Invalid, NotFound, TenantScope, Transaction, Unauthenticated
from atende.core.tenancy.model import Organization
from atende.core.tenancy.ports import Organizations


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Who accepts an invitation: `caller` if they are signed in; a new user sends a password and optionally a name."""

    caller: UUID | None = None
    password: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    client: Client = field(default_factory=Client)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """`signed_in` is only set for new users; the others are signed in already."""

    membership: Membership
    organization: Organization
    signed_in: SignedIn | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptInvitation:
    """Accepts an invitation by the token from its link. A link works once, and only the newest one works.

    Callers who are signed in must have the invited address. Callers without an account get one with the password that they
    send: their address counts as confirmed, and they are signed in. The invitation gives no higher role than its sender still
    has. If the organization requires approval, the membership is pending until somebody approves it.
    """

    people: People
    users: Users
    memberships: Memberships
    invitations: Invitations
    organizations: Organizations
    sessions: Sessions
    passwords: PasswordHasher
    links: Links
    tokens: IssueTokens
    audit: AuditLog
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(self, token: str, answering: Answering) -> Joined:
        """Raises LinkNotValid, Unauthenticated, PasswordRefused; Conflict if they are a member."""
        now, link = self.clock.now(), self.links.read(token)
        invitation = await self.people.invitation(link.subject)
        if invitation is None or not invitation.is_open(now):
            raise LinkNotValid
        self.links.check(link, Purpose.INVITATION, state=invitation_state(invitation), now=now)
        known = await self.people.by_email(invitation.email)
        if known is None or known.status is UserStatus.DELETED:
            return await self._newcomer(invitation, answering, now)
        if answering.caller != known.id:
            raise Unauthenticated("this address has an account: sign in to it, then accept the invitation again")
        scope = TenantScope(invitation.organization_id, user_id=known.id)
        async with self.transaction(scope):
            user = await self.users.get(scope, known.id)
            if user.email_verified_at is None:
                user.verify_email(now)
                await self.users.save(user)
            membership, organization = await self._join(scope, invitation, user, now)
        return Joined(membership=membership, organization=organization)

    async def _newcomer(self, seen: Invitation, answering: Answering, now: datetime) -> Joined:
        if answering.password is None:
            raise Invalid("send a password: this address has no account yet")
        require_good_password(answering.password, email=seen.email)
        user = User(
            id=seen.id,
            email=seen.email,
            password_hash=await self.passwords.hash(answering.password),
            first_name=seen.first_name if answering.first_name is None else answering.first_name,
            last_name=seen.last_name if answering.last_name is None else answering.last_name,
            status=UserStatus.ACTIVE,
            email_verified_at=now,
            last_login_at=now,
            created_at=now,
            updated_at=now,
        )
        scope = TenantScope(seen.organization_id, user_id=user.id)
        async with self.transaction(scope):
            await self.users.add(user)
            membership, organization = await self._join(scope, seen, user, now)
            session = await self._session(user, membership, answering.client, now)
        inside = organization if membership.status is MembershipStatus.ACTIVE else None
        signed_in = self.tokens(user, session, now, organization=inside)
        return Joined(membership=membership, organization=organization, signed_in=signed_in)

    async def _session(self, user: User, membership: Membership, client: Client, now: datetime) -> Session:
        active = membership.status is MembershipStatus.ACTIVE
        home = membership.organization_id if active else None
        session = opened(self.ids.new(), user, client, now, organization_id=home)
        await self.sessions.add(session)
        return session

    async def _vouched(self, scope: TenantScope, invitation: Invitation) -> bool:
        """Whether the inviter could still send this invitation: one who was removed or demoted cannot come back through it."""
        if invitation.invited_by is None:
            return True
        try:
            sender = await self.memberships.get(scope, invitation.invited_by)
            require_rank(sender.role, invitation.role)
        except (NotFound, RoleTooHigh):
            return False
        return True

    async def _join(
        self, scope: TenantScope, seen: Invitation, user: User, now: datetime
    ) -> tuple[Membership, Organization]:
        """Inside the transaction: marks the invitation as accepted and creates the membership."""
        invitation = await self.invitations.get(scope, seen.id)
        if invitation.sent != seen.sent or not await self._vouched(scope, invitation):
            raise LinkNotValid
        invitation.accept(user.id, now)
        await self.invitations.save(invitation)
        organization = await self.organizations.get(scope)
        waits = organization.settings.require_approval
        membership = Membership(
            organization_id=scope.organization_id,
            user_id=user.id,
            role=invitation.role,
            status=MembershipStatus.PENDING if waits else MembershipStatus.ACTIVE,
            created_at=now,
            updated_at=now,
        )
        await self.memberships.add(membership)
        event = Event(
            action="invitation.accept",
            resource_type="invitation",
            resource_id=str(invitation.id),
            new={"user_id": str(user.id), "role": membership.role, "status": membership.status},
            actor=Actor(ActorKind.USER, user.id),
        )
        await self.audit.add(scope, event)
        return membership, organization
