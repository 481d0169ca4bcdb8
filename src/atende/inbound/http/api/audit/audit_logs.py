"""The audit log over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter
from msgspec import Meta

from atende.core.audit.model import ActorKind, AuditStatus, Filter
from atende.core.audit.ports import AuditTrail
from atende.core.identity.permissions import Permission
from atende.core.identity.principal import Principal
from atende.core.kernel import PLATFORM, TenantScope, Transaction
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.wire.pages import PageOut, PageRequest
from atende.inbound.http.wire.requests import clean_text
from atende.inbound.http.wire.structs import Out
from atende.inbound.http.wire.timestamps import DATE_TIME, read_time


class ActorOut(Out):
    kind: ActorKind
    id: UUID | None


class AuditRecordOut(Out):
    """One change, or one read where reads are recorded. Secrets are removed from the values."""

    id: UUID
    actor: Annotated[ActorOut, Meta(description="A user, an API key, the system, or an unknown caller.")]
    action: Annotated[str, Meta(description="For example `project.create`.")]
    resource_type: str
    resource_id: str
    tenant_id: Annotated[str | None, Meta(description="Tenant id of the project, for actions in a project.")]
    description: str
    old_values: dict[str, Any] | None
    new_values: dict[str, Any] | None
    ip_address: str
    user_agent: str
    request_id: Annotated[str, Meta(description="The `X-Request-Id` of the call.")]
    status: AuditStatus
    error_message: str
    created_at: datetime


def record_filter(
    action: Annotated[str | None, QueryParameter(max_length=100, description="Only this action.")] = None,
    resource_type: Annotated[
        str | None, QueryParameter(name="resourceType", max_length=100, description="Only this type of resource.")
    ] = None,
    resource_id: Annotated[
        str | None, QueryParameter(name="resourceId", max_length=255, description="Only this resource.")
    ] = None,
    actor_id: Annotated[
        UUID | None, QueryParameter(name="actorId", description="Only actions of this user or API key.")
    ] = None,
    status: Annotated[AuditStatus | None, QueryParameter(description="Only records with this outcome.")] = None,
    since: Annotated[
        str | None,
        QueryParameter(
            description="Only records from this time on (UTC unless a zone is given).", schema_extra=DATE_TIME
        ),
    ] = None,
    until: Annotated[
        str | None,
        QueryParameter(
            description="Only records before this time (UTC unless a zone is given).", schema_extra=DATE_TIME
        ),
    ] = None,
) -> Filter:
    """The filters in the query."""
    return Filter(
        action=action and clean_text(action, key="action"),
        resource_type=resource_type and clean_text(resource_type, key="resourceType"),
        resource_id=resource_id and clean_text(resource_id, key="resourceId"),
        actor_id=actor_id,
        status=status,
        since=read_time(since, key="since"),
        until=read_time(until, key="until"),
    )


class AuditLogsController(ApiController):
    """The audit log of an organization."""

    path = "/audit-logs"
    tags = ("audit",)

    @get(
        permission=Permission.AUDIT_READ,
        dependencies={"filters": Provide(record_filter, sync_to_thread=False)},
        summary="List the audit log",
        description="Newest first: one record for every call that changed something in the organization. With an API"
        " key that is bound to a project, or with `X-Project-Id`, the records of that project only.",
        response_description="One page of records.",
    )
    async def list_audit_logs(
        self,
        read_scope: NamedDependency[TenantScope],
        filters: NamedDependency[Filter],
        page_request: NamedDependency[PageRequest],
        trail: FromDishka[AuditTrail],
        transaction: FromDishka[Transaction],
    ) -> PageOut[AuditRecordOut]:
        async with transaction(read_scope):
            found = await trail.page(read_scope, filters, **page_request.arguments)
        return page_request.respond(found, AuditRecordOut.of)


class PlatformAuditLogsController(ApiController):
    """The audit log of the installation."""

    path = "/admin/audit-logs"
    tags = ("admin",)

    @get(
        permission=Permission.PLATFORM_READ,
        dependencies={"filters": Provide(record_filter, sync_to_thread=False)},
        summary="List the audit log of the installation",
        description="Newest first: what operators changed and read, what users did to their own accounts, and every"
        " sign-in, successful or not.",
        response_description="One page of records.",
    )
    async def list_platform_audit_logs(
        self,
        request: Request[Principal, Any, Any],
        filters: NamedDependency[Filter],
        page_request: NamedDependency[PageRequest],
        trail: FromDishka[AuditTrail],
        transaction: FromDishka[Transaction],
    ) -> PageOut[AuditRecordOut]:
        scope = TenantScope(PLATFORM.organization_id, user_id=request.user.user_id)
        async with transaction(scope):
            found = await trail.page(scope, filters, **page_request.arguments)
        return page_request.respond(found, AuditRecordOut.of)
