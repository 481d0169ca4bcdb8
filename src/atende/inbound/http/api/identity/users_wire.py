"""Wire structs of the users of an organization."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from atende.core.identity.model import Invitation, Member, MembershipStatus, User, UserStatus
from atende.core.identity.permissions import Role
from atende.inbound.http.api.identity.members_wire import PersonName
from atende.inbound.http.api.tenancy.organizations_wire import RoleName
from atende.inbound.http.wire.structs import EmailText, In, Out, WholeName


class PersonStatus(StrEnum):
    """`invited`: has not accepted yet. `pending`: waiting for approval. The others are states of the account."""

    INVITED = "invited"
    PENDING = "pending"
    PENDING_VERIFICATION = "pending_verification"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"
    ANONYMIZED = "anonymized"


class PersonOut(Out):
    """A user as seen by the organization."""

    id: Annotated[UUID, Meta(description="Until they accept, the id of the invitation; a new account keeps it.")]
    email: str
    first_name: str
    last_name: str
    name: str
    avatar_url: str | None
    role: Annotated[Role | None, Meta(description="Role in the caller's organization; null for callers without one.")]
    status: PersonStatus
    email_verified: bool
    last_login_at: datetime | None
    created_at: Annotated[datetime, Meta(description="When the user joined or was invited.")]


class NewPersonIn(In):
    example_fields = ("email", "role", "first_name", "last_name")
    email: EmailText
    role: Annotated[RoleName | None, Meta(description="Default: the organization's default role.")] = None
    first_name: PersonName = ""
    last_name: PersonName = ""
    name: WholeName | None = None


class PersonIn(In):
    """Fields that are left out stay. Send `role`, or profile fields for yourself."""

    example_fields = ("role",)
    role: RoleName | None = None
    first_name: PersonName | None = None
    last_name: PersonName | None = None
    name: WholeName | None = None
    avatar_url: Annotated[str, Meta(max_length=500, pattern="^https://")] | None = None
    phone: Annotated[str, Meta(max_length=50, pattern="^[+0-9 ()./-]+$")] | None = None


def person_out(found: Member | Invitation | User) -> PersonOut:
    match found:
        case Member():
            return member_person(found)
        case Invitation():
            return invited_person(found)
        case User():
            return _own_person(found)


def member_person(member: Member) -> PersonOut:
    waits = member.status is MembershipStatus.PENDING and member.user_status is UserStatus.ACTIVE
    return PersonOut.of(
        member,
        id=member.user_id,
        status=PersonStatus.PENDING if waits else PersonStatus(member.user_status),
        created_at=member.joined_at,
    )


def invited_person(invitation: Invitation) -> PersonOut:
    return PersonOut.of(
        invitation, avatar_url=None, status=PersonStatus.INVITED, email_verified=False, last_login_at=None
    )


def _own_person(user: User) -> PersonOut:
    return PersonOut.of(
        user, role=None, status=PersonStatus(user.status), email_verified=user.email_verified_at is not None
    )
