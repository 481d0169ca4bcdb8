"""Who calls and what they may do, without a database; and routes that forgot to say."""

from uuid import UUID

import pytest
from dishka import Provider, make_async_container
from litestar import get
from litestar.datastructures import Headers
from litestar.handlers import asgi
from litestar.types import ControllerRouterHandler, Receive, Scope, Send

from atende.core.identity.model import Permission, Principal
from atende.core.kernel import NotFound, Unauthenticated
from atende.inbound.http.app import WebOptions, make_app
from atende.inbound.http.auth import TwoIdentities, UndeclaredRoute, presented_key, wanted_project

ORGANIZATION, FIRST, SECOND = UUID(int=1), UUID(int=2), UUID(int=3)


def principal(project_id: UUID | None) -> Principal:
    return Principal(ORGANIZATION, UUID(int=9), frozenset({"*"}), project_id)


def sent(headers: list[tuple[str, str]]) -> Headers:
    return Headers([(name.lower().encode(), value.encode()) for name, value in headers])


@get("/silent")
async def silent() -> None:
    """Says nothing about who may call it."""


@get("/untrue", public=False)
async def untrue() -> None:
    """Neither public nor permitted."""


@get("/misspelt", permission="documents:read")
async def misspelt() -> None:
    """A text is no permission."""


@asgi("/raw", copy_scope=False)
async def raw(scope: Scope, receive: Receive, send: Send) -> None:
    """Plain ASGI is no way around."""


@pytest.mark.parametrize("handler", [silent, untrue, misspelt, raw])
def test_a_route_without_a_permission_refuses_the_start(handler: ControllerRouterHandler) -> None:
    with pytest.raises(UndeclaredRoute, match="declares neither permission"):
        make_app(make_async_container(Provider()), WebOptions(), extra_handlers=[handler])


def test_every_route_of_ours_declares_what_it_needs() -> None:
    app = make_app(make_async_container(Provider()), WebOptions())
    needed = {
        handler.opt.get("permission")
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if handler.opt.get("public") is not True and handler.http_methods != {"OPTIONS"}
    }
    assert needed == set(Permission)


@pytest.mark.parametrize(
    "headers",
    [
        [("X-API-Key", "a")],
        [("Authorization", "Bearer a")],
        [("authorization", "BEARER  a ")],
        [("X-API-Key", " a"), ("Authorization", "Bearer a")],
        [("X-API-Key", "a"), ("Authorization", "Basic eDp5")],
    ],
)
def test_the_key_is_found_in_either_header(headers: list[tuple[str, str]]) -> None:
    assert presented_key(sent(headers)) == "a"


@pytest.mark.parametrize(
    "headers",
    [
        [("X-API-Key", "a"), ("Authorization", "Bearer b")],
        [("X-API-Key", "a"), ("X-API-Key", "b")],
        [("Authorization", "Bearer a"), ("Authorization", "Bearer b")],
    ],
)
def test_two_identities_are_refused(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(TwoIdentities):
        presented_key(sent(headers))


@pytest.mark.parametrize("headers", [[], [("X-API-Key", " ")], [("Authorization", "Bearer")], [("Authorization", "a")]])
def test_nobody_is_told_how_to_say_who_they_are(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(Unauthenticated, match="X-API-Key"):
        presented_key(sent(headers))


def test_a_call_is_about_the_project_that_it_names_within_what_its_key_may_see() -> None:
    assert wanted_project(principal(None), None) is None
    assert wanted_project(principal(None), SECOND) == SECOND
    assert wanted_project(principal(FIRST), None) == FIRST
    assert wanted_project(principal(FIRST), FIRST) == FIRST
    with pytest.raises(NotFound, match="no such project"):
        wanted_project(principal(FIRST), SECOND)
