"""Administration of the installation over HTTP."""

from datetime import datetime
from inspect import getdoc
from typing import Annotated, Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from atende.core.identity.members.operators import LiftUser, SetLimits, SuspendUser
from atende.core.identity.model import UserStatus
from atende.core.identity.permissions import Permission
from atende.core.identity.ports import Operators
from atende.core.identity.principal import Principal
from atende.core.tenancy.model import PaymentStatus
from atende.core.tenancy.suspend_payer import LiftPayer, SuspendPayer
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.errors import problems
from atende.inbound.http.wire.pages import PageOut, PageRequest
from atende.inbound.http.wire.structs import In, Out

CallerRequest = Request[Principal, Any, Any]


class ManagedOrganizationOut(Out):
    """An organization as operators see it."""

    id: UUID
    name: str
    slug: str
    custom_limits: dict[str, Any]
    created_at: datetime
    deleted_at: datetime | None


class LimitsIn(In):
    limits: Annotated[
        dict[str, Any],
        Meta(description="Limits by the names that plans use, for example `max_projects`; -1 means no limit."),
    ]


class SuspensionIn(In):
    reason: Annotated[str, Meta(min_length=1, max_length=1_000)]


class SuspendedOut(Out):
    id: UUID
    email: str
    status: UserStatus


class PayerOut(Out):
    id: UUID
    organization_id: UUID
    name: str
    payment_status: PaymentStatus
    suspended_at: datetime | None
    suspension_reason: str | None


class OperatorsController(ApiController):
    """Administration of the installation, for operators."""

    path = "/admin"
    tags = ("admin",)

    @get(
        "/organizations",
        permission=Permission.PLATFORM_READ,
        summary="List all organizations",
        description="Newest first, including deleted ones: names and limits, but no content.",
        response_description="One page of organizations.",
    )
    async def list_all_organizations(
        self, operators: FromDishka[Operators], page_request: NamedDependency[PageRequest]
    ) -> PageOut[ManagedOrganizationOut]:
        found = await operators.organizations(**page_request.arguments)
        return page_request.respond(found, ManagedOrganizationOut.of)

    @put(
        "/organizations/{organization_id:uuid}/limits",
        permission=Permission.PLATFORM_MANAGE,
        summary="Set an organization's own limits",
        description=getdoc(SetLimits),
        response_description="The organization with its limits.",
        responses=problems(422),
    )
    async def set_organization_limits(
        self, organization_id: FromPath[UUID], data: JSONBody[LimitsIn], set_them: FromDishka[SetLimits]
    ) -> ManagedOrganizationOut:
        return ManagedOrganizationOut.of(await set_them(organization_id, data.limits))

    @post(
        "/users/{user_id:uuid}/suspend",
        status_code=200,
        permission=Permission.PLATFORM_MANAGE,
        summary="Suspend a user",
        description=getdoc(SuspendUser),
        response_description="The suspended user.",
        responses=problems(409, 422),
    )
    async def suspend_user(
        self,
        user_id: FromPath[UUID],
        request: CallerRequest,
        data: JSONBody[SuspensionIn],
        suspend: FromDishka[SuspendUser],
    ) -> SuspendedOut:
        return SuspendedOut.of(await suspend(user_id, by=request.user.user_id, reason=data.reason))

    @post(
        "/users/{user_id:uuid}/lift",
        status_code=200,
        permission=Permission.PLATFORM_MANAGE,
        summary="Lift a user's suspension",
        description=getdoc(LiftUser),
        response_description="The user, who can sign in again.",
        responses=problems(409),
    )
    async def lift_user_suspension(self, user_id: FromPath[UUID], lift: FromDishka[LiftUser]) -> SuspendedOut:
        return SuspendedOut.of(await lift(user_id))

    @post(
        "/billing-accounts/{account_id:uuid}/suspend",
        status_code=200,
        permission=Permission.PLATFORM_MANAGE,
        summary="Suspend a billing account",
        description=getdoc(SuspendPayer),
        response_description="The suspended billing account.",
        responses=problems(409, 422),
    )
    async def suspend_billing_account(
        self, account_id: FromPath[UUID], data: JSONBody[SuspensionIn], suspend: FromDishka[SuspendPayer]
    ) -> PayerOut:
        return PayerOut.of(await suspend(account_id, reason=data.reason))

    @post(
        "/billing-accounts/{account_id:uuid}/lift",
        status_code=200,
        permission=Permission.PLATFORM_MANAGE,
        summary="Lift a billing account's suspension",
        description=getdoc(LiftPayer),
        response_description="The billing account, active again.",
        responses=problems(409),
    )
    async def lift_billing_account_suspension(
        self, account_id: FromPath[UUID], lift: FromDishka[LiftPayer]
    ) -> PayerOut:
        return PayerOut.of(await lift(account_id))
