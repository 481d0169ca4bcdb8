"""The way back in: links that are mailed, and another password, over HTTP."""

from inspect import getdoc

from dishka import FromDishka
from dishka.integrations.litestar import inject
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler

from atende.core.identity.accounts.change_password import ChangePassword
from atende.core.identity.mail.links import RequestMail, ResetPassword, VerifyEmail
from atende.core.identity.permissions import Permission
from atende.inbound.http.api.identity.accounts_wire import (
    SECRETS,
    Caller,
    ChangePasswordIn,
    DoneOut,
    EmailIn,
    LinkIn,
    ResetPasswordIn,
    SignedInOut,
    Stranger,
    client_of,
    signed_in,
)
from atende.inbound.http.errors import problems
from atende.inbound.http.options import WebOptions
from atende.inbound.http.wire.structs import WireResponse

TAGS = ["auth"]
_ASKED = "if there is an account with this address, a mail is on its way"


@post(
    "/auth/verify-email",
    status_code=200,
    public=True,
    security=[{}],
    tags=TAGS,
    summary="Confirm an e-mail address",
    description=getdoc(VerifyEmail),
    response_description="It is confirmed.",
    responses=problems(400, 404, 422, public=True),
)
@inject
async def verify_email(request: Stranger, data: JSONBody[LinkIn], verify: FromDishka[VerifyEmail]) -> DoneOut:
    await verify(data.token, client_of(request))
    return DoneOut(message="your e-mail address is confirmed")


@post(
    "/auth/verify-email/send",
    status_code=202,
    public=True,
    security=[{}],
    tags=TAGS,
    summary="Ask for another mail to confirm an address",
    description=getdoc(RequestMail),
    response_description="Always the same.",
    responses=problems(400, 404, 422, public=True),
)
@inject
async def send_verification(request: Stranger, data: JSONBody[EmailIn], ask: FromDishka[RequestMail]) -> DoneOut:
    await ask.to_verify(data.email, client_of(request))
    return DoneOut(message=_ASKED)


@post(
    "/auth/forgot-password",
    status_code=202,
    public=True,
    security=[{}],
    tags=TAGS,
    summary="Ask for a new password",
    description=getdoc(RequestMail),
    response_description="Always the same.",
    responses=problems(400, 404, 422, public=True),
)
@inject
async def forgot_password(request: Stranger, data: JSONBody[EmailIn], ask: FromDishka[RequestMail]) -> DoneOut:
    await ask.to_reset(data.email, client_of(request))
    return DoneOut(message=_ASKED)


@post(
    "/auth/reset-password",
    status_code=200,
    public=True,
    security=[{}],
    tags=TAGS,
    summary="Set a new password by a mailed link",
    description=getdoc(ResetPassword),
    response_description="It is set: sign in with it.",
    responses=problems(400, 404, 422, public=True),
)
@inject
async def reset_password(
    request: Stranger, data: JSONBody[ResetPasswordIn], reset: FromDishka[ResetPassword]
) -> DoneOut:
    await reset(data.token, data.password, client_of(request))
    return DoneOut(message="your password is set: sign in with it")


@post(
    "/auth/change-password",
    status_code=200,
    permission=Permission.SELF,
    secret_fields=SECRETS,
    tags=TAGS,
    summary="Change your password",
    description=getdoc(ChangePassword),
    response_description="The next pair of tokens.",
    responses=problems(422),
)
@inject
async def change_password(
    request: Caller,
    data: JSONBody[ChangePasswordIn],
    options: NamedDependency[WebOptions],
    change: FromDishka[ChangePassword],
) -> WireResponse[SignedInOut]:
    changed = await change(
        request.user, current=data.current_password, new=data.new_password, client=client_of(request)
    )
    return signed_in(changed, request, options)


HANDLERS: list[ControllerRouterHandler] = [
    verify_email,
    send_verification,
    forgot_password,
    reset_password,
    change_password,
]
