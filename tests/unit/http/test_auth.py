"""Who calls and what they may do, without a database; and routes that forgot to say."""

from typing import Any
from uuid import UUID

import pytest
from dishka import Provider, make_async_container
from litestar import get
from litestar.datastructures import Headers
from litestar.handlers import asgi
from litestar.types import ControllerRouterHandler, Receive, Scope, Send

from atende.core.audit.model import Actor, ActorKind
from atende.core.identity.model import MembershipStatus, UserStatus
from atende.core.identity.permissions import PLATFORM, Permission, Role
from atende.core.identity.principal import Access, Claims, Principal
from atende.core.kernel import NotFound, Unauthenticated
from atende.inbound.http.app import WebOptions, make_app
from atende.inbound.http.security.authorization import TwoIdentities, UndeclaredRoute, credentials_in, project_of_call
from atende.inbound.http.security.credentials import person

ORGANIZATION, FIRST, SECOND = UUID(int=1), UUID(int=2), UUID(int=3)


def principal(project_id: UUID | None, *, bound: bool = False) -> Principal:
    return Principal(
        actor=Actor(ActorKind.KEY, UUID(int=9)),
        organization_id=ORGANIZATION,
        permissions=frozenset(Permission),
        project_id=project_id,
        bound=bound,
    )


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


STRANGERS = {
    "register_account",
    "sign_in",
    "restore_account",
    "refresh_tokens",
    "verify_email",
    "send_verification_email",
    "request_password_reset",
    "reset_password",
    "get_signing_keys",
}
"""What those who are not known may call to become known."""
OPEN = {
    "_handler",
    "accept_invitation",
    "account_script",
    "account_style",
    "docs_page",
    "docs_script",
    "docs_style",
    "get_health",
    "get_liveness",
    "get_metrics",
    "get_plan",
    "get_readiness",
    "handle_schema_path_not_found",
    "invitation_page",
    "list_active_plans",
    "list_plans",
    "redirect_to_docs",
    "reset_password_page",
    "verify_email_page",
}
"""Pages, price lists and probes."""


def test_every_route_of_ours_declares_what_it_needs() -> None:
    app = make_app(make_async_container(Provider()), WebOptions())
    handlers = [
        handler
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if handler.http_methods != {"OPTIONS"}
    ]
    needed = {handler.opt.get("permission") for handler in handlers if handler.opt.get("public") is not True}
    assert needed <= set(Permission)
    assert {Permission.SELF, Permission.PLATFORM_READ, Permission.DOCUMENTS_CREATE} <= needed
    public = {handler.handler_name for handler in handlers if handler.opt.get("public") is True}
    assert public == STRANGERS | OPEN  # what else is to be open to everybody is named here first


@pytest.mark.parametrize(
    ("headers", "in_key_header"),
    [
        ([("X-API-Key", "a")], True),
        ([("Authorization", "Bearer a")], False),
        ([("authorization", "BEARER  a ")], False),
        ([("X-API-Key", " a"), ("Authorization", "Bearer a")], True),
        ([("X-API-Key", "a"), ("Authorization", "Basic eDp5")], True),
        ([("Authorization", "Bearer a"), ("Cookie", "atende_refresh=b")], False),
    ],
)
def test_credentials_are_found_in_either_header(headers: list[tuple[str, str]], *, in_key_header: bool) -> None:
    (shown,) = credentials_in(sent(headers))
    assert (shown.text, shown.in_key_header) == ("a", in_key_header)
    assert "'a'" not in repr(shown)


@pytest.mark.parametrize(
    "headers",
    [
        [("X-API-Key", "a"), ("Authorization", "Bearer b")],
        [("X-API-Key", "a"), ("X-API-Key", "b")],
        [("Authorization", "Bearer a"), ("Authorization", "Bearer b")],
    ],
)
def test_both_of_two_credentials_are_looked_at(headers: list[tuple[str, str]]) -> None:
    assert [one.text for one in credentials_in(sent(headers))] == ["a", "b"]


def test_many_credentials_are_too_many() -> None:
    with pytest.raises(TwoIdentities):
        credentials_in(sent([("X-API-Key", letter) for letter in "abcde"]))


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Cookie", "atende_refresh=a")],
        [("X-API-Key", " ")],
        [("Authorization", "Bearer")],
        [("Authorization", "a")],
    ],
)
def test_nobody_is_told_how_to_say_who_they_are(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(Unauthenticated, match="X-API-Key"):
        credentials_in(sent(headers))


def test_a_call_is_about_the_project_that_it_names_within_what_its_key_may_see() -> None:
    assert project_of_call(principal(None), None) is None
    assert project_of_call(principal(None), SECOND) == SECOND
    assert project_of_call(principal(FIRST), None) == FIRST  # switched to, and free to go elsewhere
    assert project_of_call(principal(FIRST), SECOND) == SECOND
    assert project_of_call(principal(FIRST, bound=True), None) == FIRST
    assert project_of_call(principal(FIRST, bound=True), FIRST) == FIRST
    with pytest.raises(NotFound, match="no such project"):
        project_of_call(principal(FIRST, bound=True), SECOND)


def someone(access: Access) -> Principal:
    return person(
        Claims(
            user_id=UUID(int=7),
            session_id=UUID(int=8),
            session_version=1,
            organization_id=ORGANIZATION,
            project_id=FIRST,
        ),
        access,
    )


def access(**given: Any) -> Access:
    usual: dict[str, Any] = {
        "user_status": UserStatus.ACTIVE,
        "session_version": 1,
        "session_live": True,
        "is_operator": False,
        "is_verified": True,
        "role": Role.ADMIN,
        "membership_status": MembershipStatus.ACTIVE,
        "permissions": frozenset({Permission.DOCUMENTS_READ}),
    }
    return Access(**(usual | given))


def test_a_member_acts_in_the_organization_of_their_token() -> None:
    found = someone(access())
    assert (found.organization_id, found.project_id, found.role) == (ORGANIZATION, FIRST, Role.ADMIN)
    assert found.permissions == {Permission.SELF, Permission.DOCUMENTS_READ}


@pytest.mark.parametrize(
    "given", [{"role": None, "membership_status": None}, {"membership_status": MembershipStatus.PENDING}]
)
def test_whoever_is_no_member_acts_for_themselves_alone(given: dict[str, Any]) -> None:
    found = someone(access(**given))
    assert (found.has_organization, found.project_id, found.role) == (False, None, None)
    assert found.permissions == {Permission.SELF}
    operator = someone(access(**given, is_operator=True))
    assert operator.permissions == {Permission.SELF} | PLATFORM
