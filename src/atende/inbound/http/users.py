"""The people of the caller's organization over HTTP."""

from inspect import getdoc
from typing import Any
from uuid import UUID

from dishka import FromDishka
from dishka.integrations.litestar import inject
from litestar import Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from atende.core.identity.invite import Invite
from atende.core.identity.members import ChangeMember, RemoveMember
from atende.core.identity.model import split_name
from atende.core.identity.permissions import Permission
from atende.core.identity.ports import Memberships, Users
from atende.core.identity.principal import Principal
from atende.core.identity.profile import UpdateProfile
from atende.core.kernel import Invalid, NotAllowed, NotFound, Transaction, personal
from atende.core.tenancy.ports import Organizations
from atende.inbound.http.cursors import Asked, place
from atende.inbound.http.errors import problems
from atende.inbound.http.organizations_wire import (
    OrganizationPage,
    organization_out,
)
from atende.inbound.http.reach import About
from atende.inbound.http.users_wire import (
    NewPersonIn,
    PersonIn,
    PersonOut,
    PersonPage,
    invited_person,
    member_person,
    own_person,
)
from atende.inbound.http.wire import pagination

TAGS = ["users"]
Caller = Request[Principal, Any, Any]


@get(
    "/users",
    permission=Permission.MEMBERS_READ,
    tags=TAGS,
    summary="List the people of the organization",
    description="The members of the organization that the caller is in; who joined first stands first.",
    response_description="One page of people.",
    responses=problems(),
)
@inject
async def list_users(
    request: Caller,
    memberships: FromDishka[Memberships],
    transaction: FromDishka[Transaction],
    asked: NamedDependency[Asked],
) -> PersonPage:
    async with transaction(request.user.scope):
        found = await memberships.page(request.user.scope, page=asked.page, limit=asked.limit, after=asked.after)
    return PersonPage(
        data=[member_person(one) for one in found.data], pagination=pagination(found), next_cursor=asked.next(found)
    )


@post(
    "/users",
    permission=Permission.MEMBERS_CREATE,
    tags=TAGS,
    summary="Add a person",
    description=f"People are added by invitation. {getdoc(Invite)}",
    response_description="The person, invited.",
    responses=problems(409, 422),
)
@inject
async def create_user(request: Caller, data: JSONBody[NewPersonIn], invite: FromDishka[Invite]) -> PersonOut:
    first, last = data.first_name, data.last_name
    if data.name is not None and not (first or last):
        first, last = split_name(data.name)
    role = None if data.role is None else data.role.canonical
    return invited_person(await invite(request.user, email=data.email, role=role, first_name=first, last_name=last))


@get(
    "/users/{user_id:uuid}",
    permission=Permission.MEMBERS_READ,
    about=About.PERSON,
    tags=TAGS,
    summary="Read a person",
    description="A member of the organization that the caller is in, or oneself.",
    response_description="The person.",
    responses=problems(),
)
@inject
async def get_user(
    user_id: FromPath[UUID],
    request: Caller,
    users: FromDishka[Users],
    memberships: FromDishka[Memberships],
    transaction: FromDishka[Transaction],
) -> PersonOut:
    return await _person(request.user, user_id, users=users, memberships=memberships, transaction=transaction)


@put(
    "/users/{user_id:uuid}",
    permission=Permission.MEMBERS_UPDATE,
    about=About.PERSON,
    tags=TAGS,
    summary="Change a person",
    description=f"The profile is everybody's own. The role: {getdoc(ChangeMember)}",
    response_description="The person as they are now.",
    responses=problems(409, 422),
)
@inject
async def update_user(
    user_id: FromPath[UUID],
    request: Caller,
    data: JSONBody[PersonIn],
    change: FromDishka[ChangeMember],
    profile: FromDishka[UpdateProfile],
    users: FromDishka[Users],
    memberships: FromDishka[Memberships],
    transaction: FromDishka[Transaction],
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
        await change(caller, user_id, data.role.canonical)
    elif user_id == caller.user_id:
        await profile(caller, changes)
    else:
        raise Invalid("say which role the person is to have")
    return await _person(caller, user_id, users=users, memberships=memberships, transaction=transaction)


@delete(
    "/users/{user_id:uuid}",
    permission=Permission.MEMBERS_DELETE,
    about=About.PERSON,
    tags=TAGS,
    summary="Remove a person from the organization",
    description=getdoc(RemoveMember),
    response_description="They are no member any more.",
    responses=problems(409),
)
@inject
async def delete_user(user_id: FromPath[UUID], request: Caller, remove: FromDishka[RemoveMember]) -> None:
    await remove(request.user, user_id)


@get(
    "/users/{user_id:uuid}/organizations",
    permission=Permission.MEMBERS_READ,
    about=About.PERSON,
    tags=TAGS,
    summary="List a person's organizations",
    description="One's own: all. Another person's: the one that the caller shares with them and is in.",
    response_description="One page of organizations, with the person's role there.",
    responses=problems(),
)
@inject
async def list_user_organizations(
    user_id: FromPath[UUID],
    request: Caller,
    organizations: FromDishka[Organizations],
    memberships: FromDishka[Memberships],
    transaction: FromDishka[Transaction],
    asked: NamedDependency[Asked],
) -> OrganizationPage:
    own = user_id == request.user.user_id
    scope = personal(user_id) if own else request.user.scope
    async with transaction(scope):
        if own:
            mine = await memberships.of_user(scope)
        else:
            mine = [(await memberships.get(scope, user_id), await organizations.get(scope))]
    found = asked.cut(mine, lambda one: place(one[0].created_at, one[1].id))
    data = [organization_out(organization, membership.role) for membership, organization in found.data]
    return OrganizationPage(data=data, pagination=pagination(found), next_cursor=asked.next(found))


async def _person(
    caller: Principal, user_id: UUID, *, users: Users, memberships: Memberships, transaction: Transaction
) -> PersonOut:
    """Raises NotFound for whoever is neither a member of the caller's organization nor the caller."""
    try:
        async with transaction(caller.scope):
            return member_person(await memberships.member(caller.scope, user_id))
    except NotFound:
        if user_id != caller.user_id:
            raise
    async with transaction(personal(user_id)):
        return own_person(await users.get(personal(user_id), user_id))


HANDLERS: list[ControllerRouterHandler] = [
    list_users,
    create_user,
    get_user,
    update_user,
    delete_user,
    list_user_organizations,
]
