"""Wire structs of accounts and sessions."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request
from msgspec import Meta

from atende.core.identity.accounts.tokens import SignedIn
from atende.core.identity.model import Session
from atende.core.identity.principal import Principal
from atende.core.kernel import PLATFORM
from atende.inbound.http.wire.structs import EmailText, In, Out, WholeName

SECRETS = ("accessToken", "refreshToken")
"""Fields that a repeated request with the same Idempotency-Key does not show again."""
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


class OrganizationSummaryOut(Out):
    id: UUID
    name: str
    slug: str


class SignedInOut(Out):
    """`expiresIn`: lifetime of the access token in seconds. The refresh token is also set as the cookie `atende_refresh`."""

    user: AccountOut
    organization: Annotated[
        OrganizationSummaryOut | None, Meta(description="The organization of the token; null without any membership.")
    ]
    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int


class SwitchedOut(Out):
    """The refresh token stays valid, and leads to the same organization and project from now on."""

    organization: OrganizationSummaryOut
    project_id: UUID | None
    access_token: str
    token_type: str
    expires_in: int


class ConfirmationOut(Out):
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


def organization_summary(found: SignedIn) -> OrganizationSummaryOut | None:
    place = found.organization
    return None if place is None else OrganizationSummaryOut.of(place)


def session_out(session: Session, *, current: bool) -> SessionOut:
    nowhere = session.organization_id == PLATFORM.organization_id
    return SessionOut.of(
        session,
        current=current,
        organization_id=None if nowhere else session.organization_id,
        last_used_at=session.rotated_at,
        expires_at=min(session.expires_at, session.idle_until),
    )
