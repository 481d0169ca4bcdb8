"""What the permission of a route is checked against, and the scope that a call acts in.

A route says it with `permission_on=PermissionTarget.X`. Without it, a call acts in the organization that its caller is signed in
to, or that owns its API key.
"""

from enum import StrEnum
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from atende.core.identity.members.act_in import ActIn
from atende.core.identity.permissions import Permission
from atende.core.identity.principal import Principal
from atende.core.kernel import NotAllowed, TenantScope
from atende.core.tenancy.model import Project

_PROJECT = "atende.project"


class PermissionTarget(StrEnum):
    """Where the caller must have the permission of a route."""

    ORGANIZATION = "organization"
    """In the organization in the path."""
    MEMBER = "member"
    """The same. Callers who name themselves need no permission, not even an approved membership."""
    PROJECT = "project"
    """In the organization of the project in the path."""
    USER = "user"
    """In the caller's own organization. Callers who name themselves need no permission."""
    ANY_ORGANIZATION = "any_organization"
    """In every organization that the handler touches: it checks for itself. API keys need the permission to get that far."""
    ANY_CALLER = "any_caller"
    """Nowhere: the answer is the same for everybody and holds no data of anybody, but callers must be known."""


async def resolve_target(
    connection: ASGIConnection[Any, Any, Any, Any],
    handler: BaseRouteHandler,
    principal: Principal,
    permission: Permission,
) -> Principal:
    """The caller with their role and permissions in the organization that the call acts in.

    Raises NotFound for an organization or project that they do not belong to, and NotAllowed without the permission.
    """
    target = handler.opt.get("permission_on")
    path = connection.path_params
    if target in {PermissionTarget.ORGANIZATION, PermissionTarget.MEMBER}:
        act_in: ActIn = await connection.state.dishka_container.get(ActIn)
        leaving = target is PermissionTarget.MEMBER and _is_self(principal, path)
        principal = await act_in.organization(principal, UUID(str(path["organization_id"])), waiting=leaving)
        if principal.bound and permission.action != "read":
            raise NotAllowed("this API key is for one project: it cannot change its organization")
    if target is PermissionTarget.PROJECT:
        act_in = await connection.state.dishka_container.get(ActIn)
        principal, project = await act_in.project(principal, UUID(str(path["project_id"])))
        connection.scope[_PROJECT] = project  # type: ignore[literal-required]
    if not _exempt(target, principal, path):
        principal.require(permission)
    return principal


def path_project(request: Request[Principal, Any, Any]) -> Project:
    """The project in the path, as it was when the call came in; it may be a deleted one."""
    project: Project = request.scope[_PROJECT]  # type: ignore[literal-required]
    return project


def path_scope(request: Request[Principal, Any, Any]) -> TenantScope:
    """The tenant of the project in the path, for the caller."""
    owner = path_project(request).owner
    return TenantScope(owner.organization_id, owner.tenant_id, request.user.user_id)


def _exempt(target: PermissionTarget | None, principal: Principal, path: dict[str, Any]) -> bool:
    if target is PermissionTarget.ANY_CALLER:
        return True
    if principal.user_id is None or target not in {
        PermissionTarget.MEMBER,
        PermissionTarget.USER,
        PermissionTarget.ANY_ORGANIZATION,
    }:
        return False
    return target is PermissionTarget.ANY_ORGANIZATION or _is_self(principal, path)


def _is_self(principal: Principal, path: dict[str, Any]) -> bool:
    return principal.user_id is not None and str(path.get("user_id")) == str(principal.user_id)
