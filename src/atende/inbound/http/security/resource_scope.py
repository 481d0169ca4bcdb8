"""Where a call acts when its address says so: in which organization, on which project, over whom.

A route says it with `about=About.X`; without it a call acts in the organization that its caller signed in to, or whose key it is.
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
from atende.core.kernel import NotAllowed
from atende.core.tenancy.model import Project

_PROJECT = "atende.project"


class About(StrEnum):
    """What the permission of a route is held against."""

    ORGANIZATION = "organization"
    """The one in the path."""
    MEMBER = "member"
    """The same; over oneself no permission is needed, also where one waits for approval."""
    PROJECT = "project"
    """The organization of the project in the path."""
    PERSON = "person"
    """The caller's own organization; over oneself no permission is needed."""
    ANYWHERE = "anywhere"
    """Every organization of the caller: the handler asks again. A key still needs the permission."""
    NOTHING = "nothing"
    """Words of the program, which hold nothing of anybody: whoever is known may read them, keys without the permission too."""


async def reach(
    connection: ASGIConnection[Any, Any, Any, Any],
    handler: BaseRouteHandler,
    principal: Principal,
    permission: Permission,
) -> Principal:
    """The caller as they are where the call acts, permission and all. Raises NotFound for what is not theirs, NotAllowed."""
    about = handler.opt.get("about")
    path = connection.path_params
    if about in {About.ORGANIZATION, About.MEMBER}:
        act_in: ActIn = await connection.state.dishka_container.get(ActIn)
        leaving = about is About.MEMBER and _is_self(principal, path)
        principal = await act_in.organization(principal, UUID(str(path["organization_id"])), waiting=leaving)
        if principal.bound and permission.action != "read":
            raise NotAllowed("this key is of one project: it changes nothing of its organization")
    if about is About.PROJECT:
        act_in = await connection.state.dishka_container.get(ActIn)
        principal, project = await act_in.project(principal, UUID(str(path["project_id"])))
        connection.scope[_PROJECT] = project  # type: ignore[literal-required]
    if not _exempt(about, principal, path):
        principal.require(permission)
    return principal


def path_project(request: Request[Principal, Any, Any]) -> Project:
    """The project in the path of a route about one, as it was when the call came in; also a deleted one."""
    project: Project = request.scope[_PROJECT]  # type: ignore[literal-required]
    return project


def _exempt(about: About | None, principal: Principal, path: dict[str, Any]) -> bool:
    if about is About.NOTHING:
        return True
    if principal.user_id is None or about not in {About.MEMBER, About.PERSON, About.ANYWHERE}:
        return False
    return about is About.ANYWHERE or _is_self(principal, path)


def _is_self(principal: Principal, path: dict[str, Any]) -> bool:
    return principal.user_id is not None and str(path.get("user_id")) == str(principal.user_id)
