"""Creating an organization."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

from atende.core.kernel import Clock, Ids, TenantScope, Transaction
from atende.core.tenancy.model import BillingAccount, Organization, Project
from atende.core.tenancy.ports import Organizations, Projects

Limits: TypeAlias = Mapping[str, Any]
NO_LIMITS: Limits = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOrganization:
    """Creates an organization with one billing account and one default project, in one transaction, without any provider call."""

    organizations: Organizations
    projects: Projects
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(
        self, *, name: str, slug: str, language: str = "pt", custom_limits: Limits = NO_LIMITS
    ) -> Project:
        scope = TenantScope(self.ids.new(), slug)
        async with self.transaction(scope):
            return await self.within(scope, name=name, language=language, custom_limits=custom_limits)

    async def within(
        self,
        scope: TenantScope,
        *,
        name: str,
        slug: str | None = None,
        language: str = "pt",
        email: str | None = None,
        custom_limits: Limits = NO_LIMITS,
    ) -> Project:
        """Inside an open transaction. Its scope has the id of the new organization, the user who creates it, and the tenant id of
        its first project; without `slug`, the tenant id is the slug too. Raises SlugTaken.
        """
        now, organization_id = self.clock.now(), scope.organization_id
        slug = scope.tenant_id if slug is None else slug
        organization = Organization(
            id=organization_id, name=name, slug=slug, created_at=now, custom_limits=dict(custom_limits)
        )
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
