"""A row in memory: an entity and whose it is."""

from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from atende.core.kernel import ALL_TENANTS, TenantScope

E = TypeVar("E")


@dataclass(frozen=True)
class Row(Generic[E]):
    """Of a person, of a tenant; without a tenant the organization's, without an organization the platform's.

    The row of a person may name an organization too: it is no less theirs, and may refer to rows of that organization only.
    """

    entity: E
    organization_id: UUID | None = None
    tenant_id: str | None = None
    user_id: UUID | None = None

    def is_in(self, scope: TenantScope | None) -> bool:
        """Whether a transaction with this scope sees it."""
        if scope is None:
            return True
        if self.user_id is not None:
            return self.user_id == scope.user_id
        if self.organization_id is None:
            return True
        if self.organization_id != scope.organization_id:
            return False
        return self.tenant_id is None or scope.tenant_id in {self.tenant_id, ALL_TENANTS}

    def is_of(self, scope: TenantScope) -> bool:
        """Whether it is of this very tenant."""
        return (self.organization_id, self.tenant_id) == (scope.organization_id, scope.tenant_id)
