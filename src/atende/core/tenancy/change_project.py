"""Changing a project: its settings, its configuration, its status."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from atende.core.audit.model import Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.kernel import Clock, TenantScope, Transaction
from atende.core.tenancy.model import Project, ProjectStatus
from atende.core.tenancy.plans import PROJECTS
from atende.core.tenancy.ports import BillingAccounts, Entitlements, Projects

SHOWN = ("name", "description", "language", "session_timeout_seconds", "status", "is_default")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeProject:
    """Changes the project of a tenant and writes the audit record, in one transaction. The use cases below share it."""

    projects: Projects
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(
        self, scope: TenantScope, action: str, change: Callable[[Project], None], *, shown: tuple[str, ...] = SHOWN
    ) -> Project:
        async with self.transaction(scope):
            project = await self.projects.get(scope, deleted=True, lock=True)
            old = snapshot(project, *shown)
            change(project)
            await self.projects.save(project)
            await self.audit.add(scope, changed(action, project, old, shown))
        return project


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateProject:
    """Changes name, description, language and session timeout of a project; fields that are left out stay. The tenant id never
    changes.
    """

    change: ChangeProject
    clock: Clock

    async def __call__(
        self,
        scope: TenantScope,
        *,
        name: str | None = None,
        description: str | None = None,
        language: str | None = None,
        session_timeout_seconds: int | None = None,
    ) -> Project:
        now = self.clock.now()
        return await self.change(
            scope,
            "project.update",
            lambda project: project.describe(
                now,
                name=name,
                description=description,
                language=language,
                session_timeout_seconds=session_timeout_seconds,
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigureProject:
    """Replaces the whole configuration of a project. Its content is up to you, at most 64 KB of JSON."""

    change: ChangeProject
    clock: Clock

    async def __call__(self, scope: TenantScope, configuration: dict[str, Any]) -> Project:
        now = self.clock.now()
        return await self.change(
            scope, "project.configure", lambda project: project.configure(configuration, now), shown=("configuration",)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchProject:
    """Activates or deactivates a project. An inactive one can be read, but sends nothing and runs no jobs. The status of a
    suspended or deleted project cannot be set.
    """

    change: ChangeProject
    clock: Clock

    async def __call__(self, scope: TenantScope, *, on: bool) -> Project:
        now = self.clock.now()
        action = "project.activate" if on else "project.deactivate"
        return await self.change(scope, action, lambda project: project.switch(now, on=on))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteProject:
    """Closes a project at once. It can be restored for 30 days; after that its content is removed. The default project cannot be
    deleted.
    """

    change: ChangeProject
    clock: Clock

    async def __call__(self, scope: TenantScope) -> Project:
        now = self.clock.now()
        return await self.change(scope, "project.delete", lambda project: project.delete(now))


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreProject:
    """Restores a project within 30 days of its deletion, if the plan has room for it. It is active then."""

    projects: Projects
    accounts: BillingAccounts
    entitlements: Entitlements
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, scope: TenantScope) -> Project:
        allowance = await self.entitlements.of(scope.organization_id)
        async with self.transaction(scope):
            live = await self.projects.count(scope)
            project = await self.projects.get(scope, deleted=True, lock=True)
            old = snapshot(project, *SHOWN)
            gone = project.status is ProjectStatus.DELETED
            project.restore(self.clock.now())
            if gone:
                (await self.accounts.get(scope, project.billing_account_id)).require_good()
                allowance.require_room(PROJECTS, live)
            await self.projects.save(project)
            await self.audit.add(scope, changed("project.restore", project, old, SHOWN))
        return project


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeDefaultProject:
    """Makes this the project for calls that name none. An organization has exactly one default project."""

    projects: Projects
    audit: AuditLog
    transaction: Transaction

    async def __call__(self, scope: TenantScope) -> Project:
        async with self.transaction(scope):
            project = await self.projects.get(scope)
            old = snapshot(project, *SHOWN)
            project.require_open()
            await self.projects.make_default(scope, project)
            project = await self.projects.get(scope)
            await self.audit.add(scope, changed("project.make_default", project, old, SHOWN))
        return project


def changed(action: str, project: Project, old: dict[str, Any], shown: tuple[str, ...]) -> Event:
    """The audit record of a change."""
    return Event(
        action=action,
        resource_type="project",
        resource_id=str(project.id),
        old=old,
        new=snapshot(project, *shown),
    )
