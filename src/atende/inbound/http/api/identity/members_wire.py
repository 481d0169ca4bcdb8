"""Wire structs of members and invitations."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from atende.core.identity.model import InvitationStatus, MembershipStatus
from atende.core.identity.permissions import Role
from atende.inbound.http.api.tenancy.organizations_wire import RoleName
from atende.inbound.http.wire.structs import EmailText, In, Out, WholeName

PersonName = Annotated[str, Meta(max_length=100)]


class MemberOut(Out):
    user_id: UUID
    email: str
    first_name: str
    last_name: str
    name: str
    avatar_url: str | None
    role: Role
    status: Annotated[MembershipStatus, Meta(description="`pending`: waiting for approval.")]
    email_verified: bool
    last_login_at: datetime | None
    joined_at: datetime


class MemberIn(In):
    role: RoleName


class InvitationOut(Out):
    id: UUID
    organization_id: UUID
    email: str
    role: Role
    first_name: str
    last_name: str
    name: str
    status: InvitationStatus
    invited_by: UUID | None
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None


class InviteIn(In):
    example_fields = ("email", "role", "first_name", "last_name")
    email: EmailText
    role: Annotated[RoleName | None, Meta(description="Default: the organization's default role.")] = None
    first_name: PersonName = ""
    last_name: PersonName = ""
    name: WholeName | None = None
