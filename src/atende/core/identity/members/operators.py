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
    """Replaces the permissions of a role in all organizations, within seconds. Owners always keep the permissions that are
    needed to run an organization.
    """

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
    """Replaces all limits that the organization has of its own. They take the place of those of its plan; -1 means no limit, and
    an empty object removes all of them.

    The change appears in the organization's audit log.
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
    """Suspends a user: they cannot sign in, and their sessions end within seconds. After the suspension is lifted they must sign
    in again.
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
    """Lifts the suspension of a user, who can then sign in again."""

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
