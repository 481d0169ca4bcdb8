"""Deleting an organization."""

from dataclasses import dataclass

from atende.core.audit.model import Event
from atende.core.audit.ports import AuditLog
from atende.core.kernel import Clock, TenantScope, Transaction
from atende.core.tenancy.model import Organization
from atende.core.tenancy.ports import Organizations


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteOrganization:
    """For its owners alone, who repeat its slug (in the body or as `?confirm=`).

    Nobody gets in any more from then on, its keys are dead, its projects rest: nothing is sent, no job runs. An owner can have it
    back for 30 days; then its content is removed.
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
