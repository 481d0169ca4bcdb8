"""Changing, approving and removing members of an organization."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.audit.model import Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.identity.members.roles import require_other_owner, require_rank
from atende.core.identity.model import Member, Membership, MembershipStatus, UserStatus
from atende.core.identity.permissions import Permission, Role
from atende.core.identity.ports import ApiKeys, Memberships
from atende.core.identity.principal import Principal
from atende.core.kernel import Clock, NotAllowed, NotFound, Transaction

_IN_USE = {UserStatus.PENDING_VERIFICATION, UserStatus.ACTIVE}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMember:
    """Gives a member another role. Nobody can give a role above their own or change somebody above them, and one owner always
    remains.
    """

    memberships: Memberships
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, by: Principal, user_id: UUID, role: Role) -> Member:
        scope = by.scope
        async with self.transaction(scope):
            owners = await self.memberships.owners(scope)
            mine = await own_role(self.memberships, by)
            membership = await self.memberships.get(scope, user_id)
            require_rank(mine, membership.role, role)
            if membership.role is Role.OWNER and role is not Role.OWNER:
                require_other_owner(owners, user_id)
            old = snapshot(membership, "role")
            membership.change_role(role, self.clock.now())
            await self.memberships.save(membership)
            await self.audit.add(scope, of_member("member.change_role", membership, old=old))
            return await self.memberships.member(scope, user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveMember:
    """Approves a pending member. Only admins and owners can, and only organizations that require approval have pending members."""

    memberships: Memberships
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, by: Principal, user_id: UUID) -> Member:
        scope = by.scope
        async with self.transaction(scope):
            await self.memberships.owners(scope)
            membership = await self.memberships.get(scope, user_id)
            require_rank(await own_role(self.memberships, by), membership.role)
            old = snapshot(membership, "status")
            membership.approve(self.clock.now())
            await self.memberships.save(membership)
            await self.audit.add(scope, of_member("member.approve", membership, old=old))
            return await self.memberships.member(scope, user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMember:
    """Removes a member, or lets a member leave. Only members with the same role or a higher one can remove somebody.

    The API keys that the member created in the organization stop working; the account itself stays. Pending members can leave
    too. The last owner cannot leave.
    """

    memberships: Memberships
    keys: ApiKeys
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, by: Principal, user_id: UUID) -> None:
        scope = by.scope
        async with self.transaction(scope):
            owners = await self.memberships.owners(scope)
            membership = await self.memberships.get(scope, user_id)
            if user_id != by.user_id:
                by.require(Permission.MEMBERS_DELETE)
                require_rank(await own_role(self.memberships, by), membership.role)
            if membership.role is Role.OWNER and user_id in owners:
                require_other_owner(owners, user_id)
            await self.memberships.remove(scope, user_id)
            revoked = await self.keys.revoke_made_by(scope, user_id, self.clock.now())
            action = "member.leave" if user_id == by.user_id else "member.remove"
            event = Event(
                action=action,
                resource_type="member",
                resource_id=str(user_id),
                old=snapshot(membership, "role", "status"),
                description=f"{revoked} API keys revoked",
            )
            await self.audit.add(scope, event)


async def own_role(memberships: Memberships, by: Principal) -> Role:
    """The caller's role in the database, because `by` may be cached. Raises NotFound; NotAllowed for an API key."""
    if by.user_id is None:
        raise NotAllowed("API keys cannot manage members: sign in as a user")
    return (await memberships.get(by.scope, by.user_id)).role


async def require_still(memberships: Memberships, by: Principal) -> None:
    """Checks the caller's membership in the database before something is created that outlives their token, such as an API key.

    Locks the organization, so that nobody is removed or given a lower role before the transaction ends. Raises NotAllowed.
    """
    if by.user_id is None or by.role is None:
        return
    await memberships.owners(by.scope)
    try:
        now = await memberships.member(by.scope, by.user_id)
    except NotFound:
        raise NotAllowed("you are not a member of this organization any more") from None
    order = list(Role)
    lower = order.index(now.role) > order.index(by.role)
    if lower or now.status is not MembershipStatus.ACTIVE or now.user_status not in _IN_USE:
        raise NotAllowed("your role has changed: sign in again")


def of_member(action: str, membership: Membership, *, old: dict[str, object]) -> Event:
    return Event(
        action=action,
        resource_type="member",
        resource_id=str(membership.user_id),
        old=old,
        new=snapshot(membership, *old),
    )
