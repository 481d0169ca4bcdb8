"""Wire structs of organizations."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from atende.core.identity.members.roles import role_named
from atende.core.identity.permissions import Role
from atende.core.tenancy.model import Organization
from atende.inbound.http.wire.structs import In, Out

Name = Annotated[str, Meta(min_length=1, max_length=255)]
Slug = Annotated[str, Meta(min_length=2, max_length=100, pattern="^[a-z0-9][a-z0-9-]*[a-z0-9]$")]
LogoUrl = Annotated[
    str, Meta(max_length=500, pattern="^(https?://[^\\x00-\\x20\\x7f]+)?$", description="An empty text removes it.")
]


class RoleName(StrEnum):
    """Roles in an organization. `user` stands for `member`, `readonly` and `read_only` for `viewer`."""

    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    AGENT = "agent"
    MEMBER = "member"
    VIEWER = "viewer"
    USER = "user"
    READONLY = "readonly"
    READ_ONLY = "read_only"

    @property
    def canonical(self) -> Role:
        return role_named(self)


class SettingsOut(Out):
    """Settings for invitations. `defaultMemberRole`: the role of invitations without one."""

    allow_member_invites: Annotated[
        bool, Meta(description="Whether members other than owners may invite, if their role has the permission.")
    ]
    default_member_role: Role
    require_approval: Annotated[bool, Meta(description="Whether new members wait for approval.")]


class OrganizationOut(Out):
    id: UUID
    name: str
    slug: str
    logo_url: str | None
    settings: SettingsOut
    created_at: datetime
    updated_at: datetime | None
    deleted_at: datetime | None
    role: Annotated[
        Role | None, Meta(description="Role of the caller in the organization; null for API keys and operators.")
    ]


class NewOrganizationIn(In):
    name: Name
    slug: Annotated[Slug | None, Meta(description="Default: made from the name.")] = None
    language: Annotated[
        str, Meta(pattern="^(pt|en|es)$", description="Language of the first project: pt, en or es.")
    ] = "pt"


class SettingsIn(In):
    allow_member_invites: bool | None = None
    default_member_role: RoleName | None = None
    require_approval: bool | None = None


class OrganizationIn(In):
    """Fields that are left out stay."""

    name: Name | None = None
    slug: Slug | None = None
    logo_url: LogoUrl | None = None
    settings: SettingsIn | None = None


class DeleteOrganizationIn(In):
    slug: Annotated[str, Meta(max_length=100, description="The slug of the organization, as confirmation.")]


class RestoreOrganizationIn(In):
    slug: Annotated[Slug | None, Meta(description="A new slug, needed if the old one was taken since.")] = None


class EntitlementsOut(Out):
    """What an organization may use. -1 in `limits` means no limit."""

    plan: str
    limits: dict[str, Any]
    features: dict[str, bool]
    custom: Annotated[list[str], Meta(description="Names of the limits that the organization has of its own.")]


def organization_out(organization: Organization, role: Role | None) -> OrganizationOut:
    return OrganizationOut.of(organization, role=role)
