"""Use cases of operators: accounts, limits and roles of the installation. Each call is recorded, also reading."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from atende.core.audit.model import Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.identity.members.roles import sound
from atende.core.identity.model import User
from atende.core.identity.permissions import Permission, Role
from atende.core.identity.ports import Operators, RoleChanges, Sessions, Users
from atende.core.kernel import PLATFORM, Clock, NotAllowed, Page, TenantScope, Transaction, personal
from atende.core.tenancy.model import Organization, suspension_reason
from atende.core.tenancy.plans import sound_limits
from atende.core.tenancy.ports import Organizations, Plans

SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOrganizations:
    """All organizations of the installation with their names and limits, newest first, including deleted ones."""

    operators: Operators
    audit: AuditLog
    transaction: Transaction

    async def __call__(self, *, page: int, limit: int, after: str | None = None) -> Page[Organization]:
        found = await self.operators.organizations(page=page, limit=limit, after=after)
        event = Event(
            action="organization.list", resource_type="platform", resource_id="organizations", new={"page": page}
        )
        async with self.transaction(PLATFORM.scope):
            await self.audit.add(PLATFORM.scope, event)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRole:
    """The permissions of a role, in every organization, within seconds. Owners keep what it takes to run an organization."""

    roles: RoleChanges
    audit: AuditLog
    transaction: Transaction

    async def __call__(self, role: Role, names: Iterable[str]) -> frozenset[Permission]:
        permissions = sound(role, names)
        async with self.transaction(PLATFORM.scope):
            before = await self.roles.replace(role, permissions)
            event = Event(
                action="role.change",
                resource_type="role",
                resource_id=str(role),
                old={"permissions": sorted(before)},
                new={"permissions": sorted(permissions)},
            )
            await self.audit.add(PLATFORM.scope, event)
        return permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLimits:
    """Limits of an organization's own go before those of its plan; the whole set is replaced, an empty one takes all away.

    -1 means no cap. The organization finds the change in its own records.
    """

    organizations: Organizations
    plans: Plans
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, organization_id: UUID, limits: Mapping[str, Any]) -> Organization:
        wanted = sound_limits(limits, await self.plans.all())
        scope = TenantScope(organization_id)
        async with self.transaction(scope):
            organization = await self.organizations.get(scope, lock=True)
            old = snapshot(organization, "custom_limits")
            organization.custom_limits, organization.updated_at = wanted, self.clock.now()
            await self.organizations.save(organization)
            event = Event(
                action="organization.set_limits",
                resource_type="organization",
                resource_id=str(organization.id),
                old=old,
                new=snapshot(organization, "custom_limits"),
            )
            await self.audit.add(scope, event)
        return organization


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendUser:
    """A suspended person cannot sign in, and whatever they are signed in with dies within seconds, for good.

    Lifting ends it: they sign in anew.
    """

    users: Users
    sessions: Sessions
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, user_id: UUID, *, by: UUID | None, reason: str) -> User:
        if user_id == by:
            raise NotAllowed("you cannot suspend yourself: ask another operator")
        reason = suspension_reason(reason)
        scope, now = personal(user_id), self.clock.now()
        async with self.transaction(scope):
            user = await self.users.get(scope, user_id)
            old = snapshot(user, "status")
            user.suspend(now)
            await self.users.save(user)
            await self.sessions.revoke_all(scope, now, SUSPENDED)
            await self.audit.add(scope, _of_user("user.suspend", user, old, reason))
        return user


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftUser:
    """The end of a suspension: the person can sign in again."""

    users: Users
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, user_id: UUID) -> User:
        scope = personal(user_id)
        async with self.transaction(scope):
            user = await self.users.get(scope, user_id)
            old = snapshot(user, "status")
            user.lift(self.clock.now())
            await self.users.save(user)
            await self.audit.add(scope, _of_user("user.lift", user, old))
        return user


def _of_user(action: str, user: User, old: dict[str, Any], reason: str = "") -> Event:
    return Event(
        action=action,
        resource_type="user",
        resource_id=str(user.id),
        description=reason,
        old=old,
        new=snapshot(user, "status"),
    )
