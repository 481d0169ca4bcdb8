"""Feature switches of a project."""

from dataclasses import dataclass
from typing import Any

from atende.core.audit.model import Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.kernel import Clock, TenantScope, Transaction
from atende.core.tenancy.model import Feature
from atende.core.tenancy.ports import Features, Projects


@dataclass(frozen=True, slots=True, kw_only=True)
class PutFeature:
    """Turns a feature on or off for one project, creating or replacing it. Its configuration is up to you."""

    features: Features
    projects: Projects
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, scope: TenantScope, key: str, *, enabled: bool, config: dict[str, Any]) -> Feature:
        async with self.transaction(scope):
            project = await self.projects.get(scope)
            project.require_open()
            old = next((one for one in await self.features.all(scope) if one.key == key), None)
            feature = Feature(owner=project.owner, key=key, enabled=enabled, config=config, updated_at=self.clock.now())
            await self.features.put(feature)
            await self.audit.add(
                scope,
                Event(
                    action="feature.put",
                    resource_type="feature",
                    resource_id=key,
                    old=None if old is None else snapshot(old, "enabled", "config"),
                    new=snapshot(feature, "enabled", "config"),
                ),
            )
        return feature


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFeature:
    """Deletes a feature of a project. A feature that does not exist is off."""

    features: Features
    projects: Projects
    audit: AuditLog
    transaction: Transaction

    async def __call__(self, scope: TenantScope, key: str) -> None:
        async with self.transaction(scope):
            project = await self.projects.get(scope)
            project.require_open()
            await self.features.remove(project.owner, key)
            await self.audit.add(scope, Event(action="feature.remove", resource_type="feature", resource_id=key))
