"""Wire structs of projects and their features."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, field

from atende.core.tenancy.model import Project, ProjectStatus
from atende.inbound.http.wire.structs import In, Out

Name = Annotated[str, Meta(min_length=1, max_length=255)]
Description = Annotated[str, Meta(max_length=10_000)]
Language = Annotated[str, Meta(pattern="^(pt|en|es)$", description="pt, en or es.")]
TenantId = Annotated[str, Meta(min_length=2, max_length=63, pattern="^[a-z0-9][a-z0-9-]+$")]
Timeout = Annotated[
    int, Meta(ge=1, le=10_080, description="Minutes without a message after which a conversation counts as ended.")
]


class SettableStatus(StrEnum):
    """Statuses that can be set."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class ProjectOut(Out):
    id: UUID
    organization_id: UUID
    tenant_id: Annotated[str, Meta(description="Readable and unique. It never changes.")]
    billing_account_id: UUID
    name: str
    description: str
    language: str
    status: ProjectStatus
    session_timeout_minutes: int
    is_default: bool
    configuration: dict[str, Any]
    created_by_user_id: Annotated[
        UUID | None, Meta(description="For projects created with an API key: the user who created the key.")
    ]
    created_at: datetime
    updated_at: datetime | None
    deleted_at: datetime | None


class NewProjectIn(In):
    name: Name
    organization_id: Annotated[UUID | None, Meta(description="Default: the organization that the caller acts in.")] = (
        None
    )
    tenant_id: Annotated[
        TenantId | None, Meta(description="Default: made from the names of organization and project.")
    ] = None
    description: Description = ""
    language: Language = "pt"
    session_timeout_minutes: Timeout = 30
    configuration: dict[str, Any] = field(default_factory=dict)


class ProjectIn(In):
    """Fields that are left out stay."""

    name: Name | None = None
    description: Description | None = None
    language: Language | None = None
    session_timeout_minutes: Timeout | None = None


class StatusIn(In):
    status: SettableStatus


class FeatureIn(In):
    enabled: bool
    config: Annotated[dict[str, Any], Meta(description="Any JSON object.")] = field(default_factory=dict)


class FeatureOut(Out):
    key: str
    enabled: bool
    config: dict[str, Any]
    updated_at: datetime


def project_out(project: Project) -> ProjectOut:
    return ProjectOut.of(project, session_timeout_minutes=project.session_timeout_seconds // 60)
