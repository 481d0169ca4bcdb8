"""Registration, signing in and out, and sessions over HTTP."""

from inspect import getdoc
from typing import Any
from uuid import UUID

from dishka import FromDishka
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from atende.core.identity.accounts.passwords import PasswordRefused
from atende.core.identity.accounts.refresh import Refresh
from atende.core.identity.accounts.register import Register, Registration
from atende.core.identity.accounts.sign_in import SignIn
from atende.core.identity.accounts.sign_out import ListSessions, SignOut, SignOutEverywhere
from atende.core.identity.accounts.switch import Switch
from atende.core.identity.model import EmailTaken, NotVerified, WrongCredentials
from atende.core.identity.names import first_and_last
from atende.core.identity.permissions import Permission
from atende.core.identity.ports import AccessTokens
from atende.core.kernel import Unauthenticated
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.api.identity.accounts_wire import (
    SECRETS,
    AnonymousRequest,
    CallerRequest,
    ConfirmationOut,
    LoginIn,
    RefreshIn,
    RegisterIn,
    SessionOut,
    SignedInOut,
    SwitchedOut,
    SwitchIn,
    organization_summary,
    session_out,
)
from atende.inbound.http.api.identity.sign_in_responses import (
    REFRESH_COOKIE,
    client_of,
    in_equal_time,
    may_set_cookies,
    signed_in,
    signed_out,
)
from atende.inbound.http.errors import problems
from atende.inbound.http.options import WebOptions
from atende.inbound.http.wire.pages import PageOut, PageRequest, time_key
from atende.inbound.http.wire.structs import WireResponse

_ACCEPTED = ResponseSpec(
    ConfirmationOut,
    generate_examples=False,
    description="The address must be confirmed first, with the link in a mail.",
)


class AccountsController(ApiController):
    """Registration and signing in."""

    path = "/auth"
    tags = ("auth",)

    @post(
        "/register",
        public=True,
        sign_in=True,
        secret_fields=SECRETS,
        summary="Register an account",
        description=getdoc(Register),
        response_description="The account, its organization, and tokens.",
        responses=problems(400, 409, 422, EmailTaken, PasswordRefused, public=True) | {202: _ACCEPTED},
    )
    async def register_account(
        self,
        request: AnonymousRequest,
        data: JSONBody[RegisterIn],
        options: NamedDependency[WebOptions],
        register_person: FromDishka[Register],
    ) -> WireResponse[SignedInOut]:
        first, last = first_and_last(data.name, data.first_name, data.last_name)
        registration = Registration(
            email=data.email,
            password=data.password,
            first_name=first or "",
            last_name=last or "",
            organization_name=data.organization_name,
            language=data.language,
        )
        async with in_equal_time(options.registration_time_step if register_person.policy.verified_only else 0):
            signed_up = await register_person(registration, client_of(request))
        if signed_up is None:
            accepted: WireResponse[Any] = WireResponse(
                ConfirmationOut(message="a mail was sent: follow its link"), status_code=202
            )
            return accepted
        return signed_in(signed_up, request, options, status=201)

    @post(
        "/login",
        status_code=200,
        public=True,
        devices=True,
        sign_in=True,
        secret_fields=SECRETS,
        summary="Sign in",
        description=getdoc(SignIn),
        response_description="The account and tokens.",
        responses=problems(400, 401, 403, WrongCredentials, NotVerified, public=True),
    )
    async def sign_in(
        self,
        request: AnonymousRequest,
        data: JSONBody[LoginIn],
        options: NamedDependency[WebOptions],
        sign_in: FromDishka[SignIn],
    ) -> WireResponse[SignedInOut]:
        return signed_in(await sign_in(data.email, data.password, client_of(request)), request, options)

    @post(
        "/restore",
        status_code=200,
        public=True,
        devices=True,
        sign_in=True,
        secret_fields=SECRETS,
        summary="Restore a deleted account",
        description=getdoc(SignIn.restoring),
        response_description="The account and tokens.",
        responses=problems(400, 401, 403, 409, WrongCredentials, NotVerified, public=True),
    )
    async def restore_account(
        self,
        request: AnonymousRequest,
        data: JSONBody[LoginIn],
        options: NamedDependency[WebOptions],
        sign_in: FromDishka[SignIn],
    ) -> WireResponse[SignedInOut]:
        found = await sign_in.restoring(data.email, data.password, client_of(request))
        return signed_in(found, request, options)

    @post(
        "/refresh",
        status_code=200,
        public=True,
        devices=True,
        secret_fields=SECRETS,
        summary="Refresh the tokens",
        description=getdoc(Refresh),
        response_description="A new pair of tokens.",
        responses=problems(400, 401, public=True),
    )
    async def refresh_tokens(
        self,
        request: AnonymousRequest,
        options: NamedDependency[WebOptions],
        use: FromDishka[Refresh],
        data: JSONBody[RefreshIn | None] = None,
    ) -> WireResponse[SignedInOut]:
        cookie = request.cookies.get(REFRESH_COOKIE, "") if may_set_cookies(request, options) else ""
        token = (data and data.refresh_token) or cookie
        if not token:
            raise Unauthenticated("send the refresh token in the body, or in its cookie")
        return signed_in(await use(token, client_of(request)), request, options)

    @post(
        "/logout",
        status_code=200,
        permission=Permission.SELF,
        summary="Sign out",
        description="Ends this session: its refresh token is void at once, its access token within 5 seconds.",
        response_description="The session has ended.",
    )
    async def sign_out(
        self, request: CallerRequest, options: NamedDependency[WebOptions], sign_out: FromDishka[SignOut]
    ) -> WireResponse[ConfirmationOut]:
        await sign_out(request.user)
        return signed_out(request, options, "signed out")

    @post(
        "/logout-all",
        status_code=200,
        permission=Permission.SELF,
        summary="Sign out everywhere",
        description=getdoc(SignOutEverywhere),
        response_description="All sessions have ended.",
    )
    async def sign_out_everywhere(
        self, request: CallerRequest, options: NamedDependency[WebOptions], sign_out: FromDishka[SignOutEverywhere]
    ) -> WireResponse[ConfirmationOut]:
        await sign_out(request.user)
        return signed_out(request, options, "signed out everywhere")

    @post(
        "/switch",
        status_code=200,
        permission=Permission.SELF,
        secret_fields=SECRETS,
        summary="Switch to another organization or project",
        description=getdoc(Switch),
        response_description="An access token for the other organization or project.",
    )
    async def switch_organization(
        self, request: CallerRequest, data: JSONBody[SwitchIn], switch: FromDishka[Switch]
    ) -> SwitchedOut:
        found = await switch(request.user, organization_id=data.organization_id, project_id=data.project_id)
        organization = organization_summary(found)
        assert organization is not None, "a switch always leads to an organization"
        return SwitchedOut(
            organization=organization,
            project_id=found.session.project_id,
            access_token=found.access_token,
            token_type="Bearer",  # noqa: S106
            expires_in=found.expires_in,
        )


class SessionsController(ApiController):
    """Sessions of the caller."""

    path = "/auth/sessions"
    tags = ("auth",)

    @get(
        permission=Permission.SELF,
        summary="List your sessions",
        description=getdoc(ListSessions),
        response_description="One page of sessions.",
    )
    async def list_sessions(
        self, request: CallerRequest, sessions: FromDishka[ListSessions], page_request: NamedDependency[PageRequest]
    ) -> PageOut[SessionOut]:
        every_session = await sessions(request.user)
        found = page_request.slice(every_session, lambda one: time_key(one.created_at, one.id), newest_first=True)
        return page_request.respond(found, lambda one: session_out(one, current=one.id == request.user.session_id))

    @delete(
        "/{session_id:uuid}",
        permission=Permission.SELF,
        summary="End a session",
        description=getdoc(SignOut),
        response_description="The session has ended.",
    )
    async def end_session(
        self, session_id: FromPath[UUID], request: CallerRequest, sign_out: FromDishka[SignOut]
    ) -> None:
        await sign_out(request.user, session_id)


class SigningKeysController(ApiController):
    """Public keys that verify access tokens."""

    path = "/.well-known"

    @get(
        "/jwks.json",
        public=True,
        include_in_schema=False,
    )
    async def get_signing_keys(self, tokens: FromDishka[AccessTokens]) -> dict[str, list[dict[str, Any]]]:
        """Public keys of access tokens; none if they are signed with a shared secret."""
        return {"keys": tokens.public_keys()}
