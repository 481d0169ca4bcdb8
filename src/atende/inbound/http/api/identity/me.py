"""The caller's own account over HTTP."""

import json
from datetime import datetime
from inspect import getdoc
from typing import Annotated, Any
from uuid import UUID

from dishka import FromDishka
from litestar import delete, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import asdict

from atende.core.identity.accounts.change_password import WrongPassword
from atende.core.identity.accounts.delete_account import DeleteAccount
from atende.core.identity.accounts.export_account import ExportAccount
from atende.core.identity.accounts.profile import ReadProfile, UpdateProfile
from atende.core.identity.model import LastOwner, Membership, MembershipStatus, User, UserStatus
from atende.core.identity.permissions import Permission, PlatformRole, Role
from atende.core.identity.principal import Principal
from atende.core.kernel import Invalid
from atende.core.tenancy.model import Organization
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.api.identity.accounts_wire import (
    CallerRequest,
    ConfirmationOut,
    SessionOut,
    session_out,
)
from atende.inbound.http.api.identity.sign_in_responses import client_of, signed_out
from atende.inbound.http.errors import problems
from atende.inbound.http.options import WebOptions
from atende.inbound.http.wire.structs import In, Out, WholeName, WireResponse

_LONGEST_PREFERENCES = 10_000
Name = Annotated[str, Meta(max_length=100)]


class ProfileIn(In):
    """Fields that are left out stay; null removes an optional value."""

    example_fields = ("first_name", "last_name", "phone", "preferences")
    first_name: Name | UnsetType = UNSET
    last_name: Name | UnsetType = UNSET
    name: WholeName | UnsetType = UNSET
    avatar_url: Annotated[str, Meta(max_length=500, pattern="^https://")] | UnsetType | None = UNSET
    phone: Annotated[str, Meta(max_length=50, pattern="^[+0-9 ()./-]+$")] | UnsetType | None = UNSET
    preferences: (
        Annotated[dict[str, Any], Meta(description="Any JSON object; it is replaced as a whole.")] | UnsetType
    ) = UNSET


class DeleteAccountIn(In):
    password: Annotated[str, Meta(max_length=1000)]


class ProfileOut(Out):
    id: UUID
    email: str
    first_name: str
    last_name: str
    name: str
    avatar_url: str | None
    phone: str | None
    platform_role: PlatformRole
    status: UserStatus
    email_verified_at: datetime | None
    last_login_at: datetime | None
    preferences: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class MeOut(ProfileOut):
    """The account, with the organization and project of the access token and its permissions there."""

    organization_id: UUID | None
    project_id: UUID | None
    role: Role | None
    permissions: list[Permission]


class MembershipOut(Out):
    organization_id: UUID
    organization_name: str
    organization_slug: str
    role: Role
    status: MembershipStatus
    joined_at: datetime


class ApiKeySummaryOut(Out):
    id: UUID
    organization_id: UUID
    name: str
    hint: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


class ActivityOut(Out):
    action: str
    resource_type: str
    resource_id: str
    status: str
    organization_id: UUID
    ip_address: str
    user_agent: str
    created_at: datetime


class ExportOut(Out):
    profile: ProfileOut
    memberships: list[MembershipOut]
    sessions: list[SessionOut]
    api_keys: list[ApiKeySummaryOut]
    activity: list[ActivityOut]


class MyAccountController(ApiController):
    """The caller's own account."""

    path = "/users/me"
    tags = ("users",)

    @get(
        permission=Permission.SELF,
        summary="Get your account",
        description=getdoc(ReadProfile),
        response_description="Your account.",
    )
    async def get_my_account(self, request: CallerRequest, read: FromDishka[ReadProfile]) -> MeOut:
        return _me(await read(request.user), request.user)

    @put(
        permission=Permission.SELF,
        summary="Update your account",
        description=getdoc(UpdateProfile),
        response_description="The updated account.",
        responses=problems(422),
    )
    async def update_my_account(
        self, request: CallerRequest, data: JSONBody[ProfileIn], update: FromDishka[UpdateProfile]
    ) -> MeOut:
        changes = {name: value for name, value in asdict(data).items() if value is not UNSET}
        if len(json.dumps(changes.get("preferences", {}))) > _LONGEST_PREFERENCES:
            raise Invalid(f"preferences have at most {_LONGEST_PREFERENCES} characters as JSON")
        return _me(await update(request.user, changes), request.user)

    @delete(
        status_code=200,
        permission=Permission.SELF,
        summary="Delete your account",
        description=getdoc(DeleteAccount),
        response_description="The account is deleted.",
        responses=problems(409, WrongPassword, LastOwner),
    )
    async def delete_my_account(
        self,
        request: CallerRequest,
        data: JSONBody[DeleteAccountIn],
        options: NamedDependency[WebOptions],
        remove: FromDishka[DeleteAccount],
    ) -> WireResponse[ConfirmationOut]:
        await remove(request.user, data.password, client_of(request))
        return signed_out(request, options, "your account is deleted; for 30 days you can take it up again")

    @get(
        "/export",
        permission=Permission.SELF,
        summary="Export your personal data",
        description=getdoc(ExportAccount),
        response_description="Your personal data.",
    )
    async def export_my_data(self, request: CallerRequest, export: FromDishka[ExportAccount]) -> ExportOut:
        found = await export(request.user)
        return ExportOut(
            profile=ProfileOut.of(found.user),
            memberships=[_membership(*one) for one in found.memberships],
            sessions=[session_out(one, current=one.id == request.user.session_id) for one in found.sessions],
            api_keys=[ApiKeySummaryOut.of(one) for one in found.api_keys],
            activity=[ActivityOut.of(one) for one in found.activity],
        )


def _me(user: User, by: Principal) -> MeOut:
    return MeOut.of(
        user,
        organization_id=by.organization_id if by.has_organization else None,
        project_id=by.project_id,
        role=by.role,
        permissions=sorted(by.permissions),
    )


def _membership(membership: Membership, organization: Organization) -> MembershipOut:
    return MembershipOut(
        organization_id=organization.id,
        organization_name=organization.name,
        organization_slug=organization.slug,
        role=membership.role,
        status=membership.status,
        joined_at=membership.created_at,
    )
