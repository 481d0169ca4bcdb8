"""Members and invitations over HTTP."""

from inspect import getdoc
from typing import Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from atende.core.identity.members.change_member import ApproveMember, ChangeMember, RemoveMember
from atende.core.identity.members.invite import Invite, RevokeInvitation, SendInvitation
from atende.core.identity.members.roles import RoleTooHigh
from atende.core.identity.model import LastOwner, NotVerified
from atende.core.identity.names import first_and_last
from atende.core.identity.permissions import Permission
from atende.core.identity.ports import Invitations, Memberships
from atende.core.identity.principal import Principal
from atende.core.kernel import Transaction
from atende.core.tenancy.plans import PlanLimitReached
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.api.identity.members_wire import InvitationOut, InviteIn, MemberIn, MemberOut
from atende.inbound.http.errors import problems
from atende.inbound.http.security.resource_scope import PermissionTarget
from atende.inbound.http.wire.pages import PageOut, PageRequest

CallerRequest = Request[Principal, Any, Any]


class MembersController(ApiController):
    """Members of an organization."""

    path = "/organizations/{organization_id:uuid}/members"
    tags = ("members",)

    @get(
        permission=Permission.MEMBERS_READ,
        permission_on=PermissionTarget.ORGANIZATION,
        summary="List members",
        description="In the order in which they joined. Members with the status `pending` wait for approval.",
        response_description="One page of members.",
    )
    async def list_members(
        self,
        organization_id: FromPath[UUID],
        request: CallerRequest,
        memberships: FromDishka[Memberships],
        transaction: FromDishka[Transaction],
        page_request: NamedDependency[PageRequest],
    ) -> PageOut[MemberOut]:
        async with transaction(request.user.scope):
            found = await memberships.page(request.user.scope, **page_request.arguments)
        return page_request.respond(found, MemberOut.of)

    @put(
        "/{user_id:uuid}",
        permission=Permission.MEMBERS_UPDATE,
        permission_on=PermissionTarget.ORGANIZATION,
        summary="Change a member's role",
        description=getdoc(ChangeMember),
        response_description="The member with the new role.",
        responses=problems(409, RoleTooHigh, LastOwner),
    )
    async def change_member_role(
        self,
        organization_id: FromPath[UUID],
        user_id: FromPath[UUID],
        request: CallerRequest,
        data: JSONBody[MemberIn],
        change: FromDishka[ChangeMember],
    ) -> MemberOut:
        return MemberOut.of(await change(request.user, user_id, data.role.canonical))

    @post(
        "/{user_id:uuid}/approve",
        status_code=200,
        permission=Permission.MEMBERS_UPDATE,
        permission_on=PermissionTarget.ORGANIZATION,
        summary="Approve a member",
        description=getdoc(ApproveMember),
        response_description="The member, who is active now.",
    )
    async def approve_member(
        self,
        organization_id: FromPath[UUID],
        user_id: FromPath[UUID],
        request: CallerRequest,
        approve: FromDishka[ApproveMember],
    ) -> MemberOut:
        return MemberOut.of(await approve(request.user, user_id))

    @delete(
        "/{user_id:uuid}",
        permission=Permission.MEMBERS_DELETE,
        permission_on=PermissionTarget.MEMBER,
        summary="Remove a member, or leave",
        description=getdoc(RemoveMember),
        response_description="The member has been removed.",
        responses=problems(409, RoleTooHigh, LastOwner),
    )
    async def remove_member(
        self,
        organization_id: FromPath[UUID],
        user_id: FromPath[UUID],
        request: CallerRequest,
        remove: FromDishka[RemoveMember],
    ) -> None:
        await remove(request.user, user_id)


class InvitationsController(ApiController):
    """Invitations to an organization."""

    path = "/organizations/{organization_id:uuid}/invitations"
    tags = ("members",)

    @get(
        permission=Permission.MEMBERS_READ,
        permission_on=PermissionTarget.ORGANIZATION,
        summary="List invitations",
        description="Newest first, including accepted and revoked ones.",
        response_description="One page of invitations.",
    )
    async def list_invitations(
        self,
        organization_id: FromPath[UUID],
        request: CallerRequest,
        invitations: FromDishka[Invitations],
        transaction: FromDishka[Transaction],
        page_request: NamedDependency[PageRequest],
    ) -> PageOut[InvitationOut]:
        async with transaction(request.user.scope):
            found = await invitations.page(request.user.scope, **page_request.arguments)
        return page_request.respond(found, InvitationOut.of)

    @post(
        permission=Permission.MEMBERS_CREATE,
        permission_on=PermissionTarget.ORGANIZATION,
        summary="Invite somebody to an organization",
        description=getdoc(Invite),
        response_description="The invitation. Its link is sent by mail.",
        responses=problems(409, 422, RoleTooHigh, NotVerified, PlanLimitReached),
    )
    async def create_invitation(
        self,
        organization_id: FromPath[UUID],
        request: CallerRequest,
        data: JSONBody[InviteIn],
        invite: FromDishka[Invite],
    ) -> InvitationOut:
        first, last = first_and_last(data.name, data.first_name, data.last_name)
        invitation = await invite(
            request.user,
            email=data.email,
            role=None if data.role is None else data.role.canonical,
            first_name=first or "",
            last_name=last or "",
        )
        return InvitationOut.of(invitation)

    @post(
        "/{invitation_id:uuid}/send",
        status_code=200,
        permission=Permission.MEMBERS_CREATE,
        permission_on=PermissionTarget.ORGANIZATION,
        summary="Send an invitation again",
        description=getdoc(SendInvitation),
        response_description="The invitation with its new expiry.",
        responses=problems(409, RoleTooHigh, NotVerified),
    )
    async def resend_invitation(
        self,
        organization_id: FromPath[UUID],
        invitation_id: FromPath[UUID],
        request: CallerRequest,
        send: FromDishka[SendInvitation],
    ) -> InvitationOut:
        return InvitationOut.of(await send(request.user, invitation_id))

    @delete(
        "/{invitation_id:uuid}",
        permission=Permission.MEMBERS_DELETE,
        permission_on=PermissionTarget.ORGANIZATION,
        summary="Revoke an invitation",
        description=getdoc(RevokeInvitation),
        response_description="The invitation is revoked.",
        responses=problems(409),
    )
    async def revoke_invitation(
        self,
        organization_id: FromPath[UUID],
        invitation_id: FromPath[UUID],
        request: CallerRequest,
        revoke: FromDishka[RevokeInvitation],
    ) -> None:
        await revoke(request.user, invitation_id)
