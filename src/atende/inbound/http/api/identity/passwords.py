"""Confirming addresses, and resetting and changing passwords, over HTTP."""

from inspect import getdoc

from dishka import FromDishka
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from atende.core.identity.accounts.change_password import ChangePassword, WrongPassword
from atende.core.identity.accounts.passwords import PasswordRefused
from atende.core.identity.mail.links import RequestMail, ResetPassword, VerifyEmail
from atende.core.identity.model import LinkNotValid
from atende.core.identity.permissions import Permission
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.api.identity.accounts_wire import (
    SECRETS,
    AnonymousRequest,
    CallerRequest,
    ChangePasswordIn,
    ConfirmationOut,
    EmailIn,
    LinkIn,
    ResetPasswordIn,
    SignedInOut,
)
from atende.inbound.http.api.identity.sign_in_responses import client_of, signed_in
from atende.inbound.http.errors import problems
from atende.inbound.http.options import WebOptions
from atende.inbound.http.wire.structs import WireResponse

_SENT = "if there is an account with this address, a mail was sent"


class PasswordsController(ApiController):
    """Links sent by mail, and password changes."""

    path = "/auth"
    tags = ("auth",)

    @post(
        "/verify-email",
        status_code=200,
        public=True,
        summary="Confirm an e-mail address",
        description=getdoc(VerifyEmail),
        response_description="The address is confirmed.",
        responses=problems(400, 404, 422, LinkNotValid, public=True),
    )
    async def verify_email(
        self, request: AnonymousRequest, data: JSONBody[LinkIn], verify: FromDishka[VerifyEmail]
    ) -> ConfirmationOut:
        await verify(data.token, client_of(request))
        return ConfirmationOut(message="your e-mail address is confirmed")

    @post(
        "/verify-email/send",
        status_code=202,
        public=True,
        summary="Request another confirmation mail",
        description=getdoc(RequestMail),
        response_description="Accepted. The answer is the same for every address.",
        responses=problems(400, 404, 422, public=True),
    )
    async def send_verification_email(
        self, request: AnonymousRequest, data: JSONBody[EmailIn], ask: FromDishka[RequestMail]
    ) -> ConfirmationOut:
        await ask.to_verify(data.email, client_of(request))
        return ConfirmationOut(message=_SENT)

    @post(
        "/forgot-password",
        status_code=202,
        public=True,
        summary="Request a password reset",
        description=getdoc(RequestMail),
        response_description="Accepted. The answer is the same for every address.",
        responses=problems(400, 404, 422, public=True),
    )
    async def request_password_reset(
        self, request: AnonymousRequest, data: JSONBody[EmailIn], ask: FromDishka[RequestMail]
    ) -> ConfirmationOut:
        await ask.to_reset(data.email, client_of(request))
        return ConfirmationOut(message=_SENT)

    @post(
        "/reset-password",
        status_code=200,
        public=True,
        summary="Reset your password",
        description=getdoc(ResetPassword),
        response_description="The password is set. Sign in with it.",
        responses=problems(400, 404, 422, LinkNotValid, PasswordRefused, public=True),
    )
    async def reset_password(
        self, request: AnonymousRequest, data: JSONBody[ResetPasswordIn], reset: FromDishka[ResetPassword]
    ) -> ConfirmationOut:
        await reset(data.token, data.password, client_of(request))
        return ConfirmationOut(message="your password is set: sign in with it")

    @post(
        "/change-password",
        status_code=200,
        permission=Permission.SELF,
        secret_fields=SECRETS,
        summary="Change your password",
        description=getdoc(ChangePassword),
        response_description="A new pair of tokens.",
        responses=problems(422, WrongPassword, PasswordRefused),
    )
    async def change_password(
        self,
        request: CallerRequest,
        data: JSONBody[ChangePasswordIn],
        options: NamedDependency[WebOptions],
        change: FromDishka[ChangePassword],
    ) -> WireResponse[SignedInOut]:
        changed = await change(
            request.user, current=data.current_password, new=data.new_password, client=client_of(request)
        )
        return signed_in(changed, request, options)
