"""Usage of an organization over HTTP."""

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
from atende.inbound.http.wire.timestamps import DATE_TIME, read_time


class UsageOut(Out):
    """Usage of the organization with all its projects. Present figures do not depend on the period."""

    organization_id: UUID
    since: Annotated[datetime, Meta(description="Start of the period, a whole hour.")]
    until: Annotated[datetime, Meta(description="End of the period, a whole hour, not included.")]
    conversations: Annotated[int, Meta(description="Conversations opened in the period.")]
    conversation_seconds: Annotated[
        int, Meta(description="Total duration of those of them that have ended, in seconds.")
    ]
    messages_in: Annotated[int, Meta(description="Messages from customers in the period.")]
    messages_out: Annotated[int, Meta(description="Messages to customers in the period, delivered or not.")]
    rag_queries: Annotated[int, Meta(description="Questions to the documents in the period, outside of conversations.")]
    documents: Annotated[int, Meta(description="Present number of documents, without those of deleted projects.")]
    storage_bytes: Annotated[int, Meta(description="Total size of these documents, in bytes.")]
    credits_spent: Annotated[
        Decimal,
        Meta(description="Captured minus refunded in the period; negative if more was refunded."),
    ]
    members: Annotated[int, Meta(description="Present number of active members.")]
    projects: Annotated[int, Meta(description="Present number of projects, without deleted ones.")]


class UsageController(ApiController):
    """Usage of an organization."""

    path = "/organizations/{organization_id:uuid}/usage"
    tags = ("organizations",)

    @get(
        permission=Permission.USAGE_READ,
        permission_on=PermissionTarget.ORGANIZATION,
        summary="Get an organization's usage",
        description="For a period of up to 366 days; without one, for the current calendar month (UTC) until now. Usage is"
        " counted by the hour (UTC): the period is extended to whole hours, and `since` and `until` of the answer say which."
        " What was used stays counted when its project is deleted.",
        response_description="The figures of the period, and the present ones.",
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
                description="Start of the period (UTC unless a zone is given). Default: the start of the month that it ends in.",
                schema_extra=DATE_TIME,
            ),
        ] = None,
        until: Annotated[
            str | None,
            QueryParameter(
                description="End of the period, not included (UTC unless a zone is given). Default: now.",
                schema_extra=DATE_TIME,
            ),
        ] = None,
    ) -> UsageOut:
        period = Period.chosen(read_time(since, key="since"), read_time(until, key="until"), now=clock.now())
        async with transaction(request.user.scope):
            used = await reports.of(organization_id, period)
        return UsageOut.of(
            used,
            organization_id=organization_id,
            since=period.since,
            until=period.until,
            credits_spent=in_credits(used.credits_spent),
        )
