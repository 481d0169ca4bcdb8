"""The people of the caller's organization over HTTP."""

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
from atende.core.identity.model import Invitation
from atende.core.identity.names import first_and_last
from atende.core.identity.permissions import Permission
from atende.core.identity.ports import Memberships
from atende.core.identity.principal import Principal
from atende.core.kernel import Invalid, InvalidState, NotAllowed, Transaction, personal
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
    """People of the caller's organization."""

    path = "/users"
    tags = ("users",)

    @get(
        permission=Permission.MEMBERS_READ,
        summary="List the people of the organization",
        description="Members of the organization that the caller is in, in the order in which they joined. People who are invited"
        " and have not joined yet are among its invitations.",
        response_description="One page of people.",
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
        summary="Add a person",
        description=f"People are added by invitation. {getdoc(Invite)}",
        response_description="The person, invited.",
        responses=problems(409, 422),
    )
    async def create_user(
        self, request: CallerRequest, data: JSONBody[NewPersonIn], invite: FromDishka[Invite]
    ) -> PersonOut:
        first, last = first_and_last(data.name, data.first_name, data.last_name)
        role = None if data.role is None else data.role.canonical
        made = await invite(request.user, email=data.email, role=role, first_name=first or "", last_name=last or "")
        return invited_person(made)

    @get(
        "/{user_id:uuid}",
        permission=Permission.MEMBERS_READ,
        permission_on=PermissionTarget.USER,
        summary="Read a person",
        description=getdoc(FindPerson),
        response_description="The person.",
    )
    async def get_user(
        self, user_id: FromPath[UUID], request: CallerRequest, find: FromDishka[FindPerson]
    ) -> PersonOut:
        return person_out(await find(request.user, user_id))

    @put(
        "/{user_id:uuid}",
        permission=Permission.MEMBERS_UPDATE,
        permission_on=PermissionTarget.USER,
        summary="Change a person",
        description=f"The profile is everybody's own to change; the role follows the rule of members.\n\n{getdoc(ChangeMember)}",
        response_description="The person as they are now.",
        responses=problems(409, 422),
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
            raise Invalid("change the profile and the role in two calls")
        if changes and user_id != caller.user_id:
            raise NotAllowed("a profile is changed by its person alone")
        if data.role is not None:
            caller.require(Permission.MEMBERS_UPDATE)
            if isinstance(await find(caller, user_id), Invitation):
                raise InvalidState(
                    "this person has not joined yet: take the invitation back and send one with the other role"
                )
            await change(caller, user_id, data.role.canonical)
        elif user_id == caller.user_id:
            await profile(caller, changes)
        else:
            raise Invalid("say which role the person is to have")
        return person_out(await find(caller, user_id))

    @delete(
        "/{user_id:uuid}",
        permission=Permission.MEMBERS_DELETE,
        permission_on=PermissionTarget.USER,
        summary="Remove a person from the organization",
        description=f"{getdoc(RemoveMember)}\n\nThe invitation of somebody who has not joined yet is taken back.",
        response_description="They are no member any more.",
        responses=problems(409),
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
        summary="List a person's organizations",
        description="One's own: all. Another person's: the one that the caller shares with them and is in.",
        response_description="One page of organizations, with the person's role there.",
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
