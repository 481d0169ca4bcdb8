"""Payers in memory."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from atende.core.kernel import PLATFORM, NotFound, TenantScope
from atende.core.tenancy.model import BillingAccount, Project, ProjectStatus
from atende.core.tenancy.ports import BillingAccounts
from atende.outbound.memory.row import Row
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import Rows
from atende.outbound.memory.tenancy import PAYERS, PROJECTS


class MemoryBillingAccounts(BillingAccounts):
    def __init__(self, store: MemoryStore) -> None:
        self._store, self._payers = store, Rows(store, PAYERS)

    async def home(self, account_id: UUID) -> UUID:
        async with self._store.system():
            found = self._payers.get(account_id)
        if found is None or found.organization_id == PLATFORM.organization_id:
            raise NotFound("no such billing account")
        return found.organization_id

    async def get(self, scope: TenantScope, account_id: UUID) -> BillingAccount:
        found = self._payers.get(account_id, scope)
        if found is None:
            raise NotFound("no such billing account")
        return found

    async def save(self, account: BillingAccount) -> None:
        if not self._payers.update(account):
            raise NotFound("no such billing account")

    async def rest_projects(self, scope: TenantScope, account_id: UUID, *, rest: bool, now: datetime) -> int:
        """Across tenants, as the named function of the database does it: past the wall, for the status alone."""
        ours, moved = self._store.scope, 0
        rows: dict[UUID, Row[Project]] = self._store.write(PROJECTS.name)
        for id_, row in list(rows.items()):
            project = row.entity
            mine = project.billing_account_id == account_id and ours is not None
            if not mine or ours is None or row.organization_id != ours.organization_id:
                continue
            status = _moved(project.status, rest=rest)
            if status is not None:
                rows[id_] = replace(row, entity=replace(project, status=status, updated_at=now))
                moved += 1
        self._store.wake()
        return moved


def _moved(status: ProjectStatus, *, rest: bool) -> ProjectStatus | None:
    if rest:
        return ProjectStatus.SUSPENDED if status in {ProjectStatus.ACTIVE, ProjectStatus.INACTIVE} else None
    return ProjectStatus.ACTIVE if status is ProjectStatus.SUSPENDED else None
