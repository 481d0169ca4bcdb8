"""Authenticates callers, checks their permissions, and finds the project that a call is for."""

from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from dishka import AsyncContainer, FromDishka
from dishka.integrations.litestar import inject
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Headers
from litestar.exceptions import ImproperlyConfiguredException, ValidationException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import HeaderParameter

from atende.core.identity.permissions import Permission
from atende.core.identity.principal import Principal
from atende.core.kernel import NotFound, TenantScope, Transaction, Unauthenticated
from atende.core.tenancy.model import Project
from atende.core.tenancy.ports import Projects
from atende.inbound.http.security import rate_limits as limits
from atende.inbound.http.security.credentials import CredentialCache
from atende.inbound.http.security.resource_scope import resolve_target

MAX_CREDENTIALS = 4
"""In one request. Each is looked up, and all must be valid."""

ProjectHeader = Annotated[
    UUID | None,
    HeaderParameter(
        name="X-Project-Id",
        required=False,
        description="Limits the call to one project. Without it, reads cover the whole organization (or the API key's"
        " project, or the one that you switched to), and new data goes into that project or the default one.",
    ),
]


class UndeclaredRoute(ImproperlyConfiguredException):
    """A route declares neither `permission=...` nor `public=True`."""


class TwoIdentities(ValidationException):
    """One request has credentials of two different callers."""


def declared_permission(handler: BaseRouteHandler) -> Permission | None:
    """The permission that a route needs; None for a public one. Raises UndeclaredRoute."""
    permission = handler.opt.get("permission")
    if isinstance(permission, Permission):
        return permission
    preflight = isinstance(handler, HTTPRouteHandler) and handler.http_methods == {"OPTIONS"}
    if permission is None and (preflight or handler.opt.get("public") is True):
        return None
    paths = ", ".join(sorted(handler.paths))
    raise UndeclaredRoute(f"the route {paths} ({handler}) declares neither permission=Permission.X nor public=True")


async def authorize(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard of every route, before any body is read. Raises Unauthenticated, NotAllowed, TwoIdentities or
    RateLimitExceeded.
    """
    permission = declared_permission(handler)
    if permission is None:
        await limits.count_anonymous(connection, handler)
        return
    if connection.headers.get("X-Project-Id") == "":
        # Litestar would take it for a header that was not sent, and the call would go into another project.
        extra = [{"key": "X-Project-Id", "message": "must be the id of a project", "source": "header"}]
        raise ValidationException(detail="X-Project-Id is empty", extra=extra)
    async with limits.authentication_attempt(connection, signed=lambda: _signed_by_us(connection)):
        principal = await authenticate(connection)
    await limits.count(connection, handler, principal)
    connection.scope["user"] = await resolve_target(connection, handler, principal, permission)


async def authenticate(connection: ASGIConnection[Any, Any, Any, Any]) -> Principal:
    """The caller: an API key, or a user with an access token. Cookies are not accepted as credentials.

    Raises Unauthenticated if any of the credentials is invalid, and TwoIdentities if they belong to different callers.
    """
    cache: CredentialCache = connection.app.state.credential_cache
    container: AsyncContainer = connection.state.dishka_container
    principals = []
    for credential in credentials_in(connection.headers):
        is_key = credential.in_key_header or await cache.is_like_a_key(credential.text)
        principals.append(
            await (cache.of_key(credential.text, container) if is_key else cache.of_token(credential.text))
        )
    if len({one.actor for one in principals}) > 1:
        raise _two_identities()
    return principals[0]


async def _signed_by_us(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether all credentials are access tokens signed by us, without asking the database."""
    cache: CredentialCache = connection.app.state.credential_cache
    try:
        shown = credentials_in(connection.headers)
    except (Unauthenticated, TwoIdentities):
        return False
    return all([not one.in_key_header and await cache.is_signed(one.text) for one in shown])


@dataclass(frozen=True, slots=True)
class Credential:
    """An API key or access token as it was sent."""

    text: str = field(repr=False)
    in_key_header: bool


def credentials_in(headers: Headers) -> list[Credential]:
    """The credentials in `X-API-Key` and `Authorization: Bearer`, each once.

    Raises Unauthenticated, and TwoIdentities for too many.
    """
    keys = {text.strip() for text in headers.getall("x-api-key", [])}
    shown = set(keys)
    for text in headers.getall("authorization", []):
        scheme, _, token = text.strip().partition(" ")
        if scheme.lower() == "bearer":
            shown.add(token.strip())
    if len(shown) > MAX_CREDENTIALS:
        raise _two_identities()
    if not any(shown):
        raise Unauthenticated("send an API key in the header X-API-Key, or a key or an access token as a Bearer token")
    return [Credential(text, in_key_header=text in keys) for text in sorted(shown)]


def _two_identities() -> TwoIdentities:
    message = "this request has credentials of two different callers: send either an API key or an access token"
    return TwoIdentities(message, extra=[{"key": "credentials", "message": message}])


def project_of_call(principal: Principal, header: UUID | None) -> UUID | None:
    """The project that a call names: that of the header, else that of the key or the one switched to; None if there is none.

    Raises NotFound for a project other than that of a bound key.
    """
    if principal.bound and header not in {None, principal.project_id}:
        raise NotFound("no such project")
    return header or principal.project_id


@inject
async def read_scope(
    request: Request[Principal, Any, Any],
    projects: FromDishka[Projects],
    transaction: FromDishka[Transaction],
    project_header: ProjectHeader = None,
) -> TenantScope:
    """The scope of a read: the named project, else the caller's own, else the whole organization. Raises NotFound."""
    organization = TenantScope(request.user.organization_id)
    wanted = project_of_call(request.user, project_header)
    if wanted is None:
        return organization
    async with transaction(organization):
        return (await projects.get(organization, wanted)).owner.scope


@inject
async def write_project(
    request: Request[Principal, Any, Any],
    projects: FromDishka[Projects],
    transaction: FromDishka[Transaction],
    project_header: ProjectHeader = None,
) -> Project:
    """The project of a write: the named one, else the caller's own, else the default one.

    Raises NotFound, and ProjectNotActive for a project that is not active.
    """
    organization = TenantScope(request.user.organization_id)
    async with transaction(organization):
        project = await projects.get(organization, project_of_call(request.user, project_header))
    project.require_active()
    return project
