"""Making a new customer of ours."""

from dataclasses import dataclass

from atende.core.kernel import Clock, Ids, Scope, Transaction
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

    async def __call__(self, *, name: str, slug: str, language: str = "pt") -> Project:
        now, organization_id = self.clock.now(), self.ids.new()
        payer = BillingAccount(id=self.ids.new(), organization_id=organization_id, name=name, created_at=now)
        project = Project(
            id=self.ids.new(),
            organization_id=organization_id,
            tenant_id=slug,
            billing_account_id=payer.id,
            name=name,
            language=language,
            is_default=True,
            created_at=now,
        )
        async with self.transaction(Scope(organization_id, project.tenant_id)):
            await self.organizations.add(Organization(id=organization_id, name=name, slug=slug, created_at=now), payer)
            await self.projects.add(project)
        return project
