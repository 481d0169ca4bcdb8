"""Responses that sign users in and out, with their cookies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar.datastructures import Cookie

from atende.core.identity.accounts.login_limits import DEVICE_LIFE
from atende.core.identity.accounts.tokens import Client, SignedIn
from atende.core.identity.model import REFRESH_LIFE
from atende.inbound.http.api.identity.accounts_wire import (
    AccountOut,
    AnonymousRequest,
    ConfirmationOut,
    SignedInOut,
    organization_summary,
)
from atende.inbound.http.middleware.client_address import DEVICE_COOKIE, client_address
from atende.inbound.http.middleware.request_id import user_agent_of
from atende.inbound.http.options import WebOptions
from atende.inbound.http.wire.structs import WireResponse

REFRESH_COOKIE = "atende_refresh"


def signed_in(
    found: SignedIn, request: AnonymousRequest, options: WebOptions, *, status: int = 200
) -> WireResponse[Any]:
    """The response to a sign-in, with its cookies."""
    assert found.refresh_token is not None, "a sign-in gives both tokens"
    content = SignedInOut(
        user=AccountOut.of(found.user),
        organization=organization_summary(found),
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
    """The response to a sign-out, which deletes the refresh cookie."""
    return WireResponse(ConfirmationOut(message=message), cookies=[_cookie(request, options, REFRESH_COOKIE, "", 0)])


def client_of(request: AnonymousRequest) -> Client:
    """The client program that the user signs in with."""
    return Client(
        address=client_address(request),
        user_agent=user_agent_of(request),
        device=request.cookies.get(DEVICE_COOKIE, ""),
    )


@asynccontextmanager
async def in_equal_time(seconds: float) -> AsyncIterator[None]:
    """Takes a multiple of so many seconds, so that the time reveals nothing; with 0, only as long as it needs."""
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        yield
    finally:
        if seconds > 0:
            await asyncio.sleep(seconds - (clock() - began) % seconds)


def may_set_cookies(request: AnonymousRequest, options: WebOptions) -> bool:
    """Whether the calling page is ours or one of `cors_origins`: forms of other pages could sign visitors in to somebody else's
    account. Programs other than browsers send no origin.
    """
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "none")
    if origin is None or site == "same-origin":  # also behind a proxy that changes the host
        return site in {"none", "same-origin"}
    ours = origin.partition("://")[2] == request.headers.get("host", "").lower()
    return ours or origin in options.cors_origins


def _cookie(request: AnonymousRequest, options: WebOptions, name: str, value: str, life: int) -> Cookie:
    """Sent to the sign-in routes under the called prefix only, and hidden from scripts and other sites."""
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
