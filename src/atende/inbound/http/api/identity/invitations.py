"""Accepting an invitation over HTTP."""

from inspect import getdoc
from typing import Annotated
from uuid import UUID

from dishka import FromDishka
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from atende.core.identity.accounts.passwords import PasswordRefused
from atende.core.identity.members.accept_invitation import AcceptInvitation, Answering, Joined
from atende.core.identity.model import LinkNotValid, MembershipStatus
from atende.core.identity.names import first_and_last
from atende.core.identity.permissions import Role
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.api.identity.accounts_wire import (
    AccountOut,
    AnonymousRequest,
    Name,
    OrganizationSummaryOut,
    Password,
    Token,
)
from atende.inbound.http.api.identity.sign_in_responses import client_of, signed_in
from atende.inbound.http.errors import problems
from atende.inbound.http.options import WebOptions
from atende.inbound.http.security.authorization import authenticate
from atende.inbound.http.wire.structs import In, Out, WholeName, WireResponse


class AcceptIn(In):
    """With an account, send only the token of the invitation, and your access token in the header."""

    example_fields = ("token", "password", "first_name", "last_name")
    token: Token
    password: Annotated[Password | None, Meta(description="For a new account.")] = None
    first_name: Name | None = None
    last_name: Name | None = None
    name: WholeName | None = None


class AcceptedOut(Out):
    """The tokens are for new accounts. Existing users are signed in already, and switch to the organization."""

    organization: OrganizationSummaryOut
    role: Role
    status: Annotated[MembershipStatus, Meta(description="`pending`: the membership waits for approval.")]
    user: AccountOut | None = None
    access_token: str | None = None
    refresh_token: str | None = None
    token_type: str | None = None
    expires_in: int | None = None


class InvitationAcceptanceController(ApiController):
    """Accepting an invitation."""

    path = "/auth/invitations"
    tags = ("auth",)

    @post(
        "/accept",
        status_code=200,
        public=True,
        sign_in=True,
        secret_fields=("accessToken", "refreshToken"),
        summary="Accept an invitation",
        description=getdoc(AcceptInvitation),
        response_description="The organization and your role in it; with tokens for a new account.",
        responses=problems(400, 401, 403, 404, 409, 422, LinkNotValid, PasswordRefused, public=True),
    )
    async def accept_invitation(
        self,
        request: AnonymousRequest,
        data: JSONBody[AcceptIn],
        options: NamedDependency[WebOptions],
        accept: FromDishka[AcceptInvitation],
    ) -> WireResponse[AcceptedOut]:
        first, last = first_and_last(data.name, data.first_name, data.last_name)
        answering = Answering(
            caller=await _caller(request),
            password=data.password,
            first_name=first,
            last_name=last,
            client=client_of(request),
        )
        return _answer(await accept(data.token, answering), request, options)


async def _caller(request: AnonymousRequest) -> UUID | None:
    """The user who is signed in, if any. Raises Unauthenticated for invalid credentials."""
    if not {"authorization", "x-api-key"} & set(request.headers):
        return None
    return (await authenticate(request)).user_id


def _answer(joined: Joined, request: AnonymousRequest, options: WebOptions) -> WireResponse[AcceptedOut]:
    where = joined.organization
    content = AcceptedOut(
        organization=OrganizationSummaryOut(id=where.id, name=where.name, slug=where.slug),
        role=joined.membership.role,
        status=joined.membership.status,
    )
    if joined.signed_in is None:
        return WireResponse(content, status_code=200)
    session = signed_in(joined.signed_in, request, options)
    found = session.content
    content.user, content.expires_in, content.token_type = found.user, found.expires_in, found.token_type
    content.access_token, content.refresh_token = found.access_token, found.refresh_token
    return WireResponse(content, status_code=200, cookies=session.cookies, headers={"Cache-Control": "no-store"})
