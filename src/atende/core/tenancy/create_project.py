"""Creating a project in an organization."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from atende.core.audit.model import Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.kernel import Clock, Ids, TenantScope, Transaction
from atende.core.tenancy.model import Project, SlugTaken
from atende.core.tenancy.names import free_name, spellings
from atende.core.tenancy.plans import PROJECTS
from atende.core.tenancy.ports import BillingAccounts, Entitlements, Organizations, Projects, TenantNames


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProject:
    """Input for a project. Without a `tenant_id`, one is made from the names of organization and project."""

    name: str
    tenant_id: str | None = None
    description: str = ""
    language: str = "pt"
    session_timeout_seconds: int = 1_800
    configuration: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProject:
    """Creates a project with its own conversations, documents and agents. The organization's billing account pays for it.

    Its tenant id is readable, unique and never changes. The plan limits the number of projects (`max_projects`).
    """

    projects: Projects
    organizations: Organizations
    accounts: BillingAccounts
    names: TenantNames
    entitlements: Entitlements
    audit: AuditLog
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(self, scope: TenantScope, new: NewProject, *, made_by: UUID | None = None) -> Project:
        """`made_by`: the user who created the calling API key; without it, the user of the scope."""
        whole, maker = TenantScope(scope.organization_id, user_id=scope.user_id), made_by or scope.user_id
        async with self.transaction(whole):
            organization = await self.organizations.get(whole)
            first = await self.projects.get(whole)
        if new.tenant_id is not None:
            return await self._make(whole, new, tenant_id=new.tenant_id, like=first, maker=maker)
        wanted = f"{organization.slug[:24]} {new.name}"
        try:
            return await self._make(whole, new, tenant_id=await self._free(wanted), like=first, maker=maker)
        except SlugTaken:  # somebody took it meanwhile: use a spelling that is never taken
            marked = spellings(wanted, self.ids.new())[-1]
            return await self._make(whole, new, tenant_id=marked, like=first, maker=maker)

    async def _free(self, wanted: str) -> str:
        return await free_name(self.names, wanted, self.ids.new())

    async def _make(
        self, scope: TenantScope, new: NewProject, *, tenant_id: str, like: Project, maker: UUID | None
    ) -> Project:
        project = Project(
            id=self.ids.new(),
            organization_id=scope.organization_id,
            tenant_id=tenant_id,
            billing_account_id=like.billing_account_id,
            name=new.name,
            created_at=self.clock.now(),
            created_by_user_id=maker,
            description=new.description,
            configuration=new.configuration,
            language=new.language,
            session_timeout_seconds=new.session_timeout_seconds,
        )
        allowance = await self.entitlements.of(scope.organization_id)
        within = TenantScope(scope.organization_id, tenant_id, scope.user_id)
        async with self.transaction(within):
            allowance.require_room(PROJECTS, await self.projects.count(within))
            (await self.accounts.get(within, project.billing_account_id)).require_good()
            await self.projects.add(project)
            await self.audit.add(
                within,
                Event(
                    action="project.create",
                    resource_type="project",
                    resource_id=str(project.id),
                    new=snapshot(project, "name", "tenant_id", "language", "session_timeout_seconds"),
                ),
            )
        return project
