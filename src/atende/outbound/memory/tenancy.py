"""Organizations, payers and projects in memory."""

from uuid import UUID

from atende.core.kernel import ALL_TENANTS, NotFound, Scope
from atende.core.tenancy.model import BillingAccount, Organization, Project
from atende.core.tenancy.ports import Organizations, Projects
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import PROJECT_TENANT, Rows, Table

ORGANIZATIONS = Table[Organization](name="organization", unique={"organization_slug_live": lambda row: row.entity.slug})
PAYERS = Table[BillingAccount](name="billing_account", parents={"organization": lambda row: row.organization_id})
PROJECTS = Table[Project](
    name="project",
    unique={
        PROJECT_TENANT: lambda row: (row.organization_id, row.tenant_id),
        "project_tenant_id_key": lambda row: row.tenant_id,
        "project_default": lambda row: row.organization_id if row.entity.is_default else None,
    },
    parents={"billing_account": lambda row: row.entity.billing_account_id},
)


class MemoryOrganizations(Organizations):
    def __init__(self, store: MemoryStore) -> None:
        self._organizations, self._payers = Rows(store, ORGANIZATIONS), Rows(store, PAYERS)

    async def add(self, organization: Organization, payer: BillingAccount) -> None:
        self._organizations.insert(organization, at=organization.id)
        self._payers.insert(payer, at=payer.organization_id)

    async def get(self, scope: Scope) -> Organization:
        found = self._organizations.get(scope.organization_id)
        if found is None:
            raise NotFound("no such organization")
        return found


class MemoryProjects(Projects):
    def __init__(self, store: MemoryStore) -> None:
        self._projects = Rows(store, PROJECTS)

    async def add(self, project: Project) -> None:
        self._projects.insert(project, at=project.owner)

    async def get(self, scope: Scope, project_id: UUID | None = None) -> Project:
        found = self._projects.all(scope, lambda project: _is_wanted(project, scope, project_id))
        if not found:
            raise NotFound("no such project")
        return found[0]


def _is_wanted(project: Project, scope: Scope, project_id: UUID | None) -> bool:
    if project_id is not None:
        return project.id == project_id
    return project.is_default if scope.tenant_id == ALL_TENANTS else True
