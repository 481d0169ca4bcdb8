"""Creating an organization that belongs to the caller."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.audit.model import Event
from atende.core.audit.ports import AuditLog
from atende.core.identity.model import Membership
from atende.core.identity.permissions import Role
from atende.core.identity.ports import Memberships
from atende.core.kernel import Clock, Ids, TenantScope, Transaction
from atende.core.tenancy.found_organization import FoundOrganization
from atende.core.tenancy.model import Organization, SlugTaken
from atende.core.tenancy.names import free_name, spellings
from atende.core.tenancy.ports import Organizations, TenantNames


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOrganization:
    """Creates an organization that belongs to the caller. It starts on the free plan with one project and one billing account.

    Without a slug, one is made from the name. A slug that is taken is refused.
    """

    found: FoundOrganization
    organizations: Organizations
    memberships: Memberships
    names: TenantNames
    audit: AuditLog
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(
        self, user_id: UUID, *, name: str, slug: str | None = None, language: str = "pt"
    ) -> Organization:
        wanted = name if slug is None else slug
        free = await free_name(self.names, wanted, self.ids.new())
        try:
            return await self._make(user_id, name=name, slug=slug or free, tenant_id=free, language=language)
        except SlugTaken:  # somebody took it meanwhile
            if slug is not None:
                raise
            marked = spellings(wanted, self.ids.new())[-1]
            return await self._make(user_id, name=name, slug=marked, tenant_id=marked, language=language)

    async def _make(self, user_id: UUID, *, name: str, slug: str, tenant_id: str, language: str) -> Organization:
        now, scope = self.clock.now(), TenantScope(self.ids.new(), tenant_id, user_id)
        async with self.transaction(scope):
            await self.found.within(scope, name=name, slug=slug, language=language)
            await self.memberships.add(
                Membership(
                    organization_id=scope.organization_id,
                    user_id=user_id,
                    role=Role.OWNER,
                    created_at=now,
                    updated_at=now,
                )
            )
            organization = await self.organizations.get(scope)
            await self.audit.add(
                scope,
                Event(
                    action="organization.create",
                    resource_type="organization",
                    resource_id=str(organization.id),
                    new={"name": name, "slug": slug},
                ),
            )
        return organization
