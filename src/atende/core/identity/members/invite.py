"""Inviting people to an organization."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from atende.core.audit.model import Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.identity.members.change_member import own_role
from atende.core.identity.members.roles import require_rank
from atende.core.identity.members.seats import SeatPolicy, seats_taken
from atende.core.identity.model import INVITATION_LIFE, Invitation, NotVerified
from atende.core.identity.names import clean_email
from atende.core.identity.permissions import Role
from atende.core.identity.ports import Invitations, Memberships, Users
from atende.core.identity.principal import Principal
from atende.core.kernel import Clock, Conflict, Ids, NotAllowed, TenantScope, Transaction
from atende.core.mail.model import MAIL
from atende.core.tenancy.model import Organization
from atende.core.tenancy.plans import Allowance
from atende.core.tenancy.ports import Entitlements, Organizations, Projects
from atende.core.work.model import NewJob
from atende.core.work.ports import Jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRules:
    """Checks and steps that inviting and sending again share."""

    organizations: Organizations
    projects: Projects
    users: Users
    memberships: Memberships
    invitations: Invitations
    entitlements: Entitlements
    seats: SeatPolicy
    jobs: Jobs
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def room(self, by: Principal) -> tuple[TenantScope, Allowance]:
        """The scope of the change, which can queue jobs, and the limits of the plan. Raises NotVerified."""
        async with self.transaction(by.scope):
            if not by.is_verified and not await self._confirmed_since(by):
                raise NotVerified
            tenant_id = (await self.projects.get(by.scope)).tenant_id
        return TenantScope(by.organization_id, tenant_id, by.user_id), await self.entitlements.of(by.organization_id)

    async def _confirmed_since(self, by: Principal) -> bool:
        """Whether the caller has confirmed their address after `by` was cached, which may have been seconds ago."""
        return by.user_id is not None and (await self.users.get(by.scope, by.user_id)).email_verified_at is not None

    async def may_invite(self, by: Principal, scope: TenantScope) -> tuple[Role, Organization]:
        """Locks the organization, so that seats are counted one at a time. Raises NotAllowed if only owners can invite."""
        await self.memberships.owners(scope)
        organization = await self.organizations.get(scope)
        role = await own_role(self.memberships, by)
        if role is not Role.OWNER and not organization.settings.allow_member_invites:
            raise NotAllowed("in this organization only owners can invite: ask an owner")
        return role, organization

    async def require_seat(self, scope: TenantScope, allowance: Allowance, now: datetime) -> None:
        """Raises PlanLimitReached."""
        self.seats.require_seat(allowance, await seats_taken(self.memberships, self.invitations, scope, now))

    async def post(self, scope: TenantScope, invitation: Invitation, action: str) -> None:
        """Queues the mail and writes the audit record."""
        payload = {"kind": "invitation", "id": str(invitation.id), "sent": str(invitation.sent)}
        await self.jobs.put(TenantScope(scope.organization_id, scope.tenant_id), NewJob(kind=MAIL, payload=payload))
        event = Event(
            action=action,
            resource_type="invitation",
            resource_id=str(invitation.id),
            new=snapshot(invitation, "email", "role", "sent"),
        )
        await self.audit.add(scope, event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """Sends a link by mail with which somebody can join the organization, valid for seven days. The response does not reveal
    whether they have an account already.

    Your own address must be confirmed, and you cannot give a role above your own. Without a role, the organization's default
    is used. Members and open invitations count towards the plan's limit of members.
    """

    rules: InvitationRules
    clock: Clock
    ids: Ids

    async def __call__(
        self, by: Principal, *, email: str, role: Role | None = None, first_name: str = "", last_name: str = ""
    ) -> Invitation:
        email, now, rules = clean_email(email), self.clock.now(), self.rules
        scope, allowance = await rules.room(by)
        async with rules.transaction(scope):
            mine, organization = await rules.may_invite(by, scope)
            given = role or Role(organization.settings.default_member_role)
            require_rank(mine, given)
            await self._require_new(scope, email, now)
            await rules.require_seat(scope, allowance, now)
            invitation = Invitation(
                id=self.ids.new(),
                organization_id=scope.organization_id,
                email=email,
                role=given,
                invited_by=by.user_id,
                created_at=now,
                expires_at=now + INVITATION_LIFE,
                first_name=first_name,
                last_name=last_name,
            )
            await rules.invitations.add(invitation)
            await rules.post(scope, invitation, "invitation.create")
        return invitation

    async def _require_new(self, scope: TenantScope, email: str, now: datetime) -> None:
        """Raises Conflict if the address belongs to a member or is invited already; revokes an expired invitation."""
        if await self.rules.memberships.with_email(scope, email) is not None:
            raise Conflict("this address belongs to a member already")
        earlier = await self.rules.invitations.open_for(scope, email)
        if earlier is None:
            return
        if earlier.is_open(now):
            raise Conflict("this address is invited already: send the invitation again", invitation_id=str(earlier.id))
        earlier.revoke()
        await self.rules.invitations.save(earlier)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendInvitation:
    """Sends an invitation again, in your name and for another seven days. The earlier link stops working."""

    rules: InvitationRules
    clock: Clock

    async def __call__(self, by: Principal, invitation_id: UUID) -> Invitation:
        now, rules = self.clock.now(), self.rules
        scope, allowance = await rules.room(by)
        async with rules.transaction(scope):
            mine, _ = await rules.may_invite(by, scope)
            invitation = await rules.invitations.get(scope, invitation_id)
            require_rank(mine, invitation.role)
            if not invitation.is_open(now):
                await rules.require_seat(scope, allowance, now)
            invitation.send_again(now, by=by.user_id)
            await rules.invitations.save(invitation)
            await rules.post(scope, invitation, "invitation.send")
        return invitation


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeInvitation:
    """Revokes an open invitation: its link stops working. To undo an accepted invitation, remove the member."""

    memberships: Memberships
    invitations: Invitations
    audit: AuditLog
    transaction: Transaction

    async def __call__(self, by: Principal, invitation_id: UUID) -> None:
        scope = by.scope
        async with self.transaction(scope):
            invitation = await self.invitations.get(scope, invitation_id)
            require_rank(await own_role(self.memberships, by), invitation.role)
            old = snapshot(invitation, "email", "role", "status")
            invitation.revoke()
            await self.invitations.save(invitation)
            event = Event(
                action="invitation.revoke",
                resource_type="invitation",
                resource_id=str(invitation.id),
                old=old,
                new=snapshot(invitation, "status"),
            )
            await self.audit.add(scope, event)
