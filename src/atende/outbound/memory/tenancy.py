"""Organizations, payers, projects and their switches in memory."""

from dataclasses import replace
from uuid import UUID

from atende.core.kernel import ALL_TENANTS, PLATFORM, NotFound, Owner, Page, TenantScope
from atende.core.tenancy.model import BillingAccount, Feature, Organization, Project, ProjectStatus, SlugTaken
from atende.core.tenancy.ports import Features, Organizations, Projects
from atende.outbound.keyset import after_id
from atende.outbound.memory.row import Row
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import OF_PROJECT, PROJECT_TENANT, Rows, Table, copied

_LIVE_SLUG, _TENANT_ID, _DEFAULT = "organization_slug_live", "project_tenant_id_key", "project_default"
ORGANIZATIONS = Table[Organization](
    name="organization",
    unique={_LIVE_SLUG: lambda row: row.entity.slug if row.entity.deleted_at is None else None},
    errors={_LIVE_SLUG: SlugTaken},
)
PAYERS = Table[BillingAccount](name="billing_account", parents={"organization": lambda row: row.organization_id})
PROJECTS = Table[Project](
    name="project",
    unique={
        PROJECT_TENANT: lambda row: (row.organization_id, row.tenant_id),
        _TENANT_ID: lambda row: row.tenant_id,
        _DEFAULT: lambda row: row.organization_id if row.entity.is_default else None,
    },
    parents={"billing_account": lambda row: row.entity.billing_account_id},
    errors={_TENANT_ID: SlugTaken},
)
FEATURES = Table[Feature](
    name="feature",
    key=lambda feature: (feature.owner.organization_id, feature.owner.tenant_id, feature.key),
    parents=OF_PROJECT,
)


class MemoryOrganizations(Organizations):
    def __init__(self, store: MemoryStore) -> None:
        self._store, self._organizations, self._payers = store, Rows(store, ORGANIZATIONS), Rows(store, PAYERS)

    async def add(self, organization: Organization, payer: BillingAccount) -> None:
        self._organizations.insert(organization, at=organization.id)
        self._payers.insert(payer, at=payer.organization_id)

    async def get(self, scope: TenantScope, *, deleted: bool = False, lock: bool = False) -> Organization:
        found = self._organizations.get(scope.organization_id)
        if found is None or not (deleted or found.deleted_at is None):
            raise NotFound("no such organization")
        return found

    async def save(self, organization: Organization) -> None:
        old = self._organizations.get(organization.id)
        if old is None or not self._organizations.update(replace(organization, created_at=old.created_at)):
            raise NotFound("no such organization")
        self._store.wake()


class MemoryProjects(Projects):
    def __init__(self, store: MemoryStore) -> None:
        self._store, self._projects = store, Rows(store, PROJECTS)

    async def add(self, project: Project) -> None:
        self._projects.insert(project, at=project.owner)

    async def get(
        self, scope: TenantScope, project_id: UUID | None = None, *, deleted: bool = False, lock: bool = False
    ) -> Project:
        wanted = self._within(scope, deleted=deleted)
        found = [project for project in wanted if _is_wanted(project, scope, project_id)]
        if not found:
            raise NotFound("no such project")
        return found[0]

    async def pinned(self, scope: TenantScope) -> Project:
        found = self._projects.all(scope, lambda project: project.tenant_id == scope.tenant_id)
        if not found:
            raise NotFound("no such project")
        organization: Row[Organization] = self._store.read(ORGANIZATIONS.name)[scope.organization_id]
        return found[0] if organization.entity.deleted_at is None else replace(found[0], status=ProjectStatus.DELETED)

    async def save(self, project: Project) -> None:
        old = self._projects.get(project.id, project.owner.scope)
        if old is None:
            raise NotFound("no such project")
        saved = replace(
            project,
            billing_account_id=old.billing_account_id,
            is_default=old.is_default,
            created_at=old.created_at,
            created_by_user_id=old.created_by_user_id,
        )
        self._projects.update(saved)
        self._store.wake()

    async def page(
        self, scope: TenantScope, *, page: int, limit: int, after: str | None = None, deleted: bool = False
    ) -> Page[Project]:
        wanted = sorted(self._within(scope, deleted=deleted), key=lambda project: project.id)
        rest = wanted[(page - 1) * limit :]
        if after is not None:
            behind = after_id(after)
            rest = [project for project in wanted if project.id > behind]
        data = rest[:limit]
        return Page(data, page, limit, len(wanted), str(data[-1].id) if len(rest) > limit and data else None)

    async def count(self, scope: TenantScope) -> int:
        return sum(project.deleted_at is None for project in self._siblings())

    async def make_default(self, scope: TenantScope, project: Project) -> None:
        """Across tenants, as the named function of the database does it: past the wall, for this one column."""
        live = {one.id for one in self._siblings() if one.deleted_at is None}
        if project.id not in live:
            raise NotFound("no such project")
        rows = self._store.write(PROJECTS.name)
        for sibling in self._siblings():
            rows[sibling.id] = replace(rows[sibling.id], entity=replace(sibling, is_default=sibling.id == project.id))
        self._store.write(_DEFAULT)[project.organization_id] = project.id

    def _siblings(self) -> list[Project]:
        """All projects of the transaction's organization."""
        scope, rows = self._store.scope, self._store.read(PROJECTS.name).values()
        return [row.entity for row in rows if scope is not None and row.organization_id == scope.organization_id]

    def _within(self, scope: TenantScope, *, deleted: bool) -> list[Project]:
        if scope.user_id is not None and scope.organization_id == PLATFORM.organization_id:
            found = self._of_person()
        else:
            found = self._projects.all(scope)
        return [project for project in found if deleted or project.deleted_at is None]

    def _of_person(self) -> list[Project]:
        ours = self._store.scope
        theirs = {
            row.entity.organization_id
            for row in self._store.read("membership").values()
            if ours is not None and row.entity.user_id == ours.user_id and row.entity.status == "active"
        }
        organizations: dict[UUID, Row[Organization]] = self._store.read(ORGANIZATIONS.name)
        live = {id_ for id_ in theirs if organizations[id_].entity.deleted_at is None}
        rows: list[Row[Project]] = list(self._store.read(PROJECTS.name).values())
        return [copied(row.entity) for row in rows if row.organization_id in live]


def rests(store: MemoryStore, scope: TenantScope) -> bool:
    """Whether a project is switched off, suspended or deleted, or its organization deleted: as everybody sees it."""
    id_: UUID = store.committed(_TENANT_ID)[scope.tenant_id]
    project: Row[Project] = store.committed(PROJECTS.name)[id_]
    organization: Row[Organization] = store.committed(ORGANIZATIONS.name)[scope.organization_id]
    return project.entity.status is not ProjectStatus.ACTIVE or organization.entity.deleted_at is not None


def _is_wanted(project: Project, scope: TenantScope, project_id: UUID | None) -> bool:
    if project_id is not None:
        return project.id == project_id
    return project.is_default if scope.tenant_id == ALL_TENANTS else True


class MemoryFeatures(Features):
    def __init__(self, store: MemoryStore) -> None:
        self._features = Rows(store, FEATURES)

    async def all(self, scope: TenantScope) -> list[Feature]:
        found = self._features.all(scope, lambda feature: feature.owner.tenant_id == scope.tenant_id)
        return sorted(found, key=lambda feature: feature.key)

    async def put(self, feature: Feature) -> None:
        self._features.upsert(feature, at=feature.owner)

    async def remove(self, owner: Owner, key: str) -> None:
        wanted = (owner.organization_id, owner.tenant_id, key)
        if self._features.get(wanted, owner.scope) is None:
            raise NotFound("no such feature")
        self._features.delete(lambda feature: FEATURES.key(feature) == wanted, owner.scope)
