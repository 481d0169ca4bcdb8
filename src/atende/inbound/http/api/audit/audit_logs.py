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
from atende.inbound.http.wire.timestamps import DATE_TIME, moment


class ActorOut(Out):
    kind: ActorKind
    id: UUID | None


class AuditRecordOut(Out):
    """One change, or one look where looks are recorded. Secrets are taken out of the values."""

    id: UUID
    actor: Annotated[ActorOut, Meta(description="A person, an API key, the program itself, or somebody unknown.")]
    action: Annotated[str, Meta(description="For example `project.create`.")]
    resource_type: str
    resource_id: str
    tenant_id: Annotated[str | None, Meta(description="Of the project where it happened, if it happened in one.")]
    description: str
    old_values: dict[str, Any] | None
    new_values: dict[str, Any] | None
    ip_address: str
    user_agent: str
    request_id: Annotated[str, Meta(description="The `X-Request-Id` of the call.")]
    status: AuditStatus
    error_message: str
    created_at: datetime


def wanted_records(
    action: Annotated[str | None, QueryParameter(max_length=100, description="Only this action.")] = None,
    resource_type: Annotated[
        str | None, QueryParameter(name="resourceType", max_length=100, description="Only resources of this kind.")
    ] = None,
    resource_id: Annotated[
        str | None, QueryParameter(name="resourceId", max_length=255, description="Only this resource.")
    ] = None,
    actor_id: Annotated[
        UUID | None, QueryParameter(name="actorId", description="Only what this person or API key did.")
    ] = None,
    status: Annotated[AuditStatus | None, QueryParameter(description="Only with this outcome.")] = None,
    since: Annotated[
        str | None,
        QueryParameter(description="Only from this time on (UTC without a zone).", schema_extra=DATE_TIME),
    ] = None,
    until: Annotated[str | None, QueryParameter(description="Only before this time.", schema_extra=DATE_TIME)] = None,
) -> Filter:
    """The filters of a list."""
    return Filter(
        action=action and clean_text(action, key="action"),
        resource_type=resource_type and clean_text(resource_type, key="resourceType"),
        resource_id=resource_id and clean_text(resource_id, key="resourceId"),
        actor_id=actor_id,
        status=status,
        since=moment(since, key="since"),
        until=moment(until, key="until"),
    )


class AuditLogsController(ApiController):
    """The audit log of an organization."""

    path = "/audit-logs"
    tags = ("audit",)

    @get(
        permission=Permission.AUDIT_READ,
        dependencies={"wanted": Provide(wanted_records, sync_to_thread=False)},
        summary="List the audit log",
        description="Who changed what, newest first: one record for every call that changed something here."
        " With a key of one project, or `X-Project-Id`, what happened in that project alone.",
        response_description="One page of records.",
    )
    async def list_audit_logs(
        self,
        read_scope: NamedDependency[TenantScope],
        wanted: NamedDependency[Filter],
        page_request: NamedDependency[PageRequest],
        trail: FromDishka[AuditTrail],
        transaction: FromDishka[Transaction],
    ) -> PageOut[AuditRecordOut]:
        async with transaction(read_scope):
            found = await trail.page(read_scope, wanted, **page_request.arguments)
        return page_request.respond(found, AuditRecordOut.of)


class PlatformAuditLogsController(ApiController):
    """The audit log of the installation."""

    path = "/admin/audit-logs"
    tags = ("admin",)

    @get(
        permission=Permission.PLATFORM_READ,
        dependencies={"wanted": Provide(wanted_records, sync_to_thread=False)},
        summary="List the installation's audit log",
        description="What operators did and read, what people did to their own accounts, and every sign-in, successful or not;"
        " newest first.",
        response_description="One page of records.",
    )
    async def list_platform_audit_logs(
        self,
        request: Request[Principal, Any, Any],
        wanted: NamedDependency[Filter],
        page_request: NamedDependency[PageRequest],
        trail: FromDishka[AuditTrail],
        transaction: FromDishka[Transaction],
    ) -> PageOut[AuditRecordOut]:
        scope = TenantScope(PLATFORM.organization_id, user_id=request.user.user_id)
        async with transaction(scope):
            found = await trail.page(scope, wanted, **page_request.arguments)
        return page_request.respond(found, AuditRecordOut.of)
