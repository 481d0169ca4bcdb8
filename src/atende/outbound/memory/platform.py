"""What the database holds before anybody comes: the installation itself, and what roles may do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from atende.core.identity.permissions import MATRIX, Permission, Role
from atende.core.kernel import PLATFORM
from atende.core.tenancy.model import BillingAccount, Organization, Project
from atende.outbound.memory.row import Row

ROLE_PERMISSIONS = "role_permission"


@dataclass(frozen=True, slots=True)
class Granted:
    """One cell of the matrix of roles."""

    role: Role
    permission: Permission


def first_tables(now: datetime) -> dict[str, dict[Any, Any]]:
    """Tables and the indexes of their unique rules, as the first migrations leave them."""
    id_, tenant, name = PLATFORM.organization_id, PLATFORM.tenant_id, "Platform"
    organization = Organization(id=id_, name=name, slug=tenant, created_at=now)
    payer = BillingAccount(id=id_, organization_id=id_, name=name, created_at=now)
    project = Project(
        id=PLATFORM.project_id,
        organization_id=id_,
        tenant_id=tenant,
        billing_account_id=id_,
        name=name,
        is_default=True,
        created_at=now,
    )
    granted = [Granted(role, permission) for role, permissions in MATRIX.items() for permission in permissions]
    return {
        "organization": {id_: Row(organization, id_)},
        "organization_slug_live": {tenant: id_},
        "billing_account": {id_: Row(payer, id_)},
        "project": {project.id: Row(project, id_, tenant)},
        "project_organization_id_tenant_id_key": {(id_, tenant): project.id},
        "project_tenant_id_key": {tenant: project.id},
        "project_default": {id_: project.id},
        ROLE_PERMISSIONS: {(one.role, one.permission): Row(one) for one in granted},
    }
