"""Deleting an organization."""

from dataclasses import dataclass

from atende.core.audit.model import Event
from atende.core.audit.ports import AuditLog
from atende.core.kernel import Clock, TenantScope, Transaction
from atende.core.tenancy.model import Organization
from atende.core.tenancy.ports import Organizations


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteOrganization:
    """Deletes an organization. Only an owner can, by repeating its slug in the body or as `?confirm=`.

    From then on nobody has access, its API keys do not work, nothing is sent and no job runs. An owner can restore it for 30
    days; after that its content is removed.
    """

    organizations: Organizations
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, scope: TenantScope, *, confirm: str) -> Organization:
        async with self.transaction(scope):
            organization = await self.organizations.get(scope, lock=True)
            organization.delete(self.clock.now(), confirm=confirm)
            await self.organizations.save(organization)
            await self.audit.add(
                scope,
                Event(
                    action="organization.delete",
                    resource_type="organization",
                    resource_id=str(organization.id),
                    old={"slug": organization.slug},
                    new={"deleted_at": organization.deleted_at},
                ),
            )
        return organization
