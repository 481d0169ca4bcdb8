"""Roles and permissions over HTTP."""

from inspect import getdoc
from typing import Annotated

from dishka import FromDishka
from litestar import get, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from atende.core.identity.members.operators import ChangeRole
from atende.core.identity.permission_texts import DESCRIPTIONS
from atende.core.identity.permissions import Permission, Role
from atende.core.identity.ports import Roles
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.api.tenancy.organizations_wire import RoleName
from atende.inbound.http.errors import problems
from atende.inbound.http.security.resource_scope import PermissionTarget
from atende.inbound.http.wire.structs import In, ListOut, Out


class RoleOut(Out):
    role: Role
    permissions: list[str]


class RoleIn(In):
    permissions: Annotated[
        list[str],
        Meta(max_length=200, description="All permissions of the role, by their names in `GET /permissions`."),
    ]


class PermissionOut(Out):
    name: str
    resource: str
    action: str
    description: str


class RolesController(ApiController):
    """Roles and permissions."""

    tags = ("admin",)

    @get(
        "/roles",
        permission=Permission.SELF,
        summary="List roles",
        description="The permissions of each role in an organization.",
        response_description="All roles, the most powerful first.",
    )
    async def list_roles(self, roles: FromDishka[Roles]) -> ListOut[RoleOut]:
        return _roles(await roles.matrix())

    @get(
        "/permissions",
        permission=Permission.ORGANIZATION_READ,
        permission_on=PermissionTarget.ANY_CALLER,
        summary="List permissions",
        description="All permissions that roles and API keys can have.",
        response_description="All permissions.",
    )
    async def list_permissions(self) -> ListOut[PermissionOut]:
        return ListOut(data=[PermissionOut.of(one, name=one, description=DESCRIPTIONS[one]) for one in Permission])

    @get(
        "/admin/roles",
        permission=Permission.PLATFORM_READ,
        summary="List roles as an operator",
        description="The permissions of each role in every organization of the installation.",
        response_description="All roles, the most powerful first.",
    )
    async def list_platform_roles(self, roles: FromDishka[Roles]) -> ListOut[RoleOut]:
        return _roles(await roles.matrix())

    @put(
        "/admin/roles/{role:str}",
        permission=Permission.PLATFORM_MANAGE,
        summary="Update a role",
        description=getdoc(ChangeRole),
        response_description="The updated role.",
        responses=problems(422),
    )
    async def update_role(
        self, role: FromPath[RoleName], data: JSONBody[RoleIn], change: FromDishka[ChangeRole]
    ) -> RoleOut:
        permissions = await change(role.canonical, data.permissions)
        return RoleOut(role=role.canonical, permissions=sorted(permissions))


def _roles(matrix: dict[Role, frozenset[Permission]]) -> ListOut[RoleOut]:
    return ListOut(data=[RoleOut(role=role, permissions=sorted(matrix[role])) for role in Role])
