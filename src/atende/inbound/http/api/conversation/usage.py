"""What an organization used, over HTTP."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, get
from litestar.params import FromPath, QueryParameter
from msgspec import Meta

from atende.core.conversation.usage import Period, UsageReports
from atende.core.identity.permissions import Permission
from atende.core.identity.principal import Principal
from atende.core.kernel import Clock, Transaction, in_credits
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.errors import problems
from atende.inbound.http.security.resource_scope import PermissionTarget
from atende.inbound.http.wire.structs import Out
from atende.inbound.http.wire.timestamps import DATE_TIME, moment


class UsageOut(Out):
    """Of the organization with all its projects. What is said to be of now does not depend on the period."""

    organization_id: UUID
    since: Annotated[datetime, Meta(description="The first moment of the period.")]
    until: Annotated[datetime, Meta(description="The first moment after the period.")]
    conversations: Annotated[int, Meta(description="Opened in the period.")]
    conversation_seconds: Annotated[int, Meta(description="From start to end, of those of them that have ended.")]
    messages_in: Annotated[int, Meta(description="Written by customers in the period.")]
    messages_out: Annotated[int, Meta(description="Written to customers in the period, whatever became of them.")]
    rag_queries: Annotated[int, Meta(description="Questions to the documents in the period, outside of conversations.")]
    documents: Annotated[int, Meta(description="Of now, in live projects.")]
    storage_bytes: Annotated[int, Meta(description="The size of these documents.")]
    credits_spent: Annotated[
        Decimal,
        Meta(description="Captured minus refunded in the period; below zero when more of earlier work was refunded."),
    ]
    members: Annotated[int, Meta(description="Active ones of now.")]
    projects: Annotated[int, Meta(description="Live ones of now.")]


class UsageController(ApiController):
    """Usage of an organization."""

    path = "/organizations/{organization_id:uuid}/usage"
    tags = ("organizations",)

    @get(
        permission=Permission.USAGE_READ,
        permission_on=PermissionTarget.ORGANIZATION,
        summary="Read what an organization used",
        description="In a period of up to 366 days; without one, in the current calendar month (UTC) up to now.",
        response_description="The figures of the period, and of now.",
        responses=problems(422),
    )
    async def get_organization_usage(
        self,
        organization_id: FromPath[UUID],
        request: Request[Principal, Any, Any],
        reports: FromDishka[UsageReports],
        transaction: FromDishka[Transaction],
        clock: FromDishka[Clock],
        since: Annotated[
            str | None,
            QueryParameter(
                description="From this time on (UTC without a zone); the month that the period ends in when left out.",
                schema_extra=DATE_TIME,
            ),
        ] = None,
        until: Annotated[
            str | None,
            QueryParameter(
                description="Up to before this time (UTC without a zone); now when left out.", schema_extra=DATE_TIME
            ),
        ] = None,
    ) -> UsageOut:
        period = Period.chosen(moment(since, key="since"), moment(until, key="until"), now=clock.now())
        async with transaction(request.user.scope):
            used = await reports.of(organization_id, period)
        return UsageOut.of(
            used,
            organization_id=organization_id,
            since=period.since,
            until=period.until,
            credits_spent=in_credits(used.credits_spent),
        )
