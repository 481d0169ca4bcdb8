"""Making a new customer of ours."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.kernel import Clock, Ids, TenantScope, Transaction
from atende.core.tenancy.model import BillingAccount, Organization, Project
from atende.core.tenancy.ports import Organizations, Projects


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOrganization:
    """A new organization starts with one payer and one default project, in one step, without waiting for any provider."""

    organizations: Organizations
    projects: Projects
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(self, *, name: str, slug: str, language: str = "pt", user_id: UUID | None = None) -> Project:
        scope = TenantScope(self.ids.new(), slug, user_id)
        async with self.transaction(scope):
            return await self.within(scope, name=name, language=language)

    async def within(
        self, scope: TenantScope, *, name: str, slug: str | None = None, language: str = "pt", email: str | None = None
    ) -> Project:
        """Inside an open transaction, whose scope says the new organization's id, who founds it, and the tenant id of its first
        project, which is its slug too unless one is given. Raises SlugTaken.
        """
        now, organization_id = self.clock.now(), scope.organization_id
        slug = scope.tenant_id if slug is None else slug
        organization = Organization(id=organization_id, name=name, slug=slug, created_at=now)
        payer = BillingAccount(
            id=self.ids.new(),
            organization_id=organization_id,
            name=name,
            created_at=now,
            user_id=scope.user_id,
            billing_email=email,
        )
        project = Project(
            id=self.ids.new(),
            organization_id=organization_id,
            tenant_id=scope.tenant_id,
            billing_account_id=payer.id,
            name=name,
            language=language,
            is_default=True,
            created_at=now,
            created_by_user_id=scope.user_id,
        )
        await self.organizations.add(organization, payer)
        await self.projects.add(project)
        return project
