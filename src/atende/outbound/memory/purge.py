"""Removing what was deleted long ago from memory."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from atende.core.kernel import Conflict, Owner
from atende.core.tenancy.model import UNDO, MemberSettings, Organization, Project, ProjectStatus
from atende.core.tenancy.ports import Purge
from atende.outbound.memory.conversation import ACCOUNTS, CONVERSATIONS, HANDOFFS, MESSAGES, TURNS
from atende.outbound.memory.identity import INVITATIONS, MEMBERSHIPS
from atende.outbound.memory.inbox import CONTACTS, INBOX
from atende.outbound.memory.jobs import JOBS
from atende.outbound.memory.knowledge import AGENTS, ANSWERS, CHUNKS, DOCUMENTS, MODEL_CALLS, PASSAGES
from atende.outbound.memory.provider_keys import PROVIDER_KEYS
from atende.outbound.memory.row import Row
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import Rows, Table
from atende.outbound.memory.tenancy import FEATURES, ORGANIZATIONS, PROJECTS

_PURGED = "project_purged"
CONTENT: tuple[Table[Any], ...] = (
    MESSAGES,
    HANDOFFS,
    TURNS,
    ANSWERS,
    CONVERSATIONS,
    CONTACTS,
    PASSAGES,
    CHUNKS,
    DOCUMENTS,
    ACCOUNTS,
    AGENTS,
    MODEL_CALLS,
    JOBS,
    FEATURES,
)
_OF_ORGANIZATION: tuple[Table[Any], ...] = (PROVIDER_KEYS, INVITATIONS, MEMBERSHIPS)


class MemoryPurge(Purge):
    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._projects, self._organizations = Rows(store, PROJECTS), Rows(store, ORGANIZATIONS)

    async def projects_due(self, deleted_before: datetime, limit: int) -> list[Owner]:
        due = list[tuple[datetime, Owner]]()
        for row in self._projects.committed():
            since = _deleted_at(row.entity, self._organization(row.entity))
            if since is not None and since < deleted_before and row.entity.id not in self._store.committed(_PURGED):
                due.append((since, row.entity.owner))
        due.sort(key=lambda one: (one[0], one[1].project_id))
        return [owner for _, owner in due[:limit]]

    async def project(self, owner: Owner) -> None:
        async with self._store.system():
            row = self._projects.placed(owner.project_id)
            if row is None or owner.project_id in self._store.read(_PURGED):
                return
            now, organization = self._store.clock.now(), self._organization(row.entity)
            since = _deleted_at(row.entity, organization)
            if since is None or since >= now - UNDO:
                raise Conflict("this project is not due")
            self._remove_content(owner)
            self._projects.update(_bare(row.entity, now))
            self._store.write(_PURGED)[owner.project_id] = now
            if organization.deleted_at is not None and organization.deleted_at < now - UNDO:
                self._remove_people(organization)

    def _organization(self, project: Project) -> Organization:
        row: Row[Organization] = self._store.committed(ORGANIZATIONS.name)[project.organization_id]
        return row.entity

    def _remove_content(self, owner: Owner) -> None:
        numbers = {(account.kind, account.external_id) for account in Rows(self._store, ACCOUNTS).all(owner.scope)}
        Rows(self._store, INBOX).delete(lambda item: (item.source, item.account) in numbers, owner.scope)
        for table in CONTENT:
            Rows(self._store, table).delete(lambda _: True, owner.scope)

    def _remove_people(self, organization: Organization) -> None:
        for table in _OF_ORGANIZATION:
            rows = self._store.write(table.name)
            for key, row in list(rows.items()):
                if row.organization_id == organization.id:
                    for name, rule in table.unique.items():
                        self._store.write(name).pop(rule(row), None)
                    del rows[key]
        bare = replace(organization, name="deleted", logo_url=None, settings=MemberSettings(), custom_limits={})
        self._organizations.update(bare)


def _deleted_at(project: Project, organization: Organization) -> datetime | None:
    return min((at for at in (project.deleted_at, organization.deleted_at) if at is not None), default=None)


def _bare(project: Project, now: datetime) -> Project:
    return replace(
        project,
        name="deleted",
        description="",
        configuration={},
        created_by_user_id=None,
        status=ProjectStatus.DELETED,
        deleted_at=project.deleted_at or now,
    )
