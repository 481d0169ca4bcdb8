"""Organizations over HTTP."""

from inspect import getdoc
from typing import Annotated, Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from atende.core.identity.members.create_organization import CreateOrganization
from atende.core.identity.members.operators import ListOrganizations
from atende.core.identity.members.update_organization import RestoreOrganization, SettingsChange, UpdateOrganization
from atende.core.identity.permissions import Permission, Role
from atende.core.identity.ports import Memberships
from atende.core.identity.principal import Principal
from atende.core.kernel import Invalid, Transaction, personal
from atende.core.tenancy.delete_organization import DeleteOrganization
from atende.core.tenancy.model import SlugTaken
from atende.core.tenancy.ports import Entitlements, Organizations
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.api.tenancy.organizations_wire import (
    DeleteOrganizationIn,
    EntitlementsOut,
    NewOrganizationIn,
    OrganizationIn,
    OrganizationOut,
    RestoreOrganizationIn,
    SettingsIn,
    organization_out,
)
from atende.inbound.http.errors import problems
from atende.inbound.http.security.resource_scope import PermissionTarget
from atende.inbound.http.wire.pages import PageOut, PageRequest, time_key

CallerRequest = Request[Principal, Any, Any]


class OrganizationsController(ApiController):
    """Organizations."""

    path = "/organizations"
    tags = ("organizations",)

    @post(
        permission=Permission.SELF,
        summary="Create an organization",
        description=getdoc(CreateOrganization),
        response_description="The new organization.",
        responses=problems(409, 422, SlugTaken),
    )
    async def create_organization(
        self, request: CallerRequest, data: JSONBody[NewOrganizationIn], create: FromDishka[CreateOrganization]
    ) -> OrganizationOut:
        assert request.user.user_id is not None, "no key has this permission"
        organization = await create(request.user.user_id, name=data.name, slug=data.slug, language=data.language)
        return organization_out(organization, Role.OWNER)

    @get(
        permission=Permission.ORGANIZATION_READ,
        permission_on=PermissionTarget.ANY_ORGANIZATION,
        summary="List organizations",
        description="The organizations that the caller is a member of. API keys get the organization that owns them."
        " Operators get all organizations, which leaves an audit record.",
        response_description="One page of organizations.",
    )
    async def list_organizations(
        self,
        request: CallerRequest,
        list_all: FromDishka[ListOrganizations],
        organizations: FromDishka[Organizations],
        memberships: FromDishka[Memberships],
        transaction: FromDishka[Transaction],
        page_request: NamedDependency[PageRequest],
    ) -> PageOut[OrganizationOut]:
        caller = request.user
        roles: dict[UUID, Role] = {}
        if caller.is_operator:
            found = await list_all(**page_request.arguments)
        elif caller.user_id is None:
            async with transaction(caller.scope):
                found = page_request.slice([await organizations.get(caller.scope)], lambda one: str(one.id))
        else:
            scope = personal(caller.user_id)
            async with transaction(scope):
                mine = await memberships.of_user(scope)
            roles = {membership.organization_id: membership.role for membership, _ in mine}
            joined = {membership.organization_id: membership.created_at for membership, _ in mine}
            found = page_request.slice([one for _, one in mine], lambda one: time_key(joined[one.id], one.id))
        return page_request.respond(found, lambda one: organization_out(one, roles.get(one.id)))

    @get(
        "/{organization_id:uuid}",
        permission=Permission.ORGANIZATION_READ,
        permission_on=PermissionTarget.ORGANIZATION,
        summary="Get an organization",
        description="Its name, logo and settings for invitations.",
        response_description="The organization.",
    )
    async def get_organization(
        self,
        organization_id: FromPath[UUID],
        request: CallerRequest,
        organizations: FromDishka[Organizations],
        transaction: FromDishka[Transaction],
    ) -> OrganizationOut:
        async with transaction(request.user.scope):
            return organization_out(await organizations.get(request.user.scope), request.user.role)

    @put(
        "/{organization_id:uuid}",
        permission=Permission.ORGANIZATION_UPDATE,
        permission_on=PermissionTarget.ORGANIZATION,
        summary="Update an organization",
        description=getdoc(UpdateOrganization),
        response_description="The updated organization.",
        responses=problems(409, 422, SlugTaken),
    )
    async def update_organization(
        self,
        organization_id: FromPath[UUID],
        request: CallerRequest,
        data: JSONBody[OrganizationIn],
        update: FromDishka[UpdateOrganization],
    ) -> OrganizationOut:
        changed = await update(
            request.user.scope,
            name=data.name,
            slug=data.slug,
            logo_url=data.logo_url,
            settings=_settings(data.settings),
        )
        return organization_out(changed, request.user.role)

    @delete(
        "/{organization_id:uuid}",
        status_code=202,
        permission=Permission.ORGANIZATION_DELETE,
        permission_on=PermissionTarget.ORGANIZATION,
        summary="Delete an organization",
        description=getdoc(DeleteOrganization),
        response_description="The organization is closed and will be removed.",
        responses=problems(409, 422),
    )
    async def delete_organization(
        self,
        organization_id: FromPath[UUID],
        request: CallerRequest,
        delete_one: FromDishka[DeleteOrganization],
        data: JSONBody[DeleteOrganizationIn | None] = None,
        confirm: Annotated[
            str | None,
            QueryParameter(max_length=100, description="The slug, for clients that cannot send a body with DELETE."),
        ] = None,
    ) -> OrganizationOut:
        slug = confirm if data is None else data.slug
        if slug is None:
            raise Invalid("to confirm, repeat the slug of the organization in the body or as ?confirm=")
        return organization_out(await delete_one(request.user.scope, confirm=slug), request.user.role)

    @post(
        "/{organization_id:uuid}/restore",
        status_code=200,
        permission=Permission.SELF,
        summary="Restore a deleted organization",
        description=getdoc(RestoreOrganization),
        response_description="The restored organization.",
        responses=problems(409, 422, SlugTaken),
    )
    async def restore_organization(
        self,
        organization_id: FromPath[UUID],
        request: CallerRequest,
        restore: FromDishka[RestoreOrganization],
        data: JSONBody[RestoreOrganizationIn | None] = None,
    ) -> OrganizationOut:
        assert request.user.user_id is not None, "no key has this permission"
        slug = None if data is None else data.slug
        return organization_out(await restore(request.user.user_id, organization_id, slug=slug), Role.OWNER)

    @get(
        "/{organization_id:uuid}/entitlements",
        permission=Permission.ORGANIZATION_READ,
        permission_on=PermissionTarget.ORGANIZATION,
        summary="Get what an organization may use",
        description="The limits and features of its plan, with the organization's own limits in place of those of the"
        " plan.",
        response_description="Plan, limits and features.",
    )
    async def get_organization_entitlements(
        self, organization_id: FromPath[UUID], entitlements: FromDishka[Entitlements]
    ) -> EntitlementsOut:
        allowance = await entitlements.of(organization_id)
        return EntitlementsOut.of(allowance, custom=sorted(allowance.custom))


def _settings(given: SettingsIn | None) -> SettingsChange | None:
    if given is None:
        return None
    role = given.default_member_role
    return SettingsChange(
        allow_member_invites=given.allow_member_invites,
        default_member_role=None if role is None else role.canonical,
        require_approval=given.require_approval,
    )
