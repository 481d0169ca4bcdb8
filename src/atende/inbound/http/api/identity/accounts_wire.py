"""What signing in looks like on the wire."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request
from litestar.datastructures import Cookie
from msgspec import Meta

from atende.core.identity.accounts.login_limits import DEVICE_LIFE
from atende.core.identity.accounts.tokens import Client, SignedIn
from atende.core.identity.model import REFRESH_LIFE, Session
from atende.core.identity.principal import Principal
from atende.core.kernel import PLATFORM
from atende.inbound.http.middleware.request_id import user_agent_of
from atende.inbound.http.options import WebOptions
from atende.inbound.http.security.client_address import client_address
from atende.inbound.http.wire.structs import EmailText, In, Out, WireResponse

SECRETS = ("accessToken", "refreshToken")
"""Fields that are shown once: the answer to a repeated request goes without them."""
REFRESH_COOKIE, DEVICE_COOKIE = "atende_refresh", "atende_device"
CallerRequest = Request[Principal, Any, Any]
AnonymousRequest = Request[Any, Any, Any]

Password = Annotated[
    str,
    Meta(
        max_length=1000,
        description="10 characters or more, at most 72 bytes of UTF-8.",
        examples=["a long secret of yours"],
    ),
]
Token = Annotated[str, Meta(max_length=500)]
Name = Annotated[str, Meta(max_length=100)]


WholeName = Annotated[
    str,
    Meta(
        max_length=201,
        description="Instead of first and last name: it is split at its first space. `firstName` and `lastName` take precedence.",
        examples=["Ana Lima"],
    ),
]


class RegisterIn(In):
    example_fields = ("email", "password", "first_name", "last_name", "organization_name", "language")
    email: EmailText
    password: Password
    first_name: Name = ""
    last_name: Name = ""
    name: WholeName | None = None
    organization_name: Annotated[str, Meta(max_length=255)] | None = None
    language: Literal["pt", "en", "es"] = "pt"


class LoginIn(In):
    email: Annotated[
        str, Meta(max_length=255, description="Anything that is not an address is refused like an unknown address.")
    ]
    password: Annotated[str, Meta(max_length=1000)]


class RefreshIn(In):
    refresh_token: Annotated[Token | None, Meta(description="Default: the one in the cookie.")] = None


class EmailIn(In):
    email: EmailText


class LinkIn(In):
    token: Token


class ResetPasswordIn(In):
    token: Token
    password: Password


class ChangePasswordIn(In):
    current_password: Annotated[str, Meta(max_length=1000)]
    new_password: Password


class SwitchIn(In):
    example_fields = ("project_id",)
    organization_id: UUID | None = None
    project_id: UUID | None = None


class AccountOut(Out):
    id: UUID
    email: str
    first_name: str
    last_name: str
    name: str


class HomeOut(Out):
    id: UUID
    name: str
    slug: str


class SignedInOut(Out):
    """`expiresIn`: lifetime of the access token in seconds. The refresh token is also set as the cookie `atende_refresh`."""

    user: AccountOut
    organization: Annotated[
        HomeOut | None, Meta(description="The organization of the token; null without any membership.")
    ]
    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int


class SwitchedOut(Out):
    """The refresh token stays valid, and leads to the same organization and project from now on."""

    organization: HomeOut
    project_id: UUID | None
    access_token: str
    token_type: str
    expires_in: int


class DoneOut(Out):
    message: str


class SessionOut(Out):
    id: UUID
    current: bool
    organization_id: UUID | None
    project_id: UUID | None
    user_agent: str
    ip_address: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


def signed_in(
    found: SignedIn, request: AnonymousRequest, options: WebOptions, *, status: int = 200
) -> WireResponse[Any]:
    """The answer with its cookies."""
    assert found.refresh_token is not None, "a sign-in gives both tokens"
    content = SignedInOut(
        user=AccountOut.of(found.user),
        organization=home_out(found),
        access_token=found.access_token,
        refresh_token=found.refresh_token,
        token_type="Bearer",  # noqa: S106
        expires_in=found.expires_in,
    )
    cookies = []
    if may_set_cookies(request, options):
        cookies.append(
            _cookie(request, options, REFRESH_COOKIE, found.refresh_token, int(REFRESH_LIFE.total_seconds()))
        )
    if cookies and found.device:
        cookies.append(_cookie(request, options, DEVICE_COOKIE, found.device, int(DEVICE_LIFE.total_seconds())))
    return WireResponse(content, status_code=status, cookies=cookies, headers={"Cache-Control": "no-store"})


def signed_out(request: AnonymousRequest, options: WebOptions, message: str) -> WireResponse[Any]:
    """The refresh cookie is taken back."""
    return WireResponse(DoneOut(message=message), cookies=[_cookie(request, options, REFRESH_COOKIE, "", 0)])


def home_out(found: SignedIn) -> HomeOut | None:
    place = found.organization
    return None if place is None else HomeOut.of(place)


def session_out(session: Session, *, current: bool) -> SessionOut:
    nowhere = session.organization_id == PLATFORM.organization_id
    return SessionOut.of(
        session,
        current=current,
        organization_id=None if nowhere else session.organization_id,
        last_used_at=session.rotated_at,
        expires_at=min(session.expires_at, session.idle_until),
    )


def client_of(request: AnonymousRequest) -> Client:
    """The program in front of whoever signs in."""
    return Client(
        address=client_address(request),
        user_agent=user_agent_of(request),
        device=request.cookies.get(DEVICE_COOKIE, ""),
    )


@asynccontextmanager
async def in_equal_time(seconds: float) -> AsyncIterator[None]:
    """Ends at a whole multiple of so many seconds after it began, so that its length tells nothing; with 0 at once."""
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        yield
    finally:
        if seconds > 0:
            await asyncio.sleep(seconds - (clock() - began) % seconds)


def may_set_cookies(request: AnonymousRequest, options: WebOptions) -> bool:
    """Whether the page that asks is ours or one of `cors_origins`. Forms of any other page could else sign its visitors in to
    somebody else's account. Programs that are no browsers name no page.
    """
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "none")
    if origin is None or site == "same-origin":  # also behind a proxy that changes the host
        return site in {"none", "same-origin"}
    ours = origin.partition("://")[2] == request.headers.get("host", "").lower()
    return ours or origin in options.cors_origins


def _cookie(request: AnonymousRequest, options: WebOptions, name: str, value: str, life: int) -> Cookie:
    """For the routes of signing in alone, under the prefix that was called, and never for a script or another site."""
    path = request.url.path
    prefix = path.partition("/auth")[0] if "/auth" in path else path.partition("/users")[0]
    return Cookie(
        name,
        value=value,
        path=f"{prefix}/auth",
        max_age=life,
        httponly=True,
        secure=options.https or request.url.scheme == "https",
        samesite="strict",
    )
