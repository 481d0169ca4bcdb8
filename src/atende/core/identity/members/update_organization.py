"""Updating and restoring an organization."""

from dataclasses import dataclass, replace
from uuid import UUID

from atende.core.audit.model import Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.identity.model import MembershipStatus
from atende.core.identity.permissions import Role
from atende.core.identity.ports import Memberships
from atende.core.kernel import Clock, Invalid, NotFound, TenantScope, Transaction
from atende.core.tenancy.model import Organization, SlugTaken
from atende.core.tenancy.ports import Organizations

SHOWN = ("name", "slug", "logo_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChange:
    """Changes of the settings for members; None leaves a setting as it is."""

    allow_member_invites: bool | None = None
    default_member_role: Role | None = None
    require_approval: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateOrganization:
    """Changes name, slug, logo and settings for invitations; fields that are left out stay. A slug that is taken is refused.

    The tenant ids of the projects do not change with the slug.
    """

    organizations: Organizations
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(
        self,
        scope: TenantScope,
        *,
        name: str | None = None,
        slug: str | None = None,
        logo_url: str | None = None,
        settings: SettingsChange | None = None,
    ) -> Organization:
        settings = settings or SettingsChange()
        if settings.default_member_role is Role.OWNER:
            raise Invalid("owner cannot be the default role: choose another one")
        async with self.transaction(scope):
            organization = await self.organizations.get(scope, lock=True)
            old = _shown(organization)
            changes = {key: value for key, value in snapshot(settings).items() if value is not None}
            organization.describe(
                self.clock.now(),
                name=name,
                slug=slug,
                logo_url=logo_url,
                settings=replace(organization.settings, **changes),
            )
            await self.organizations.save(organization)
            event = Event(
                action="organization.update",
                resource_type="organization",
                resource_id=str(organization.id),
                old=old,
                new=_shown(organization),
            )
            await self.audit.add(scope, event)
        return organization


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreOrganization:
    """Restores an organization within 30 days of its deletion. Only an owner can, and must send a new slug if the old one was
    taken since.
    """

    organizations: Organizations
    memberships: Memberships
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, user_id: UUID, organization_id: UUID, *, slug: str | None = None) -> Organization:
        """Raises SlugTaken, InvalidState, and NotFound unless the user is an owner."""
        try:
            return await self._restore(user_id, organization_id, slug)
        except SlugTaken:
            raise SlugTaken("the slug was taken by another organization: send a new `slug`") from None

    async def _restore(self, user_id: UUID, organization_id: UUID, slug: str | None) -> Organization:
        scope = TenantScope(organization_id, user_id=user_id)
        async with self.transaction(scope):
            membership = await self.memberships.get(scope, user_id)
            if membership.role is not Role.OWNER or membership.status is not MembershipStatus.ACTIVE:
                raise NotFound("no such organization")
            organization = await self.organizations.get(scope, deleted=True, lock=True)
            old = snapshot(organization, "slug", "deleted_at")
            organization.restore(self.clock.now(), slug=slug)
            await self.organizations.save(organization)
            event = Event(
                action="organization.restore",
                resource_type="organization",
                resource_id=str(organization.id),
                old=old,
                new=snapshot(organization, "slug", "deleted_at"),
            )
            await self.audit.add(scope, event)
        return organization


def _shown(organization: Organization) -> dict[str, object]:
    return snapshot(organization, *SHOWN) | {"settings": snapshot(organization.settings)}
