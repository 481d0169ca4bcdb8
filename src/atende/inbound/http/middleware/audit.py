"""Records for the audit log who calls, and on request what they read."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from atende.core.audit.model import Event, Origin
from atende.core.audit.ports import AuditLog
from atende.core.identity.permissions import PLATFORM, Permission
from atende.core.identity.principal import Principal
from atende.core.kernel import Transaction, personal


def audit_guard(*, reads: bool) -> Guard:
    """A guard for after `authorize`. With `reads` every GET of a known caller leaves a record; reads of operators always do."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        principal = connection.scope.get("user")
        if not isinstance(principal, Principal):
            return
        container = connection.state.dishka_container
        (await container.get(Origin)).actor = principal.actor
        permission = handler.opt.get("permission")
        if connection.scope.get("method") != "GET" or not isinstance(permission, Permission):
            return
        as_operator = permission in PLATFORM and principal.user_id is not None
        if reads or as_operator:
            scope = personal(principal.user_id) if as_operator and principal.user_id else principal.scope
            transaction, audit = await container.get(Transaction), await container.get(AuditLog)
            async with transaction(scope):
                await audit.add(scope, _read_event(connection, permission))

    return guard


def _read_event(connection: ASGIConnection[Any, Any, Any, Any], permission: Permission) -> Event:
    """Without the query string, which may hold what somebody searched for."""
    found = [str(value) for value in connection.scope.get("path_params", {}).values()]
    return Event(
        action=f"{permission.resource}.read",
        resource_type=permission.resource,
        resource_id=found[-1] if found else "",
        description=f"GET {connection.scope['path']}",
    )
