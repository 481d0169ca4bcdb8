"""Users of the caller's organization over HTTP."""

from inspect import getdoc
from typing import Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from atende.core.identity.accounts.profile import UpdateProfile
from atende.core.identity.members.change_member import ChangeMember, RemoveMember
from atende.core.identity.members.find_person import FindPerson
from atende.core.identity.members.invite import Invite, RevokeInvitation
from atende.core.identity.members.roles import RoleTooHigh
from atende.core.identity.model import Invitation, LastOwner, NotVerified
from atende.core.identity.names import first_and_last
from atende.core.identity.permissions import Permission
from atende.core.identity.ports import Memberships
from atende.core.identity.principal import Principal
from atende.core.kernel import Invalid, InvalidState, NotAllowed, Transaction, personal
from atende.core.tenancy.plans import PlanLimitReached
from atende.core.tenancy.ports import Organizations
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.api.identity.users_wire import (
    NewPersonIn,
    PersonIn,
    PersonOut,
    invited_person,
    member_person,
    person_out,
)
from atende.inbound.http.api.tenancy.organizations_wire import (
    OrganizationOut,
    organization_out,
)
from atende.inbound.http.errors import problems
from atende.inbound.http.security.resource_scope import PermissionTarget
from atende.inbound.http.wire.pages import PageOut, PageRequest, time_key

CallerRequest = Request[Principal, Any, Any]


class UsersController(ApiController):
    """Users of the caller's organization."""

    path = "/users"
    tags = ("users",)

    @get(
        permission=Permission.MEMBERS_READ,
        summary="List the users of your organization",
        description="Members of the organization that the caller acts in, in the order in which they joined. Invited people who"
        " have not joined yet are in the list of invitations.",
        response_description="One page of users.",
    )
    async def list_users(
        self,
        request: CallerRequest,
        memberships: FromDishka[Memberships],
        transaction: FromDishka[Transaction],
        page_request: NamedDependency[PageRequest],
    ) -> PageOut[PersonOut]:
        async with transaction(request.user.scope):
            found = await memberships.page(request.user.scope, **page_request.arguments)
        return page_request.respond(found, member_person)

    @post(
        permission=Permission.MEMBERS_CREATE,
        summary="Invite a user to your organization",
        description=getdoc(Invite),
        response_description="The invited user.",
        responses=problems(409, 422, RoleTooHigh, NotVerified, PlanLimitReached),
    )
    async def create_user(
        self, request: CallerRequest, data: JSONBody[NewPersonIn], invite: FromDishka[Invite]
    ) -> PersonOut:
        first, last = first_and_last(data.name, data.first_name, data.last_name)
        role = None if data.role is None else data.role.canonical
        invitation = await invite(
            request.user, email=data.email, role=role, first_name=first or "", last_name=last or ""
        )
        return invited_person(invitation)

    @get(
        "/{user_id:uuid}",
        permission=Permission.MEMBERS_READ,
        permission_on=PermissionTarget.USER,
        summary="Get a user",
        description=getdoc(FindPerson),
        response_description="The user.",
    )
    async def get_user(
        self, user_id: FromPath[UUID], request: CallerRequest, find: FromDishka[FindPerson]
    ) -> PersonOut:
        return person_out(await find(request.user, user_id))

    @put(
        "/{user_id:uuid}",
        permission=Permission.MEMBERS_UPDATE,
        permission_on=PermissionTarget.USER,
        summary="Update a user",
        description=f"Send either `role`, or profile fields; the latter only for yourself.\n\n{getdoc(ChangeMember)}",
        response_description="The updated user.",
        responses=problems(409, 422, RoleTooHigh, LastOwner),
    )
    async def update_user(
        self,
        user_id: FromPath[UUID],
        request: CallerRequest,
        data: JSONBody[PersonIn],
        change: FromDishka[ChangeMember],
        profile: FromDishka[UpdateProfile],
        find: FromDishka[FindPerson],
    ) -> PersonOut:
        caller = request.user
        given = {name: getattr(data, name) for name in ("first_name", "last_name", "name", "avatar_url", "phone")}
        changes = {name: value for name, value in given.items() if value is not None}
        if changes and data.role is not None:
            raise Invalid("send the role or profile fields, not both in one call")
        if changes and user_id != caller.user_id:
            raise NotAllowed("only users themselves can change their profile")
        if data.role is not None:
            caller.require(Permission.MEMBERS_UPDATE)
            if isinstance(await find(caller, user_id), Invitation):
                raise InvalidState(
                    "this user has not joined yet: revoke the invitation and send one with the other role"
                )
            await change(caller, user_id, data.role.canonical)
        elif user_id == caller.user_id:
            await profile(caller, changes)
        else:
            raise Invalid("send the new role")
        return person_out(await find(caller, user_id))

    @delete(
        "/{user_id:uuid}",
        permission=Permission.MEMBERS_DELETE,
        permission_on=PermissionTarget.USER,
        summary="Remove a user from your organization",
        description=f"{getdoc(RemoveMember)}\n\nFor an invited user, the invitation is revoked.",
        response_description="The user has been removed.",
        responses=problems(409, RoleTooHigh, LastOwner),
    )
    async def remove_user(
        self,
        user_id: FromPath[UUID],
        request: CallerRequest,
        find: FromDishka[FindPerson],
        remove: FromDishka[RemoveMember],
        revoke: FromDishka[RevokeInvitation],
    ) -> None:
        if isinstance(await find(request.user, user_id), Invitation):
            await revoke(request.user, user_id)
        else:
            await remove(request.user, user_id)

    @get(
        "/{user_id:uuid}/organizations",
        permission=Permission.MEMBERS_READ,
        permission_on=PermissionTarget.USER,
        summary="List a user's organizations",
        description="For yourself: all of your organizations. For another user: your current organization, if they"
        " are a member of it.",
        response_description="One page of organizations, with the user's role in each.",
    )
    async def list_user_organizations(
        self,
        user_id: FromPath[UUID],
        request: CallerRequest,
        organizations: FromDishka[Organizations],
        memberships: FromDishka[Memberships],
        transaction: FromDishka[Transaction],
        page_request: NamedDependency[PageRequest],
    ) -> PageOut[OrganizationOut]:
        own = user_id == request.user.user_id
        scope = personal(user_id) if own else request.user.scope
        async with transaction(scope):
            if own:
                mine = await memberships.of_user(scope)
            else:
                mine = [(await memberships.get(scope, user_id), await organizations.get(scope))]
        found = page_request.slice(mine, lambda one: time_key(one[0].created_at, one[1].id))
        return page_request.respond(found, lambda one: organization_out(one[1], one[0].role))
