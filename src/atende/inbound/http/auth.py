"""Who calls, what they may do, and which part of their organization a call is about."""

from typing import Annotated, Any
from uuid import UUID

from dishka import FromDishka
from dishka.integrations.litestar import inject
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Headers
from litestar.exceptions import ImproperlyConfiguredException, ValidationException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import HeaderParameter

from atende.core.identity.issue_api_key import Authenticate
from atende.core.identity.model import Permission, Principal
from atende.core.kernel import NotFound, Scope, Transaction, Unauthenticated
from atende.core.tenancy.model import Project
from atende.core.tenancy.ports import Projects

AskedProject = Annotated[
    UUID | None,
    HeaderParameter(
        name="X-Project-Id",
        required=False,
        description="Narrows the call to one project. Without it reads cover the whole organization (or the key's"
        " project), and what is new goes into the default project.",
    ),
]


class UndeclaredRoute(ImproperlyConfiguredException):
    """A route says neither `permission=...` nor `public=True`."""


class TwoIdentities(ValidationException):
    """One request shows two different keys."""


def declared_permission(handler: BaseRouteHandler) -> Permission | None:
    """The permission that a route asks for; None for a public one. Raises UndeclaredRoute."""
    permission = handler.opt.get("permission")
    if isinstance(permission, Permission):
        return permission
    preflight = isinstance(handler, HTTPRouteHandler) and handler.http_methods == {"OPTIONS"}
    if permission is None and (preflight or handler.opt.get("public") is True):
        return None
    paths = ", ".join(sorted(handler.paths))
    raise UndeclaredRoute(f"the route {paths} ({handler}) declares neither permission=Permission.X nor public=True")


async def authorize(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard of every route, before any body is read. Raises Unauthenticated, NotAllowed or TwoIdentities."""
    permission = declared_permission(handler)
    if permission is None:
        return
    key = presented_key(connection.headers)
    authenticate: Authenticate = await connection.state.dishka_container.get(Authenticate)
    principal = await authenticate(key)
    principal.require(permission)
    connection.scope["user"] = principal


def presented_key(headers: Headers) -> str:
    """The key in `X-API-Key` or `Authorization: Bearer`. Raises Unauthenticated, or TwoIdentities when they differ."""
    shown = {text.strip() for text in headers.getall("x-api-key", [])}
    for text in headers.getall("authorization", []):
        scheme, _, token = text.strip().partition(" ")
        if scheme.lower() == "bearer":
            shown.add(token.strip())
    if len(shown) > 1:
        message = "this request shows two different identities: send one key, in X-API-Key or as a Bearer token"
        raise TwoIdentities(message, extra=[{"key": "credentials", "message": message}])
    if not shown or not (key := shown.pop()):
        raise Unauthenticated("send your API key in the header X-API-Key, or as a Bearer token")
    return key


def wanted_project(principal: Principal, asked: UUID | None) -> UUID | None:
    """The project that a call is about, as far as it says. Raises NotFound for one outside of the key's own."""
    if principal.project_id is None or asked in {None, principal.project_id}:
        return principal.project_id or asked
    raise NotFound("no such project")


@inject
async def read_scope(
    request: Request[Principal, Any, Any],
    projects: FromDishka[Projects],
    transaction: FromDishka[Transaction],
    asked_project: AskedProject = None,
) -> Scope:
    """What a read may see: the project that is asked for, the key's own, or the whole organization. Raises NotFound."""
    organization = Scope(request.user.organization_id)
    wanted = wanted_project(request.user, asked_project)
    if wanted is None:
        return organization
    async with transaction(organization):
        return (await projects.get(organization, wanted)).owner.scope


@inject
async def write_project(
    request: Request[Principal, Any, Any],
    projects: FromDishka[Projects],
    transaction: FromDishka[Transaction],
    asked_project: AskedProject = None,
) -> Project:
    """Where a write goes: the project that is asked for, the key's own, or the default one. Raises NotFound."""
    organization = Scope(request.user.organization_id)
    async with transaction(organization):
        return await projects.get(organization, wanted_project(request.user, asked_project))
